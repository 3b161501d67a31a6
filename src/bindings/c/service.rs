//! The one service of a client, and what its operations do.

use std::sync::Arc;

use super::constants::*;
use super::credential::{Presented, XsollaLogin};
use super::ledger::{LinkedAccount, Links, Outcome};
use super::refusal::{Fallible, Refusal};
use super::result::playerlink_result;
use super::tickets::Tickets;
use crate::Secret;
use crate::host::Boxed;
use crate::host::engine::EngineHost;
use crate::playfab::{PlayFab, PlayFabSession};
use crate::rallyhere::{Changed, Leader, PlatformIdentity, RallyHere, RallyHereSession};
use crate::services::game_server::GameServer;
use crate::session::Session;
use crate::xsolla::{Jwt, Oauth, SignIn, UserToken, Xsolla, XsollaSession};
use crate::{Error, playfab, rallyhere, xsolla};

type Work = Boxed<'static, Outcome>;

/// What a client was made for.
#[derive(Clone)]
pub(super) enum Service {
    RallyHere(RallyHere<EngineHost>),
    Xsolla(Xsolla<EngineHost>),
    PlayFab(PlayFab<EngineHost>),
}

/// What a client was made with, as far as services care.
pub(super) struct Options {
    pub(super) service: u32,
    pub(super) timeout_ms: u64,
    pub(super) retries: bool,
    pub(super) environment: String,
    pub(super) client_id: String,
    pub(super) client_secret: Secret,
    pub(super) project_id: String,
    pub(super) redirect_uri: String,
    pub(super) title_id: String,
    pub(super) base_url: String,
}

impl Service {
    pub(super) fn new(options: Options, engine: &EngineHost, tickets: Option<&Arc<Tickets>>) -> Fallible<Self> {
        let engine = engine.clone();
        let made = match options.service {
            PLAYERLINK_SERVICE_RALLYHERE => {
                let config = if options.base_url.is_empty() {
                    rallyhere::Config::environment(&options.environment)
                } else {
                    rallyhere::Config::base_url(&options.base_url)
                };
                let config = config
                    .client(options.client_id, options.client_secret)
                    .timeout_ms(options.timeout_ms)
                    .retries(options.retries);
                RallyHere::new(config, engine).map(|client| {
                    Self::RallyHere(match tickets.cloned() {
                        Some(tickets) => client.with_tickets(move || {
                            let answer = tickets.ask();
                            async move { answer.await?.for_rallyhere().ok() }
                        }),
                        None => client,
                    })
                })
            }
            PLAYERLINK_SERVICE_XSOLLA => {
                let mut config = xsolla::Config::project(options.project_id).timeout_ms(options.timeout_ms);
                let has_oauth = !options.client_id.is_empty();
                if has_oauth {
                    config = config.oauth(options.client_id, options.redirect_uri);
                }
                if !options.base_url.is_empty() {
                    config = config.base_url(&options.base_url);
                }
                Xsolla::new(config, engine).map(|client| {
                    Self::Xsolla(match tickets.cloned() {
                        Some(tickets) => {
                            let protocol: xsolla::Protocol =
                                if has_oauth { Oauth::new().into() } else { Jwt::new().into() };
                            client.with_tickets(protocol, move || {
                                let answer = tickets.ask();
                                async move { answer.await?.silent().ok() }
                            })
                        }
                        None => client,
                    })
                })
            }
            PLAYERLINK_SERVICE_PLAYFAB => {
                let mut config = playfab::Config::title(options.title_id).timeout_ms(options.timeout_ms);
                if !options.base_url.is_empty() {
                    config = config.base_url(&options.base_url);
                }
                PlayFab::new(config, engine).map(|client| {
                    Self::PlayFab(match tickets.cloned() {
                        Some(tickets) => client.with_tickets(move || {
                            let answer = tickets.ask();
                            async move { answer.await?.for_playfab().ok() }
                        }),
                        None => client,
                    })
                })
            }
            _ => return Err(Refusal::argument("the service is unknown here")),
        };
        made.map_err(|error| Refusal::from(&error))
    }

