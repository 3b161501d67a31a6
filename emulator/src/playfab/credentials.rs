//! What stands in for the platforms. Tickets, tokens and codes are texts `emu.<user id>[.<name>][?flag…]`, Steam's in
//! hexadecimal; identity tokens are JWTs signed by the emulator's test key. Nothing here talks to a real platform.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::calls::{Call, Proof};
use super::codes::Code;
use super::failure::Failure;
use super::fields::Body;
use super::platforms::{Flaw, Platform};
use super::{PlayFab, state::State};
use crate::credential::Credential;
use crate::{Context, Keys, jwt};

/// Flags of a text credential: the names the levers have for the same flaws.
const FLAGS: [(&str, Flaw); 11] = [
    ("invalid", Flaw::Invalid),
    ("expired", Flaw::Expired),
    ("unreachable", Flaw::Unreachable),
    ("rejected", Flaw::Rejected),
    ("exchange", Flaw::Exchange),
    ("no_id_token", Flaw::NoIdToken),
    ("issuer", Flaw::Issuer),
    ("namespace", Flaw::Namespace),
    ("no_user", Flaw::NoUser),
    ("unknown_key", Flaw::UnknownKey),
    ("throttled", Flaw::Throttled),
];

/// An identity that a credential proved, or that a server named.
#[derive(Clone, Debug, Default)]
pub(super) struct Identity {
    pub(super) id: String,
    pub(super) connection: Option<String>,
    pub(super) sandbox: Option<String>,
    pub(super) name: Option<String>,
}

impl Identity {
    fn of(id: &str) -> Self {
        Self { id: id.to_owned(), ..Self::default() }
    }
}

/// What a minted identity token is to say.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TokenOrder {
    /// `nintendo_service_account`, `apple`, `battle_net` or `open_id_connect`.
    pub platform: Platform,
    /// The player's id there, the claim `sub`.
    pub subject: String,
    /// For `open_id_connect`: the connection whose issuer signs.
    pub connection: Option<String>,
    /// How long it is good, in seconds.
    pub ttl_s: u64,
    /// What is wrong with it, if anything is.
    pub defect: Option<Defect>,
}

/// The one thing that is wrong with a minted token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Defect {
    Expired,
    /// Another issuer.
    Issuer,
    Signature,
    /// No `sub`.
    Subject,
    /// A key id nobody publishes.
    UnknownKey,
}

impl Default for TokenOrder {
    fn default() -> Self {
        Self {
            platform: Platform::NintendoServiceAccount,
            subject: String::new(),
            connection: None,
            ttl_s: 900,
            defect: None,
        }
    }
}

impl TokenOrder {
    /// A good token of that user, for fifteen minutes.
    pub fn new(platform: Platform, subject: &str) -> Self {
        Self { platform, subject: subject.to_owned(), ..Self::default() }
    }
}

/// The issuer of the platform's test tokens.
fn issuer(platform: Platform) -> String {
    format!("https://{}.emulator.invalid", platform.name().replace('_', "-"))
}

impl State {
    /// An identity token as the platform would hand it out.
    pub(super) fn mint(&self, context: &Context<'_>, order: &TokenOrder) -> String {
        let connection = order.connection.as_deref().unwrap_or(super::fixture::CONNECTION);
        let issuer = match (order.defect, order.platform) {
            (Some(Defect::Issuer), _) => "https://elsewhere.emulator.invalid".to_owned(),
            (_, Platform::OpenIdConnect) => self.title.openid_connections.get(connection).cloned().unwrap_or_default(),
            (_, platform) => issuer(platform),
        };
        let now = context.seconds();
        let issued = if order.defect == Some(Defect::Expired) { now.saturating_sub(order.ttl_s + 60) } else { now };
        let mut claims = json!({
            "iss": issuer, "sub": order.subject, "aud": self.title.id, "iat": issued,
            "exp": issued.saturating_add(order.ttl_s),
        });
        if let (Some(Defect::Subject), Some(claims)) = (order.defect, claims.as_object_mut()) {
            claims.remove("sub");
        }
        match order.defect {
            Some(Defect::UnknownKey) => {
                let header = json!({ "alg": "RS256", "typ": "JWT", "kid": "retired" });
                context.keys.sign_with_header(jwt::KID_A, &header, &claims)
            }
            Some(Defect::Signature) => {
                let header = json!({ "alg": "RS256", "typ": "JWT", "kid": jwt::KID_A });
                context.keys.sign_with_header(jwt::KID_B, &header, &claims)
            }
            _ => context.keys.sign_rs256(jwt::KID_A, &claims),
        }
    }

    /// Who the platform says the credential is, or what is wrong with it.
    fn judge(&self, keys: &Keys, now_s: u64, proof: Proof, platform: Platform, body: &Body) -> Result<Identity, Flaw> {
        match proof {
            Proof::Id(name) => Ok(Identity::of(body.needed(name))),
            Proof::XboxId => {
                Ok(Identity { sandbox: body.text("Sandbox").map(str::to_owned), ..Identity::of(body.needed("XboxId")) })
            }
            Proof::Ticket(name) => ticket(body.needed(name)),
            Proof::Either(first, second) => ticket(body.text(first).unwrap_or_else(|| body.needed(second))),
            Proof::OnlyWith(name) => ticket(body.needed(name)),
            Proof::Hex(name) => {
                let credential = unhex(body.needed(name)).ok_or(Flaw::Invalid)?;
                let web = Credential::parse(&credential).is_some_and(|credential| credential.has("web"));
                if web == body.flag("TicketIsServiceSpecific") { ticket(&credential) } else { Err(Flaw::Invalid) }
            }
            Proof::PsnCode => {
                let known = body.int("IssuerId").is_none_or(|issuer| self.title.psn_issuers.contains(&issuer));
                if known { ticket(body.needed("AuthCode")) } else { Err(Flaw::Issuer) }
            }
            Proof::Kongregate => {
                let identity = ticket(body.needed("AuthTicket"))?;
                if identity.id == body.needed("KongregateId") { Ok(identity) } else { Err(Flaw::Invalid) }
            }
            Proof::GameCenter(name) => game_center(body, name),
            Proof::Jwt(name) => identity_token(keys, now_s, body.needed(name), &issuer(platform)),
            Proof::OpenId => {
                let connection = body.needed("ConnectionId");
                let issuer = self.title.openid_connections.get(connection).ok_or(Flaw::Invalid)?;
                let identity = identity_token(keys, now_s, body.needed("IdToken"), issuer)?;
                Ok(Identity { connection: Some(connection.to_owned()), ..identity })
            }
            Proof::Password(_) | Proof::Only | Proof::Which(_) | Proof::Named(_) => Err(Flaw::Invalid),
        }
    }
}

