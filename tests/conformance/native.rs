//! Plays the scenarios on `NativeHost`. What a scenario means is told in `scenarios.json`; its twin is `play.mjs`.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use playerlink::host::NativeHost;
use playerlink::playfab::{self, PlayFab, PlayFabSession, Unlink};
use playerlink::rallyhere::{
    self, Changed, CompletedOauth, Credential, Leader, LinkedAccount, Links, LoginResult, PlatformIdentity, PublicKey,
    RallyHere, RallyHereSession,
};
use playerlink::xsolla::{self, Jwt, Profile, Registration, SignIn, SilentLogin, Ticket, Xsolla, XsollaSession};
use playerlink::{Agreements, Error, ErrorKind, Player, Restriction, Result, Secret};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::server::{SCENARIOS, Server};
use super::stored::{entries, tamper, without_mark};

/// A call that takes longer hangs; no scenario comes near.
const GUARD: Duration = Duration::from_secs(30);

#[derive(Deserialize)]
struct File {
    sentences: BTreeMap<String, String>,
    scenarios: Vec<Scenario>,
    construct: Vec<Construct>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Scenario {
    name: String,
    call: String,
    #[serde(default)]
    args: Map<String, Value>,
    #[serde(default)]
    fresh: bool,
    stored: Option<Value>,
    #[serde(default)]
    closed: bool,
    deadline_ms: Option<u64>,
    #[serde(default)]
    retries: bool,
    responses: Vec<Value>,
    expect: Value,
    keeps: Option<String>,
    /// What Node must come to, and why it is not the same.
    #[serde(rename = "node")]
    _node: Option<Value>,
    #[serde(rename = "why")]
    _why: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Construct {
    name: String,
    service: String,
    options: Value,
    only: Option<String>,
    expect: Value,
}

fn file() -> File {
    serde_json::from_str(&std::fs::read_to_string(SCENARIOS).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_input_gives_one_typed_error_and_loses_nothing_that_is_stored() {
    static PANICS: AtomicUsize = AtomicUsize::new(0);
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        PANICS.fetch_add(1, Ordering::Relaxed);
        report(info);
    }));
    let (file, server) = (Arc::new(file()), Arc::new(Server::start()));
    let mut failures = Vec::new();
    for index in 0..file.scenarios.len() {
        let scenario = &file.scenarios[index];
        let before = PANICS.load(Ordering::Relaxed);
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("conformance-{index}"));
        let _ = std::fs::remove_dir_all(&folder);
        // In a task of its own, so that a panic costs one scenario and not the list.
        let (all, at, store) = (file.clone(), server.clone(), folder.clone());
        let task = async move { play(&all.scenarios[index], &all.sentences, &at.bases[index], &store).await };
        let mut problems = tokio::spawn(task).await.unwrap_or_default();
        let healthy = World { base: &server.good, folder: None, deadline_ms: None, retries: false };
        if let Err(error) = healthy.rallyhere().login(Credential::steam("14000000ab")).await {
            problems.push(format!("the next good call failed: {error}"));
        }
        if PANICS.load(Ordering::Relaxed) > before {
            problems.push("something panicked".into());
        }
        failures.extend(problems.into_iter().map(|problem| format!("{}: {problem}", scenario.name)));
        let _ = std::fs::remove_dir_all(&folder);
    }
    failures.extend(server.unplayed().into_iter().map(|name| format!("{name}: was not played to its end")));
    assert!(failures.is_empty(), "{} problems:\n{}", failures.len(), failures.join("\n"));
}

