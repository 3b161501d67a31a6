//! The session's class, one for all services: what only one service has goes through `call`.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Promise};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use super::values::{needed, read, write};
use super::{errors, promise};
use crate::error::{Error, Result};
use crate::host::web::WebHost;
#[cfg(feature = "rallyhere")]
use crate::services::MAX_SAFE_INTEGER;
use crate::services::Player;
use crate::session::{Session, Status, Subscription};

/// A signed-in player. Made by `login`, `restore` and their like only.
#[wasm_bindgen]
pub struct SessionCore {
    session: Session<WebHost>,
    subscriptions: Rc<RefCell<Vec<(u32, Subscription)>>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SnapshotView {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    player: Player,
    durability: &'static str,
    revision: u64,
}

#[derive(Serialize)]
struct RefreshedView {
    changed: bool,
    player: Player,
}

#[derive(Serialize)]
struct SignedOutView {
    revoked: bool,
}

impl SessionCore {
    pub(super) fn new(session: Session<WebHost>) -> Self {
        Self { session, subscriptions: Rc::default() }
    }
}

#[wasm_bindgen]
impl SessionCore {
    #[wasm_bindgen(getter)]
    pub fn service(&self) -> String {
        self.session.service().to_owned()
    }

    pub fn snapshot(&self) -> Result<JsValue, JsValue> {
        let snapshot = self.session.snapshot();
        let (status, reason) = match snapshot.status {
            Status::SignedIn => ("signed-in", None),
            Status::SignedOut(reason) => ("signed-out", Some(reason.as_str())),
        };
        let view = SnapshotView {
            status,
            reason,
            player: snapshot.player,
            durability: snapshot.durability.as_str(),
            revision: snapshot.revision,
        };
        write(&view).map_err(|error| errors::view(&error))
    }

    #[wasm_bindgen(js_name = accessToken)]
    pub fn access_token(&self, signal: Option<AbortSignal>) -> Promise {
        let session = self.session.clone();
        promise(signal, async move { Ok(session.access_token().await?.expose().to_owned()) })
    }

    pub fn refresh(&self, signal: Option<AbortSignal>) -> Promise {
        let session = self.session.clone();
        promise(signal, async move {
            let refreshed = session.refresh().await?;
            write(&RefreshedView { changed: refreshed.changed, player: refreshed.player })
        })
    }

    /// After a 401 or 403 to a request with `token`: a new one to send it with once more, or `undefined`.
    pub fn rejected(&self, token: String, status: u16, body: String) -> Promise {
        let session = self.session.clone();
        promise(None, async move {
            if !session.is_token_rejected(status, body.as_bytes()) {
                return Ok(JsValue::UNDEFINED);
            }
            let token = session.replacement(&token).await?;
            Ok(token.map_or(JsValue::UNDEFINED, |token| token.expose().into()))
        })
    }

    #[wasm_bindgen(js_name = mayAttach)]
    pub fn may_attach(&self, url: &str) -> Result<(), JsValue> {
        crate::http::may_carry_token(url).map_err(|error| errors::view(&error))
    }

    pub fn logout(&self, signal: Option<AbortSignal>) -> Promise {
        let session = self.session.clone();
        promise(signal, async move { write(&SignedOutView { revoked: session.logout().await.revoked }) })
    }

    pub fn subscribe(&self, changed: Function) -> u32 {
        let subscription = self.session.subscribe(move |_| {
            // What a listener throws is its own affair.
            let _ = changed.call0(&JsValue::NULL);
        });
        let mut subscriptions = self.subscriptions.borrow_mut();
        let id = subscriptions.last().map_or(1, |(id, _)| id + 1);
        subscriptions.push((id, subscription));
        id
    }

    pub fn unsubscribe(&self, id: u32) {
        self.subscriptions.borrow_mut().retain(|(other, _)| *other != id);
    }

    pub fn close(&self) {
        self.session.close();
        self.subscriptions.borrow_mut().clear();
    }

    /// A call that only this session's service has.
    pub fn call(&self, operation: String, arguments: JsValue, signal: Option<AbortSignal>) -> Promise {
        let session = self.session.clone();
        promise(signal, async move {
            match session.service() {
                #[cfg(feature = "rallyhere")]
                "rallyhere" => rallyhere_call(session, &operation, arguments).await,
                #[cfg(feature = "xsolla")]
                "xsolla" => xsolla_call(session, &operation).await,
                _ => Err(unknown_operation()),
            }
        })
    }
}

fn unknown_operation() -> Error {
    Error::misuse("this session has no such call; the package's parts are of different versions")
}

#[cfg(feature = "rallyhere")]
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct AccountArguments {
    leader_access_token: Option<crate::Secret>,
    leader_person_id: Option<String>,
    leader_platform: Option<String>,
    leader_platform_user_id: Option<String>,
    follower_platform: Option<String>,
    follower_platform_user_id: Option<String>,
    platform: Option<String>,
    platform_user_id: Option<String>,
    person_id: Option<String>,
    player_id: Option<String>,
    of: Option<String>,
}

#[cfg(feature = "rallyhere")]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ChangedView {
    changed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    player_changed: bool,
    player: Player,
}

