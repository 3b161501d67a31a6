//! Every public future can be spawned on a native executor, for any host.

use playerlink::host::{Host, NativeHost, SimHost};
use playerlink::linking::LinkingFlow;
use playerlink::playfab::server::PlayFabServer;
use playerlink::playfab::{self, PlayFab, PlayFabSession, Registration, Unlink};
use playerlink::rallyhere::{
    Credential, Leader, OauthPortal, OauthRetry, PersonSelector, PlatformIdentity, RallyHere, RallyHereSession,
};
use playerlink::xsolla::server::{CustomIdLogin, LinkByCode, TokenVerifier, XsollaServer};
use playerlink::xsolla::{self, DeviceKind, SilentLogin, SocialToken, Ticket, UserToken, Xsolla, XsollaSession};
use playerlink::{Agreements, Secret, Session};

fn is_send<T: Send>(_: T) {}

/// Never run: that it compiles is the proof. Each name is also in [`NAMES`].
#[allow(dead_code, reason = "that it compiles is the proof")]
fn every_playfab_future_is_send<H: Host>(
    playfab: &PlayFab<H>,
    player: &PlayFabSession<H>,
    server: &PlayFabServer<H>,
    presented: &playfab::server::Credential,
    unlink: &playfab::server::Unlink,
) {
    is_send(playfab.restore());
    is_send(playfab.restore_account("A1"));
    is_send(playfab.accounts());
    is_send(playfab.login(playfab::Credential::steam("t")));
    is_send(playfab.register(&Registration::new("p")));
    is_send(player.link(&playfab::Credential::steam("t")));
    is_send(player.unlink(&Unlink::steam()));
    is_send(player.call("Client/GetAccountInfo", "{}"));
    is_send(player.playfab_ids_of_nintendo_accounts(&["n"]));
    is_send(server.login(presented));
    is_send(server.link("p", presented));
    is_send(server.unlink("p", unlink));
    is_send(server.authenticate_session_ticket(&Secret::new("t")));
    is_send(server.title_token());
    is_send(server.playfab_ids_of_nintendo_accounts(&["n"]));
}

/// Never run, as above.
#[allow(dead_code, reason = "that it compiles is the proof")]
fn every_linking_future_is_send<H: Host>(flow: &LinkingFlow<H, XsollaSession<H>>) {
    is_send(flow.run());
}

/// Never run, as above.
#[allow(dead_code, reason = "that it compiles is the proof")]
fn every_xsolla_future_is_send<H: Host>(
    xsolla: &Xsolla<H>,
    user: &XsollaSession<H>,
    server: &XsollaServer<H>,
    verifier: &TokenVerifier<H>,
    token: &UserToken,
) {
    let secret = Secret::new("s");
    let (oauth, jwt) = (xsolla::Oauth::new, xsolla::Jwt::new);
    is_send(xsolla.silent_login(SilentLogin::steam("480", Ticket::hex(b"t")), jwt()));
    is_send(xsolla.register(xsolla::Registration::new("kai", "pw", "kai@example.com"), oauth()));
    is_send(xsolla.password_login("kai", &secret, jwt()));
    is_send(xsolla.device_login(DeviceKind::Android, "model", &secret, oauth()));
    is_send(xsolla.social_token_login("google", SocialToken::new("t"), oauth()));
    is_send(xsolla.session_from_launcher(Vec::new(), ""));
    is_send(xsolla.complete_redirect("https://example.com/", None));
    is_send(user.social_links());
    is_send(user.social_link_url("google", None));
    is_send(user.remove_social_link("google"));
    is_send(server.linking_info(&[]));
    is_send(server.validate_token(token));
    is_send(server.project_keys(""));
    is_send(server.server_token());
    is_send(verifier.verify(token));
}