    pub(super) fn sign_in(
        &self,
        presented: &Presented,
        engine: &EngineHost,
        game_server: Option<&GameServer>,
    ) -> Fallible<Work> {
        Ok(match self {
            Self::RallyHere(client) => {
                let (client, credential) = (client.clone(), presented.for_rallyhere()?);
                Box::pin(async move { signed_in(client.login(credential).await, RallyHereSession::session) })
            }
            Self::PlayFab(client) => {
                let client = client.clone();
                match presented.registration() {
                    Some(registration) => {
                        Box::pin(
                            async move { signed_in(client.register(&registration).await, PlayFabSession::session) },
                        )
                    }
                    None => {
                        let credential = presented.for_playfab()?;
                        // What is wrong with the credential itself is told at once.
                        drop(client.sign_in(&credential).map_err(|error| Refusal::from(&error))?);
                        Box::pin(async move { signed_in(client.login(credential).await, PlayFabSession::session) })
                    }
                }
            }
            Self::Xsolla(client) => {
                let login = presented.for_xsolla(client.has_oauth())?;
                let client = client.clone();
                match login {
                    XsollaLogin::GameServer(ticket) => {
                        let server = game_server.cloned().ok_or_else(no_game_server)?;
                        let engine = engine.clone();
                        Box::pin(async move {
                            match server.sign_in(&engine, &ticket).await {
                                Ok(token) => handed_over(&client, token).await,
                                Err(error) => error.into(),
                            }
                        })
                    }
                    login => Box::pin(async move { xsolla_sign_in(&client, login).await }),
                }
            }
        })
    }

    /// Fails when a session of this service cannot be renewed with that.
    pub(super) fn can_renew_with(&self, presented: &Presented) -> Fallible<()> {
        match self {
            Self::RallyHere(_) => presented.for_rallyhere().map(drop),
            Self::Xsolla(_) => presented.silent().map(drop),
            Self::PlayFab(_) => presented.for_playfab().map(drop),
        }
    }

    /// The session that was active, or that of one account, which is the active one from then on.
    pub(super) fn restore(&self, account: Option<String>) -> Work {
        let service = self.clone();
        Box::pin(async move {
            let account = account.as_deref();
            let session = match &service {
                Self::RallyHere(client) => client.stored(account),
                Self::Xsolla(client) => client.stored(account),
                Self::PlayFab(client) => client.stored(account),
            };
            let Some(session) = session.await else { return Outcome::new(playerlink_result::PLAYERLINK_NOTHING) };
            if account.is_some() {
                session.make_active().await;
            }
            Outcome::signed_in(session)
        })
    }

    /// Who is signed in on this device.
    pub(super) fn accounts(&self) -> Work {
        let service = self.clone();
        Box::pin(async move {
            let accounts = match &service {
                Self::RallyHere(client) => client.accounts().await,
                Self::Xsolla(client) => client.accounts().await,
                Self::PlayFab(client) => client.accounts().await,
            };
            Outcome { stored: Some(accounts), ..Outcome::ok() }
        })
    }

    pub(super) fn links(&self, session: Session<EngineHost>) -> Fallible<Work> {
        match self {
            Self::RallyHere(_) => Ok(Box::pin(async move {
                match RallyHereSession::from_session(session).links().await {
                    Ok(links) => Outcome { links: Some(links.into()), ..Outcome::ok() },
                    Err(error) => error.into(),
                }
            })),
            Self::Xsolla(_) => Ok(Box::pin(async move {
                let player_id = session.player().player_id;
                match XsollaSession::from_session(session).social_links().await {
                    Ok(links) => {
                        let accounts = links.into_iter().map(LinkedAccount::from).collect();
                        let links = Links { player_id, person_id: None, active_player_id: None, accounts };
                        Outcome { links: Some(links), ..Outcome::ok() }
                    }
                    Err(error) => error.into(),
                }
            })),
            Self::PlayFab(_) => Err(Refusal::unsupported("PlayFab's links are in its GetAccountInfo; call that")),
        }
    }

    pub(super) fn link(&self, session: Session<EngineHost>, link: Link) -> Fallible<Work> {
        match (self, link) {
            (Self::RallyHere(_), Link::To(leader, follower)) => Ok(Box::pin(async move {
                RallyHereSession::from_session(session).link_to(&leader, follower.as_ref()).await.into()
            })),
            (Self::PlayFab(_), Link::Add(presented, force)) => {
                let credential = presented.for_playfab()?;
                let credential = if force { credential.force_link() } else { credential };
                credential.link().map_err(|error| Refusal::from(&error))?;
                Ok(Box::pin(async move { done(PlayFabSession::from_session(session).link(&credential).await) }))
            }
            _ => Err(Refusal::unsupported("this service does not link in that way")),
        }
    }

