//! Access tokens: what they claim, how they are checked (rallyhere.md §6.5, in that order), and how a test gets one
//! with exactly one defect. The claim names are the emulator's own; the service publishes none (§4.1).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Value, json};

use super::platforms::{Platform, Profile};
use super::state::{PlatformUser, State};
use super::wire::{self, is_uuid};
use crate::jwt::{self, KID_A, KID_B};
use crate::{Context, Request, Response};

/// Who an accepted access token speaks for.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) permissions: Vec<String>,
    /// Absent for a client's token.
    pub(crate) user: Option<CallerUser>,
}

/// The user as the token describes it, which may be out of date.
#[derive(Clone, Debug)]
pub(crate) struct CallerUser {
    pub(crate) platform: Platform,
    pub(crate) platform_user_id: String,
    pub(crate) person_id: String,
    pub(crate) active_player_uuid: String,
}

impl Caller {
    pub(crate) fn has_any(&self, permissions: &[&str]) -> bool {
        self.permissions.iter().any(|permission| permissions.contains(&permission.as_str()))
    }
}

/// What can be wrong with a minted token; each is refused by another step of the check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Defect {
    /// `auth_not_jwt`: two parts instead of three.
    NotJwt,
    /// `auth_token_format`: carries its own scheme, so that the header reads `Basic …` when sent as it is.
    Format,
    /// `auth_token_unknown`: the payload is not JSON.
    Unparseable,
    /// `auth_invalid_key_id`: signed by a key the service never published.
    UnknownKey,
    /// `auth_token_sig_invalid`: the signature is another key's.
    Signature,
    /// `auth_invalid_version`: `ver` is 2.
    Version,
    /// `auth_token_invalid_type` (`current`) or `auth_token_invalid_claim` (`base`): `token_type` is `refresh`.
    TokenType,
    /// `auth_token_expired`: `exp` is now.
    Expired,
    /// `auth_token_invalid_claim`: another issuer.
    Claim,
    /// `auth_malformed_access`: `permissions` is a text.
    Access,
    /// `insufficient_permissions` where a permission is needed: `permissions` is empty.
    NoPermissions,
}

/// Steps 1 to 12; `any_of` is empty where the endpoint needs no permission.
pub(crate) fn check(
    state: &State,
    context: &Context<'_>,
    request: &Request,
    any_of: &[&str],
) -> Result<Caller, Response> {
    let refused = |code: &str| wire::error(403, code, false);
    let token = presented(request).map_err(refused)?;
    let caller = read(state, context, &token).map_err(refused)?;
    if !any_of.is_empty() && !caller.has_any(any_of) {
        return Err(wire::error(403, "insufficient_permissions", true));
    }
    Ok(caller)
}

/// Steps 3 to 11: the token alone.
pub(crate) fn read(state: &State, context: &Context<'_>, token: &str) -> Result<Caller, &'static str> {
    if token.split('.').count() != 3 {
        return Err("auth_not_jwt");
    }
    let (Some(header), Some(claims)) = (jwt::header(token), jwt::payload(token)) else {
        return Err("auth_token_unknown");
    };
    let kid = header.get("kid").and_then(Value::as_str).ok_or("auth_invalid_key_id")?;
    if !published_kids(state).any(|known| known == kid) {
        return Err("auth_invalid_key_id");
    }
    if !context.keys.verify_rs256(kid, token) {
        return Err("auth_token_sig_invalid");
    }
    if claims.get("ver") != Some(&json!(1)) {
        return Err("auth_invalid_version");
    }
    let is_user = match claims.get("token_type").and_then(Value::as_str) {
        Some("user") => true,
        Some("client") => false,
        _ if state.profile() == Profile::Base => return Err("auth_token_invalid_claim"),
        _ => return Err("auth_token_invalid_type"),
    };
    let expires = claims.get("exp").and_then(Value::as_u64).ok_or("auth_token_invalid_claim")?;
    if context.now >= expires.saturating_mul(1000) {
        return Err("auth_token_expired");
    }
    if claims.get("iss") != Some(&issuer(state).into()) {
        return Err("auth_token_invalid_claim");
    }
    let user = if is_user { Some(user_of(&claims).ok_or("auth_token_invalid_claim")?) } else { None };
    let permissions = claims
        .get("permissions")
        .and_then(Value::as_array)
        .and_then(|list| list.iter().map(|one| one.as_str().map(str::to_owned)).collect())
        .ok_or("auth_malformed_access")?;
    Ok(Caller { permissions, user })
}

/// Steps 1 and 2: the header wins over the cookie.
fn presented(request: &Request) -> Result<String, &'static str> {
    let value = match request.header("authorization") {
        Some(value) => value.to_owned(),
        None => cookie(request, "Authorization").ok_or("auth_not_jwt")?,
    };
    let (scheme, token) = value.trim().split_once(' ').ok_or("auth_token_format")?;
    let token = token.trim();
    if !scheme.eq_ignore_ascii_case("bearer") || token.is_empty() {
        return Err("auth_token_format");
    }
    Ok(token.to_owned())
}