/// The same for the other services.
#[allow(dead_code, reason = "that it compiles is the proof")]
fn every_future_is_send<H: Host>(
    rallyhere: &RallyHere<H>,
    player: &RallyHereSession<H>,
    session: &Session<H>,
    xsolla: &Xsolla<H>,
    user: &XsollaSession<H>,
    server: &XsollaServer<H>,
    retry: &OauthRetry,
) {
    let (secret, all) = (Secret::new("s"), Agreements::ALL);
    let identity = PlatformIdentity::new("Steam", "s1");
    is_send(rallyhere.restore());
    is_send(rallyhere.restore_account(""));
    is_send(rallyhere.accounts());
    is_send(rallyhere.login(Credential::steam("t")));
    is_send(rallyhere.client_token());
    is_send(rallyhere.oauth_client_token());
    is_send(rallyhere.portal_token_details("ps4_v1", &secret));
    is_send(rallyhere.begin_oauth(OauthPortal::Steam, None));
    is_send(rallyhere.complete_oauth_url("https://x/", all));
    is_send(rallyhere.complete_oauth(&secret, all));
    is_send(rallyhere.retry_oauth(retry, all));
    is_send(rallyhere.public_keys());
    is_send(rallyhere.public_key("kid"));
    is_send(player.verify());
    is_send(player.links());
    is_send(player.links_of("p"));
    is_send(player.link(&secret));
    is_send(player.link_to(&Leader::Person("p".into()), Some(&identity)));
    is_send(player.unlink(None));
    is_send(player.enable_cross_progression(Some(&identity)));
    is_send(player.disable_cross_progression());
    is_send(player.disable_cross_progression_of(&PersonSelector::Person("p".into())));
    is_send(player.person_restrictions());
    is_send(player.player_restrictions());
    is_send(session.access_token());
    is_send(session.refresh());
    is_send(session.logout());
    is_send(xsolla.restore());
    is_send(xsolla.login("nova", &secret));
    is_send(xsolla.session_from_token("jwt"));
    is_send(xsolla.begin_oauth(None));
    is_send(xsolla.complete_oauth_url("https://x/"));
    is_send(xsolla.complete_oauth(&secret));
    is_send(user.create_linking_code());
    is_send(user.profile());
    is_send(server.login_with_custom_id(&CustomIdLogin::new("id")));
    is_send(server.link_by_code(&LinkByCode { code: secret.clone(), platform: String::new(), user_id: String::new() }));
}

const NAMES: &[&str] = &[
    "complete_redirect",
    "device_login",
    "password_login",
    "run",
    "linking_info",
    "project_keys",
    "register",
    "remove_social_link",
    "server_token",
    "session_from_launcher",
    "silent_login",
    "social_link_url",
    "social_links",
    "social_token_login",
    "validate_token",
    "access_token",
    "authenticate_session_ticket",
    "call",
    "begin_oauth",
    "client_token",
    "complete_oauth",
    "complete_oauth_url",
    "create_linking_code",
    "disable_cross_progression",
    "disable_cross_progression_of",
    "enable_cross_progression",
    "link",
    "link_by_code",
    "link_to",
    "links",
    "links_of",
    "login",
    "login_with_custom_id",
    "logout",
    "oauth_client_token",
    "person_restrictions",
    "player_restrictions",
    "playfab_ids_of_nintendo_accounts",
    "portal_token_details",
    "profile",
    "public_key",
    "public_keys",
    "refresh",
    "register",
    "accounts",
    "close_and_settle",
    "make_active",
    "restore",
    "restore_account",
    "retry_oauth",
    "session_from_token",
    "title_token",
    "unlink",
    "verify",
];

#[test]
fn handles_can_be_shared_between_threads() {
    fn is_shared<T: Send + Sync + 'static>() {}
    is_shared::<RallyHere<NativeHost>>();
    is_shared::<RallyHereSession<NativeHost>>();
    is_shared::<Session<NativeHost>>();
    is_shared::<Xsolla<SimHost>>();
    is_shared::<XsollaSession<SimHost>>();
    is_shared::<XsollaServer<NativeHost>>();
    is_shared::<PlayFab<SimHost>>();
    is_shared::<PlayFabSession<NativeHost>>();
    is_shared::<PlayFabServer<NativeHost>>();
    is_shared::<playerlink::Error>();
}

#[test]
fn no_public_future_is_missing_in_that_proof() {
    let mut found = std::collections::BTreeSet::new();
    let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                if !path.ends_with("bindings") && !path.ends_with("host") {
                    folders.push(path);
                }
                continue;
            }
            let source = std::fs::read_to_string(path).unwrap();
            for rest in source.split("    pub async fn ").skip(1) {
                found.insert(rest.split(['(', '<']).next().unwrap().to_owned());
            }
        }
    }
    let known: std::collections::BTreeSet<String> = NAMES.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(found, known, "add the new call to `every_future_is_send` and to NAMES");
}