    pub(super) fn unlink(&self, session: Session<EngineHost>, unlink: Unlink) -> Fallible<Work> {
        Ok(match self {
            Self::RallyHere(_) => {
                let identity = unlink.identity();
                Box::pin(async move { RallyHereSession::from_session(session).unlink(identity.as_ref()).await.into() })
            }
            Self::Xsolla(_) => Box::pin(async move {
                done(XsollaSession::from_session(session).remove_social_link(&unlink.platform).await)
            }),
            Self::PlayFab(_) => {
                let unlink = unlink.of_playfab()?;
                Box::pin(async move { done(PlayFabSession::from_session(session).unlink(&unlink).await) })
            }
        })
    }

    pub(super) fn cross_progression(
        &self,
        session: Session<EngineHost>,
        on: bool,
        identity: Option<PlatformIdentity>,
    ) -> Fallible<Work> {
        match self {
            Self::RallyHere(_) => Ok(Box::pin(async move {
                let session = RallyHereSession::from_session(session);
                if on {
                    session.enable_cross_progression(identity.as_ref()).await.into()
                } else {
                    session.disable_cross_progression().await.into()
                }
            })),
            _ => Err(Refusal::unsupported("only RallyHere has cross-progression to be switched")),
        }
    }

    pub(super) fn makes_linking_codes(&self) -> Fallible<()> {
        match self {
            Self::Xsolla(_) => Ok(()),
            _ => Err(Refusal::unsupported("this service makes no linking codes")),
        }
    }

    /// Sends the code to the game's server, and takes the session up as the player who is active then.
    pub(super) fn link_by_code(
        &self,
        session: Option<Session<EngineHost>>,
        engine: &EngineHost,
        server: Option<&GameServer>,
        (ticket, code): (Secret, Secret),
    ) -> Fallible<Work> {
        let (service, engine) = (self.clone(), engine.clone());
        let server = server.cloned().ok_or_else(no_game_server)?;
        Ok(Box::pin(async move {
            let token = match server.link(&engine, &ticket, &code).await {
                Ok(token) => token,
                Err(error) => return error.into(),
            };
            let outcome = match (&service, token, session) {
                (Self::Xsolla(client), Some(token), _) => handed_over(client, token).await,
                (Self::Xsolla(client), None, _) => match server.sign_in(&engine, &ticket).await {
                    Ok(token) => handed_over(client, token).await,
                    Err(error) => stale(&error),
                },
                (_, _, Some(session)) => match session.refresh().await {
                    Ok(refreshed) => Outcome::ok().flagged(refreshed.changed, PLAYERLINK_COMPLETION_PLAYER_CHANGED),
                    Err(error) => stale(&error),
                },
                (_, _, None) => Outcome::ok(),
            };
            outcome.flagged(true, PLAYERLINK_COMPLETION_CHANGED)
        }))
    }
}

/// What is to be linked with what.
pub(super) enum Link {
    To(Leader, Option<PlatformIdentity>),
    Add(Box<Presented>, bool),
}

/// What is to be unlinked.
pub(super) struct Unlink {
    pub(super) kind: u32,
    pub(super) platform: String,
    pub(super) id: String,
}

impl Unlink {
    fn identity(&self) -> Option<PlatformIdentity> {
        (!self.platform.is_empty() || !self.id.is_empty()).then(|| PlatformIdentity::new(&self.platform, &self.id))
    }

    fn of_playfab(&self) -> Fallible<playfab::Unlink> {
        use playfab::Unlink;
        let unlink = match self.kind {
            PLAYERLINK_CREDENTIAL_STEAM => Unlink::steam(),
            PLAYERLINK_CREDENTIAL_XBOX => Unlink::xbox(),
            PLAYERLINK_CREDENTIAL_PSN => Unlink::psn(),
            PLAYERLINK_CREDENTIAL_NINTENDO_SWITCH => Unlink::nintendo_service_account(),
            PLAYERLINK_CREDENTIAL_NINTENDO_DEVICE => Unlink::nintendo_switch_device(),
            PLAYERLINK_CREDENTIAL_GOOGLE => Unlink::google(),
            PLAYERLINK_CREDENTIAL_GOOGLE_PLAY_GAMES => Unlink::google_play_games(),
            PLAYERLINK_CREDENTIAL_APPLE => Unlink::apple(),
            PLAYERLINK_CREDENTIAL_FACEBOOK | PLAYERLINK_CREDENTIAL_FACEBOOK_LIMITED => Unlink::facebook(),
            PLAYERLINK_CREDENTIAL_FACEBOOK_INSTANT_GAMES => Unlink::facebook_instant_games(),
            PLAYERLINK_CREDENTIAL_TWITCH => Unlink::twitch(),
            PLAYERLINK_CREDENTIAL_BATTLE_NET => Unlink::battle_net(),
            PLAYERLINK_CREDENTIAL_KONGREGATE => Unlink::kongregate(),
            PLAYERLINK_CREDENTIAL_OPEN_ID_CONNECT => Unlink::open_id_connect(self.platform.as_str()),
            PLAYERLINK_CREDENTIAL_ANDROID_DEVICE => Unlink::android_device(),
            PLAYERLINK_CREDENTIAL_IOS_DEVICE => Unlink::ios_device(),
            PLAYERLINK_CREDENTIAL_CUSTOM_ID => Unlink::custom_id(),
            _ => return Err(Refusal::argument("PlayFab unlinks no account of that kind")),
        };
        let unlink = if self.id.is_empty() { unlink } else { unlink.which(self.id.as_str()) };
        unlink.call().map_err(|error| Refusal::from(&error))?;
        Ok(unlink)
    }
}