#[tokio::test]
async fn mistakes_in_the_configuration_are_found_at_construction() {
    let file = file();
    let native = || file.construct.iter().filter(|row| row.only.is_none());
    let mut failures = Vec::new();
    for row in native() {
        let options = &row.options;
        let result = match row.service.as_str() {
            "rallyhere" => {
                let mut config = match options["baseUrl"].as_str() {
                    Some(url) => rallyhere::Config::base_url(url),
                    None => rallyhere::Config::environment(&text(options, "environment")),
                };
                config = config.client(text(options, "clientId"), text(options, "clientSecret"));
                if let Some(ms) = options["deadlineMs"].as_u64() {
                    config = config.timeout_ms(ms);
                }
                RallyHere::new(config, NativeHost::new().unwrap()).map(|_| ())
            }
            "playfab" => {
                let mut config = playfab::Config::title(text(options, "titleId"));
                if let Some(url) = options["baseUrl"].as_str() {
                    config = config.base_url(url);
                }
                PlayFab::new(config, NativeHost::new().unwrap()).map(|_| ())
            }
            _ => {
                let mut config = xsolla::Config::project(text(options, "projectId"))
                    .oauth(text(&options["oauth"], "clientId"), text(&options["oauth"], "redirectUri"));
                if let Some(url) = options["baseUrl"].as_str() {
                    config = config.base_url(url);
                }
                if let Some(ms) = options["deadlineMs"].as_u64() {
                    config = config.timeout_ms(ms);
                }
                Xsolla::new(config, NativeHost::new().unwrap()).map(|_| ())
            }
        };
        let outcome = outcome(result.map(|()| Value::Null));
        if let Some(problem) = compare(&row.expect, &outcome, &file.sentences) {
            failures.push(format!("{}: {problem}", row.name));
        }
    }
    assert!(native().count() > 0 && failures.is_empty(), "{}", failures.join("\n"));
}

async fn play(scenario: &Scenario, sentences: &BTreeMap<String, String>, base: &str, folder: &Path) -> Vec<String> {
    let mut problems = Vec::new();
    let world = World { base, folder: Some(folder), deadline_ms: None, retries: false };
    let (service, call) = scenario.call.split_once('.').unwrap();
    if !scenario.fresh && guarded(world.sign_in(service)).await.is_none() {
        return vec!["nobody could sign in beforehand".into()];
    }
    if let Some(stored) = &scenario.stored {
        tamper(folder, stored);
    }
    let before = entries(folder);
    let restored = world.clone().with(scenario.deadline_ms, scenario.retries);
    let Some(result) = guarded(restored.call(service, call, &scenario.args, scenario.closed)).await else {
        return vec!["the call never ended".into()];
    };
    problems.extend(compare(&scenario.expect, &outcome(result), sentences));

    let keeps = scenario.keeps.as_deref().unwrap_or("same");
    let mut after = entries(folder);
    // The mark for an answer that was lost is written beside the call.
    for _ in 0..200 {
        if keeps != "stale" || after != before {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
        after = entries(folder);
    }
    let refused = scenario.responses.iter().any(|answer| answer["refuse"] == true);
    match keeps {
        "none" if !after.is_empty() => problems.push(format!("something was stored: {after:?}")),
        "same" | "paused" if after != before => {
            problems.push(format!("the store changed from {before:?} to {after:?}"))
        }
        "any" if after != before => problems.push("what could not be read was changed".into()),
        "rotated" if after == before => problems.push("nothing new was stored".into()),
        "stale" if after == before || without_mark(&after) != before => {
            problems.push(format!("the store changed from {before:?} to {after:?}"));
        }
        "same" | "rotated" | "stale" => match guarded(world.refresh_restored(service, !refused)).await {
            Some(Ok(true)) => {}
            other => problems.push(format!("the stored session does not work: {other:?}")),
        },
        // What the service asked for with `Retry-After` holds after a restart too.
        "paused" => match guarded(world.refresh_restored(service, true)).await {
            Some(Err(error)) if error.kind() == ErrorKind::Busy && error.retry_after_ms().is_some() => {}
            other => problems.push(format!("the service is not left alone: {other:?}")),
        },
        "ended" | "struck" => {
            if let Some(text) = after.values().find(|(_, text)| text.contains("refresh-")) {
                problems.push(format!("a refresh token was left in the store: {text:?}"));
            }
            match guarded(world.refresh_restored(service, keeps == "struck")).await {
                Some(Ok(false)) if keeps == "ended" => {}
                Some(Err(error)) if keeps == "struck" && error.kind() == ErrorKind::SessionOver => {}
                other => problems.push(format!("an ended session was restored: {other:?}")),
            }
        }
        _ => {}
    }
    problems
}

async fn guarded<T>(work: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(GUARD, work).await.ok()
}

/// Where a client lives: its service and its store.
#[derive(Clone)]
struct World<'a> {
    base: &'a str,
    folder: Option<&'a Path>,
    deadline_ms: Option<u64>,
    retries: bool,
}