impl PlayFab {
    /// Who the credential proves: platform out of order, credential not good, used up, user gone → the code of the flaw.
    pub(super) fn identify(&mut self, context: &Context<'_>, call: &Call, body: &Body) -> Result<Identity, Failure> {
        let platform = call.platform;
        let refuse = |flaw| Failure::from(platform.refusal(flaw, call));
        let set_up = self.state.platforms.get(&platform).cloned().unwrap_or_default();
        if let Some(outage) = set_up.outage {
            return Err(refuse(outage));
        }
        if let Proof::GameCenter(name) = call.proof {
            signature_is_whole(call, body, name)?;
        }
        let identity = self.state.judge(context.keys, context.seconds(), call.proof, platform, body).map_err(refuse)?;
        if set_up.unknown_users.contains(&identity.id) {
            return Err(refuse(Flaw::NoUser));
        }
        if self.state.knobs.single_use_credentials
            && let Some(credential) = one_shot(call.proof, body)
            && !self.state.used.insert((platform, credential.to_owned()))
        {
            return Err(refuse(Flaw::Invalid));
        }
        Ok(identity)
    }

    /// A platform that is off for the title, where the call documents an error for it.
    pub(super) fn platform_is_on(&self, call: &Call) -> Result<(), Failure> {
        let on = self.state.platforms.get(&call.platform).is_none_or(|set_up| set_up.enabled);
        match call.platform.disabled().filter(|code| !on && call.documents(*code)) {
            Some(code) => Err(code.into()),
            None => Ok(()),
        }
    }
}

/// The credential of a proof that real platforms take once: a ticket or a code, not a bearer token.
fn one_shot(proof: Proof, body: &Body) -> Option<&str> {
    match proof {
        Proof::Hex(name) => body.text(name),
        Proof::Either("ServerAuthCode", _) | Proof::Ticket("ServerAuthCode") => body.text("ServerAuthCode"),
        Proof::PsnCode => body.text("AuthCode"),
        _ => None,
    }
}

fn ticket(text: &str) -> Result<Identity, Flaw> {
    let credential = Credential::parse(text).ok_or(Flaw::Invalid)?;
    match credential.flaw(&FLAGS) {
        Some(flaw) => Err(flaw),
        None => Ok(Identity { name: credential.name, ..Identity::of(&credential.id) }),
    }
}

fn identity_token(keys: &Keys, now_s: u64, token: &str, issuer: &str) -> Result<Identity, Flaw> {
    let header = jwt::header(token).ok_or(Flaw::Invalid)?;
    let kid = header.get("kid").and_then(Value::as_str).unwrap_or_default();
    if !keys.kids().any(|known| known == kid) {
        return Err(Flaw::UnknownKey);
    }
    let claims = jwt::payload(token).filter(|_| keys.verify_rs256(kid, token)).ok_or(Flaw::Invalid)?;
    let claim = |name: &str| claims.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    if claim("iss") != Some(issuer) {
        return Err(Flaw::Invalid);
    }
    if claims.get("exp").and_then(Value::as_u64).is_none_or(|expires| expires <= now_s) {
        return Err(Flaw::Expired);
    }
    claim("sub").map(Identity::of).ok_or(Flaw::Invalid)
}

/// Game Center's signature is sent whole or not at all, and ids have no spaces.
fn signature_is_whole(call: &Call, body: &Body, name: &str) -> Result<(), Failure> {
    let parts = ["PublicKeyUrl", "Salt", "Signature", "Timestamp"];
    let sent = parts.iter().filter(|part| body.text(part).is_some()).count();
    let id_fits = !body.needed(name).contains(char::is_whitespace);
    match (id_fits, sent) {
        (false, _) if call.documents(Code::InvalidGameCenterId) => Err(Code::InvalidGameCenterId.into()),
        (true, 0 | 4) => Ok(()),
        _ => Err(Code::InvalidGameCenterAuthRequest.into()),
    }
}

fn game_center(body: &Body, name: &str) -> Result<Identity, Flaw> {
    match body.text("Signature") {
        None => Ok(Identity::of(body.needed(name))),
        Some(signature) => ticket(signature)
            .and_then(|identity| if identity.id == body.needed(name) { Ok(identity) } else { Err(Flaw::Invalid) }),
    }
}

/// A text credential as Steam's library would hand it out: its bytes in hexadecimal.
pub fn steam_ticket(credential: &str) -> String {
    credential.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<String> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let byte = |pair: &[u8]| {
        let pair = std::str::from_utf8(pair).ok().filter(|pair| pair.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
        u8::from_str_radix(pair, 16).ok()
    };
    String::from_utf8(digits.chunks(2).map(byte).collect::<Option<_>>()?).ok()
}