#[cfg(feature = "rallyhere")]
async fn rallyhere_call(session: Session<WebHost>, operation: &str, arguments: JsValue) -> Result<JsValue> {
    use crate::rallyhere::{Leader, PersonSelector, PlatformIdentity, RallyHereSession};

    fn identity(platform: Option<String>, id: Option<String>) -> Result<Option<PlatformIdentity>> {
        match (platform, id) {
            (None, None) => Ok(None),
            (Some(platform), Some(id)) => Ok(Some(PlatformIdentity::new(platform, id))),
            _ => Err(Error::misuse("platform and platform user id belong together; give both or neither")),
        }
    }

    let arguments: AccountArguments = read(arguments)?;
    let session = RallyHereSession::from_session(session);
    let changed = match operation {
        "verify" => return session.verify().await.map(|()| JsValue::UNDEFINED),
        "links" => {
            let links = match &arguments.player_id {
                Some(id) => session.links_of(id).await?,
                None => session.links().await?,
            };
            return write(&links);
        }
        "restrictions" => {
            let restrictions = match arguments.of.as_deref() {
                Some("player") => session.player_restrictions().await?,
                Some("person") => session.person_restrictions().await?,
                _ => return Err(Error::misuse("whose restrictions? pass `of`: \"person\" or \"player\"")),
            };
            return write(&restrictions);
        }
        "loginResult" => {
            let Some(mut result) = session.login_result() else { return Ok(JsValue::UNDEFINED) };
            // A number that JavaScript cannot hold would be another one there.
            for number in [&mut result.role_id, &mut result.active_player_id, &mut result.portal_id] {
                *number = number.filter(|number| number.unsigned_abs() <= MAX_SAFE_INTEGER);
            }
            return write(&result);
        }
        "link" => {
            let by_platform =
                identity(arguments.leader_platform, arguments.leader_platform_user_id)?.map(Leader::Platform);
            let leader = arguments
                .leader_access_token
                .map(Leader::AccessToken)
                .or(arguments.leader_person_id.map(Leader::Person))
                .or(by_platform);
            let leader = needed(leader, "linking needs a leader: pass `leaderAccessToken`")?;
            let follower = identity(arguments.follower_platform, arguments.follower_platform_user_id)?;
            session.link_to(&leader, follower.as_ref()).await?
        }
        "unlink" => {
            let target = identity(arguments.platform, arguments.platform_user_id)?;
            session.unlink(target.as_ref()).await?
        }
        "enableCrossProgression" => {
            let target = identity(arguments.platform, arguments.platform_user_id)?;
            session.enable_cross_progression(target.as_ref()).await?
        }
        "disableCrossProgression" => {
            let target = identity(arguments.platform, arguments.platform_user_id)?.map(PersonSelector::Platform);
            match arguments.person_id.map(PersonSelector::Person).or(target) {
                Some(of) => session.disable_cross_progression_of(&of).await?,
                None => session.disable_cross_progression().await?,
            }
        }
        _ => return Err(unknown_operation()),
    };
    write(&ChangedView {
        changed: changed.changed,
        code: changed.code.map(|code| code.as_str().to_owned()),
        player_changed: changed.player_changed,
        player: changed.player,
    })
}

#[cfg(feature = "xsolla")]
async fn xsolla_call(session: Session<WebHost>, operation: &str) -> Result<JsValue> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct CodeView {
        code: String,
        groups: Vec<String>,
        requested_at_ms: u64,
    }
    let session = crate::xsolla::XsollaSession::from_session(session);
    match operation {
        "createLinkingCode" => {
            let code = session.create_linking_code().await?;
            // The page shows it: the one place where a code leaves its type.
            write(&CodeView {
                code: code.code.expose().to_owned(),
                groups: code.groups().iter().map(|group| group.expose().to_owned()).collect(),
                requested_at_ms: code.requested_at,
            })
        }
        "profile" => write(&session.profile().await?),
        _ => Err(unknown_operation()),
    }
}