impl World<'_> {
    fn with(mut self, deadline_ms: Option<u64>, retries: bool) -> Self {
        (self.deadline_ms, self.retries) = (deadline_ms, retries);
        self
    }

    fn host(&self) -> NativeHost {
        let host = NativeHost::new().unwrap();
        match self.folder {
            Some(folder) => host.store_in(folder),
            None => host,
        }
    }

    fn rallyhere(&self) -> RallyHere<NativeHost> {
        let config = rallyhere::Config::base_url(self.base)
            .client("game", "embedded")
            .timeout_ms(self.deadline_ms.unwrap_or(10_000))
            .retries(self.retries);
        RallyHere::new(config, self.host()).unwrap()
    }

    fn xsolla(&self) -> Xsolla<NativeHost> {
        let config = xsolla::Config::project("f6c5011a-715e-4e5e-b7b1-a4812d85b8c8")
            .oauth("57", "http://127.0.0.1/callback")
            .base_url(self.base)
            .timeout_ms(self.deadline_ms.unwrap_or(10_000));
        Xsolla::new(config, self.host()).unwrap()
    }

    fn playfab(&self) -> PlayFab<NativeHost> {
        let config = playfab::Config::title("ABCD1").base_url(self.base).timeout_ms(self.deadline_ms.unwrap_or(10_000));
        PlayFab::new(config, self.host()).unwrap()
    }

    async fn sign_in(&self, service: &str) {
        match service {
            "playfab" => drop(self.playfab().login(playfab::Credential::steam("14000000ab")).await.unwrap()),
            "rallyhere" => drop(self.rallyhere().login(Credential::steam("14000000ab")).await.unwrap()),
            _ => drop(self.xsolla().login("nova", &"secret".into()).await.unwrap()),
        }
    }

    /// Whether there is a session to restore, after refreshing it when `refresh`.
    async fn refresh_restored(&self, service: &str, refresh: bool) -> Result<bool> {
        let session = match service {
            "playfab" => self.playfab().restore().await.map(|session| (*session).clone()),
            "rallyhere" => self.rallyhere().restore().await.map(|session| (*session).clone()),
            _ => self.xsolla().restore().await.map(|session| (*session).clone()),
        };
        let Some(session) = session else { return Ok(false) };
        if refresh {
            session.refresh().await?;
        }
        Ok(true)
    }

    async fn call(&self, service: &str, call: &str, args: &Map<String, Value>, closed: bool) -> Result<Value> {
        match service {
            "playfab" => playfab_call(&self.playfab(), call, closed).await,
            "rallyhere" => rallyhere_call(&self.rallyhere(), call, args, closed).await,
            _ => xsolla_call(&self.xsolla(), call, args, closed).await,
        }
    }
}

/// The arguments are JavaScript's: a Steam ticket each time.
async fn playfab_call(client: &PlayFab<NativeHost>, call: &str, closed: bool) -> Result<Value> {
    let steam = || playfab::Credential::steam("14000000ab");
    let signed_in = |session: Option<PlayFabSession<NativeHost>>| match session {
        Some(session) => json!({ "player": player(&session.player()) }),
        None => Value::Null,
    };
    match call {
        "login" => return Ok(signed_in(Some(client.login(steam()).await?))),
        "restore" => return Ok(signed_in(client.restore().await)),
        _ => {}
    }
    let session = client.restore().await.expect("the session signed in beforehand is there");
    if closed {
        session.close();
    }
    match call {
        "link" => session.link(&steam()).await.map(|()| Value::Null),
        "unlink" => session.unlink(&Unlink::steam()).await.map(|()| Value::Null),
        "refresh" => {
            session.refresh().await.map(|done| json!({ "changed": done.changed, "player": player(&done.player) }))
        }
        "logout" => Ok(json!({ "revoked": session.logout().await.revoked })),
        other => panic!("no call {other}"),
    }
}