fn cookie(request: &Request, name: &str) -> Option<String> {
    let header = request.header("cookie")?;
    let value = header.split(';').find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))?;
    Some(crate::http::percent_decode(value.trim_matches('"')))
}

fn user_of(claims: &Value) -> Option<CallerUser> {
    let text = |name: &str| claims.get(name)?.as_str().map(str::to_owned);
    let uuid = |name: &str| text(name).filter(|value| is_uuid(value));
    uuid("player_uuid")?;
    Some(CallerUser {
        platform: Platform::parse(&text("platform")?, Profile::Current)?,
        platform_user_id: text("platform_user_id")?,
        person_id: uuid("person_id")?,
        active_player_uuid: uuid("active_player_uuid")?,
    })
}

/// The key ids in `GET /users/v1/publickeys`.
pub(crate) fn published_kids(state: &State) -> impl Iterator<Item = &'static str> {
    [KID_A, KID_B].into_iter().filter(|kid| !state.retired_kids.contains(*kid))
}

fn issuer(state: &State) -> String {
    format!("https://{}.rally-here.io", state.environment.id)
}

/// The claims of a user's token (§4.1).
pub(crate) fn user_claims(
    state: &State,
    context: &mut Context<'_>,
    client_id: &str,
    user: &PlatformUser,
    permissions: &[String],
) -> Value {
    let active_player = state.active_player(user);
    let role = state.person(&user.person_id).and_then(|person| state.role(person.role_id.as_deref()?));
    let mut claims = client_claims(state, context, client_id, permissions);
    if let Some(claims) = claims.as_object_mut() {
        claims.insert("token_type".into(), "user".into());
        claims.insert("person_id".into(), user.person_id.clone().into());
        claims.insert("platform".into(), user.platform.name().into());
        claims.insert("platform_user_id".into(), user.platform_user_id.clone().into());
        claims.insert("player_uuid".into(), user.player_uuid.clone().into());
        claims.insert("active_player_id".into(), state.player_id(&active_player).into());
        claims.insert("active_player_uuid".into(), active_player.into());
        claims.insert("display_name".into(), user.display_name.clone().into());
        claims.insert("role_id".into(), role.map_or(0, |role| role.legacy_role_id).into());
    }
    claims
}

/// The claims of a token without a user.
pub(crate) fn client_claims(
    state: &State,
    context: &mut Context<'_>,
    client_id: &str,
    permissions: &[String],
) -> Value {
    let issued = context.seconds();
    json!({
        "iss": issuer(state),
        "iat": issued,
        "exp": issued.saturating_add(state.environment.access_ttl_s),
        "jti": context.random.uuid(),
        "ver": 1,
        "token_type": "client",
        "client_id": client_id,
        "permissions": permissions,
    })
}

/// Signs claims with the current key.
pub(crate) fn sign(state: &State, context: &Context<'_>, claims: &Value) -> String {
    context.keys.sign_rs256(state.signing_kid, claims)
}

/// Signs claims with one thing wrong.
pub(crate) fn sign_defective(state: &State, context: &Context<'_>, mut claims: Value, defect: Defect) -> String {
    let mut set = |name: &str, value: Value| {
        if let Some(claims) = claims.as_object_mut() {
            claims.insert(name.to_owned(), value);
        }
    };
    match defect {
        Defect::Version => set("ver", json!(2)),
        Defect::TokenType => set("token_type", json!("refresh")),
        Defect::Expired => set("exp", context.seconds().into()),
        Defect::Claim => set("iss", json!("https://elsewhere.rally-here.io")),
        Defect::Access => set("permissions", json!("user:*")),
        Defect::NoPermissions => set("permissions", json!([])),
        Defect::NotJwt | Defect::Format | Defect::Unparseable | Defect::UnknownKey | Defect::Signature => {}
    }
    let good = sign(state, context, &claims);
    let header = |kid: &str| json!({ "alg": "RS256", "typ": "JWT", "kid": kid });
    let other_key = if state.signing_kid == KID_A { KID_B } else { KID_A };
    match defect {
        Defect::NotJwt => good.rsplit_once('.').map(|(two, _)| two.to_owned()).unwrap_or_default(),
        Defect::Format => format!("Basic {good}"),
        Defect::Unparseable => {
            let mut parts: Vec<&str> = good.split('.').collect();
            let broken = URL_SAFE_NO_PAD.encode("not json");
            if let Some(payload) = parts.get_mut(1) {
                *payload = &broken;
            }
            parts.join(".")
        }
        Defect::UnknownKey => context.keys.sign_with_header(state.signing_kid, &header("emu-unknown"), &claims),
        Defect::Signature => context.keys.sign_with_header(other_key, &header(state.signing_kid), &claims),
        _ => good,
    }
}