impl From<rallyhere::Links> for Links {
    fn from(links: rallyhere::Links) -> Self {
        let account = |account: rallyhere::LinkedAccount| LinkedAccount {
            platform: account.platform,
            platform_user_id: account.platform_user_id,
            display_name: account.display_name,
            player_id: Some(account.player_id),
        };
        Self {
            player_id: links.player_id,
            person_id: Some(links.person_id),
            active_player_id: links.active_player_id,
            accounts: links.accounts.into_iter().map(account).collect(),
        }
    }
}

impl From<xsolla::SocialLink> for LinkedAccount {
    fn from(link: xsolla::SocialLink) -> Self {
        Self {
            platform: link.network,
            platform_user_id: link.social_id,
            display_name: link.nickname.or(link.full_name),
            player_id: None,
        }
    }
}

impl From<Result<Changed, Error>> for Outcome {
    fn from(result: Result<Changed, Error>) -> Self {
        match result {
            Ok(changed) => Self::ok()
                .flagged(changed.changed, PLAYERLINK_COMPLETION_CHANGED)
                .flagged(changed.player_changed, PLAYERLINK_COMPLETION_PLAYER_CHANGED),
            Err(error) => error.into(),
        }
    }
}

fn done(result: Result<(), Error>) -> Outcome {
    match result {
        Ok(()) => Outcome::ok().flagged(true, PLAYERLINK_COMPLETION_CHANGED),
        Err(error) => error.into(),
    }
}

fn signed_in<S>(result: Result<S, Error>, session: fn(&S) -> &Session<EngineHost>) -> Outcome {
    match result {
        Ok(signed_in) => Outcome::signed_in(session(&signed_in).clone()),
        Err(error) => error.into(),
    }
}

async fn xsolla_sign_in(client: &Xsolla<EngineHost>, login: XsollaLogin) -> Outcome {
    let came = match login {
        XsollaLogin::Password(name, password) => client.login(&name, &password).await.map(SignIn::SignedIn),
        XsollaLogin::Token(token) => client.session_from_token(token).await.map(SignIn::SignedIn),
        XsollaLogin::Silent(login, protocol) => client.silent_login(login, protocol).await,
        XsollaLogin::Social(network, token, protocol) => client.social_token_login(&network, token, protocol).await,
        XsollaLogin::Device(kind, model, id) => client.device_login(kind, &model, &id, Oauth::new()).await,
        XsollaLogin::Register(registration, protocol) => client.register(registration, protocol).await,
        XsollaLogin::GameServer(_) => Err(Error::misuse("the game's server is asked elsewhere")),
    };
    match came {
        Ok(SignIn::SignedIn(session)) => Outcome::signed_in(session.session().clone()),
        Ok(SignIn::NeedsUserData(needs)) => {
            Outcome { asked_at: Some(needs.url), ..Outcome::new(playerlink_result::PLAYERLINK_NEEDS_USER_DATA) }
        }
        Ok(SignIn::NeedsEmailConfirmation) => Outcome::new(playerlink_result::PLAYERLINK_NEEDS_EMAIL_CONFIRMATION),
        Err(error) => error.into(),
    }
}

async fn handed_over(client: &Xsolla<EngineHost>, token: Secret) -> Outcome {
    signed_in(client.session_from_token(UserToken::from(token)).await, XsollaSession::session)
}

/// Linked, but the session is still one of the player before.
fn stale(error: &Error) -> Outcome {
    let text = "linked, but the session could not be taken up as the new player: ";
    Error::new(crate::ErrorKind::SessionStale, crate::http::concat(text, error.message()))
        .with_retry_after_ms(error.retry_after_ms())
        .into()
}

fn no_game_server() -> Refusal {
    Refusal::new(playerlink_result::PLAYERLINK_E_CONFIGURATION, "the client was made without `game_server_url`")
}