async fn rallyhere_call(
    client: &RallyHere<NativeHost>,
    call: &str,
    args: &Map<String, Value>,
    closed: bool,
) -> Result<Value> {
    let args = &Value::Object(args.clone());
    let signed_in = |session: Option<RallyHereSession<NativeHost>>| match session {
        Some(session) => json!({ "player": player(&session.player()) }),
        None => Value::Null,
    };
    match call {
        "login" => return Ok(signed_in(Some(client.login(Credential::steam("14000000ab")).await?))),
        "loginResult" => {
            let session = client.login(Credential::steam("14000000ab")).await?;
            return Ok(login_result(&session.login_result().unwrap()));
        }
        "restore" => return Ok(signed_in(client.restore().await)),
        "publicKeys" => return Ok(client.public_keys().await?.iter().map(public_key).collect()),
        "oauthClientToken" => {
            let token = client.oauth_client_token().await?;
            return Ok(json!({ "accessToken": token.access_token.expose(), "permissions": token.permissions }));
        }
        "portalTokenDetails" => {
            let details = client.portal_token_details(&text(args, "grant"), &secret(args, "token")).await?;
            return Ok(details.into_iter().map(|(key, text)| (key, Value::from(text))).collect());
        }
        "completeOauth" => {
            return match client.complete_oauth(&secret(args, "code"), Agreements::default()).await? {
                CompletedOauth::SignedIn(session) => Ok(signed_in(Some(session))),
                CompletedOauth::NeedsAgreements(needs, _) => Ok(json!({ "needs": agreements(needs) })),
                CompletedOauth::Interrupted(error, _) => Err(error),
            };
        }
        _ => {}
    }
    let session = client.restore().await.expect("the session signed in beforehand is there");
    if closed {
        session.close();
    }
    let identity =
        args["platform"].as_str().map(|platform| PlatformIdentity::new(platform, text(args, "platformUserId")));
    match call {
        "links" => session.links().await.map(|all| links(&all)),
        "verify" => session.verify().await.map(|()| Value::Null),
        "accessToken" => session.access_token().await.map(|_| Value::Null),
        "refresh" => {
            session.refresh().await.map(|done| json!({ "changed": done.changed, "player": player(&done.player) }))
        }
        "logout" => Ok(json!({ "revoked": session.logout().await.revoked })),
        "restrictions" if args["of"] == "person" => session.person_restrictions().await.map(|list| restrictions(&list)),
        "restrictions" => session.player_restrictions().await.map(|list| restrictions(&list)),
        "enableCrossProgression" => session.enable_cross_progression(identity.as_ref()).await.map(changed),
        "link" => session.link_to(&Leader::AccessToken(secret(args, "leaderAccessToken")), None).await.map(changed),
        other => panic!("no call {other}"),
    }
}

async fn xsolla_call(
    client: &Xsolla<NativeHost>,
    call: &str,
    args: &Map<String, Value>,
    closed: bool,
) -> Result<Value> {
    let args = &Value::Object(args.clone());
    let signed_in = |session: Option<XsollaSession<NativeHost>>| match session {
        Some(session) => json!({ "player": player(&session.player()) }),
        None => Value::Null,
    };
    match call {
        "login" => {
            let username = args["username"].as_str().unwrap_or("nova");
            let password = Secret::new(args["password"].as_str().unwrap_or("secret"));
            return Ok(signed_in(Some(client.login(username, &password).await?)));
        }
        "restore" => return Ok(signed_in(client.restore().await)),
        "completeRedirect" => return Ok(signed_in(Some(client.complete_oauth(&secret(args, "code")).await?))),
        "silentLogin" => {
            let login = SilentLogin::steam("480", Ticket::verbatim("140000ff"));
            return Ok(came(client.silent_login(login, Jwt::new()).await?));
        }
        "register" => {
            let registration = Registration::new("vega", "long enough", "vega@example.com");
            return Ok(came(client.register(registration, Jwt::new()).await?));
        }
        "sessionFromToken" => return Ok(signed_in(Some(client.session_from_token(secret(args, "token")).await?))),
        _ => {}
    }
    let session = client.restore().await.expect("the session signed in beforehand is there");
    if closed {
        session.close();
    }
    match call {
        "createLinkingCode" => session.create_linking_code().await.map(|code| json!({ "code": code.code.expose() })),
        "profile" => session.profile().await.map(|it| profile(&it)),
        "socialLinks" => session.social_links().await.map(|links| {
            links.iter().map(|link| json!({ "network": link.network, "socialId": link.social_id })).collect()
        }),
        "refresh" => {
            session.refresh().await.map(|done| json!({ "changed": done.changed, "player": player(&done.player) }))
        }
        "logout" => Ok(json!({ "revoked": session.logout().await.revoked })),
        other => panic!("no call {other}"),
    }
}

fn came(came: SignIn<NativeHost>) -> Value {
    match came {
        SignIn::SignedIn(session) => json!({ "outcome": "signed-in", "player": player(&session.player()) }),
        SignIn::NeedsUserData(needs) => json!({ "outcome": "needs-user-data", "url": needs.url.expose() }),
        _ => json!({ "outcome": "needs-email-confirmation" }),
    }
}

fn changed(done: Changed) -> Value {
    let code = done.code.as_ref().map(|code| code.as_str());
    json!({ "changed": done.changed, "code": code, "playerChanged": done.player_changed, "player": player(&done.player) })
}

fn player(player: &Player) -> Value {
    json!({
        "playerId": player.player_id, "personId": player.person_id, "platform": player.platform,
        "platformUserId": player.platform_user_id, "displayName": player.display_name,
    })
}

fn agreements(agreements: Agreements) -> Value {
    json!({
        "eula": agreements.eula, "termsOfService": agreements.terms_of_service,
        "privacyPolicy": agreements.privacy_policy,
    })
}

fn restrictions(list: &[Restriction]) -> Value {
    let restriction = |it: &Restriction| {
        let mut restriction = json!({ "type": it.kind, "expiresAt": it.expires_at });
        if let Some(reason) = &it.reason {
            restriction["reason"] = reason.as_str().into();
        }
        restriction
    };
    list.iter().map(restriction).collect()
}

fn links(links: &Links) -> Value {
    let account = |it: &LinkedAccount| {
        without_nulls(json!({
            "platform": it.platform, "platformUserId": it.platform_user_id, "displayName": it.display_name,
            "playerId": it.player_id,
        }))
    };
    let accounts: Value = links.accounts.iter().map(account).collect();
    without_nulls(json!({
        "playerId": links.player_id, "personId": links.person_id, "activePlayerId": links.active_player_id,
        "roleId": links.role_id, "accounts": accounts,
    }))
}

fn login_result(result: &LoginResult) -> Value {
    without_nulls(json!({
        "platform": result.platform, "permissions": result.permissions, "roleId": result.role_id,
        "restrictions": restrictions(&result.restrictions),
    }))
}

fn public_key(key: &PublicKey) -> Value {
    json!({ "kid": key.kid, "kty": key.kty, "n": key.n, "e": key.e })
}

fn profile(profile: &Profile) -> Value {
    without_nulls(json!({
        "id": profile.id, "username": profile.username, "nickname": profile.nickname,
        "isAnonymous": profile.is_anonymous,
    }))
}

fn without_nulls(mut object: Value) -> Value {
    object.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    object
}

fn text(object: &Value, name: &str) -> String {
    object[name].as_str().unwrap_or_default().to_owned()
}

fn secret(object: &Value, name: &str) -> Secret {
    Secret::new(text(object, name))
}

/// `{ ok }`, or the error's fields by the names JavaScript has for them; absent ones are absent.
fn outcome(result: Result<Value>) -> Value {
    let error: Error = match result {
        Ok(done) => return json!({ "ok": done }),
        Err(error) => error,
    };
    let restricted = Some(error.restrictions()).filter(|all| !all.is_empty()).map(restrictions);
    let fields: Vec<Value> =
        error.invalid_fields().iter().map(|field| json!({ "path": field.path, "message": field.message })).collect();
    let mut all = json!({
        "kind": error.kind().as_str(),
        "message": error.message(),
        "status": error.status(),
        "code": error.code().map(playerlink::ServiceCode::as_str),
        "codeNumber": error.code_number(),
        "retryAfterMs": error.retry_after_ms(),
        "reason": error.reason().map(playerlink::SessionOverReason::as_str),
        "requestId": error.request_id(),
        "agreements": error.agreements().copied().map(agreements),
        "restrictions": restricted,
        "fields": Some(fields).filter(|fields| !fields.is_empty()),
    });
    all.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    all
}

/// An error is compared whole, an answer by what is expected of it.
fn compare(expect: &Value, outcome: &Value, sentences: &BTreeMap<String, String>) -> Option<String> {
    let mut expect = expect.clone();
    if let Some(sentence) = expect["message"].as_str().and_then(|key| sentences.get(key)) {
        expect["message"] = sentence.as_str().into();
    }
    let fits = if expect.get("ok").is_some() { includes(outcome, &expect) } else { *outcome == expect };
    (!fits).then(|| format!("\n    expected {expect}\n    but got  {outcome}"))
}

fn includes(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            part.iter().all(|(name, part)| whole.get(name).is_some_and(|whole| includes(whole, part)))
        }
        _ => whole == part,
    }
}
