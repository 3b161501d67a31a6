//! Making tokens and judging them: user tokens of both protocols, server tokens, and the headers they come in.

use serde_json::{Value, json};

use super::failure::Failure;
use super::state::{Algorithm, Client, Holder, How, IssuedToken, Project, SignIn, User};
use super::{Protocol, Xsolla};
use crate::{Context, Request, jwt};

const ISSUER: &str = "https://login.xsolla.com";
/// Above this many, expired tokens are forgotten.
const REMEMBERED_TOKENS: usize = 4096;

/// Why a token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Defect {
    /// Forged, broken, expired or revoked.
    Invalid,
    ProjectGone,
    UserGone,
}

impl Xsolla {
    /// The account a sign-in stands for: the main account once linked.
    pub(super) fn subject<'s>(&'s self, account: &'s User) -> &'s User {
        account.linked_main.as_ref().and_then(|main| self.state.users.get(main)).unwrap_or(account)
    }

    /// A token of the JWT protocol: lives as long as the account's project says.
    pub(super) fn jwt_token(
        &mut self,
        context: &mut Context<'_>,
        sign_in: &SignIn,
        with_logout: bool,
    ) -> Result<String, Failure> {
        let account = self.state.users.get(&sign_in.account).ok_or(Failure::USER_NOT_FOUND)?;
        let project = self.state.project(&account.project).ok_or(Failure::PROJECT_NOT_FOUND)?;
        let ttl_s = if project.user_token_ttl_s == 0 { 86400 } else { project.user_token_ttl_s };
        if with_logout {
            let subject = self.subject(account).id.clone();
            self.revoke_access(&subject);
        }
        self.user_token(context, sign_in, ttl_s, Protocol::Jwt)
    }

    /// An OAuth access token.
    pub(super) fn access_token(
        &mut self,
        context: &mut Context<'_>,
        sign_in: &SignIn,
        client: &Client,
    ) -> Result<String, Failure> {
        self.user_token(context, sign_in, client.access_ttl_s, Protocol::OAuth)
    }

    /// `sub` and the project claim follow the link; the key is the one of the project named in the claim, so that a
    /// reader can look it up by that claim.
    fn user_token(
        &mut self,
        context: &mut Context<'_>,
        sign_in: &SignIn,
        ttl_s: u64,
        protocol: Protocol,
    ) -> Result<String, Failure> {
        let now_s = context.seconds();
        let account = self.state.users.get_mut(&sign_in.account).ok_or(Failure::USER_NOT_FOUND)?;
        account.last_login = Some(context.now);
        let account = self.state.users.get(&sign_in.account).ok_or(Failure::USER_NOT_FOUND)?;
        let subject = self.subject(account);
        let home = if self.state.knobs.keep_shadow_project_id { &account.project } else { &subject.project };
        let project = self.state.project(home).ok_or(Failure::PROJECT_NOT_FOUND)?;
        let mut claims = json!({
            "iss": ISSUER,
            "sub": subject.id,
            "iat": now_s,
            "exp": now_s.saturating_add(ttl_s),
            "groups": [{ "id": 1, "name": "default", "is_default": true }],
            "xsolla_login_project_id": project.id,
            "is_master": !self.state.is_platform_account(subject),
            "promo_email_agreement": true,
        });
        let mut set = |name: &str, value: Value| {
            if let (Some(claims), false) = (claims.as_object_mut(), value.is_null()) {
                claims.insert(name.to_owned(), value);
            }
        };
        match &sign_in.how {
            How::Password => set("type", json!("xsolla_login")),
            How::Device => set("type", json!("device")),
            How::CustomId(id) => {
                set("type", json!("server_custom_id"));
                set("server_custom_id", json!(id));
            }
            How::Social { provider, id } | How::Silent { provider, id } => {
                set("type", json!("social"));
                set("provider", json!(provider));
                set("id", json!(id));
            }
        }
        if matches!(sign_in.how, How::Silent { .. }) {
            set("is_cross_auth", json!(true));
        }
        set("username", json!(subject.username));
        set("name", json!(subject.nickname));
        set("email", json!(subject.email));
        set("external_account_id", json!(subject.external_account_id));
        if protocol == Protocol::Jwt {
            set("payload", json!(sign_in.payload));
        } else {
            set("jti", json!(context.random.uuid()));
            set("scp", json!(sign_in.scope));
            set("aud", json!(sign_in.audience.iter().collect::<Vec<_>>()));
        }
        let token = sign(context, project, &claims);
        let holder = Holder::User { subject: subject.id.clone() };
        self.remember(&token, holder, now_s, ttl_s);
        Ok(token)
    }

    /// A token for `X-Server-Authorization`.
    pub(super) fn server_token(&mut self, context: &mut Context<'_>, client: &Client) -> Result<String, Failure> {
        let project = self.state.project(&client.project).ok_or(Failure::PROJECT_NOT_FOUND)?;
        let now_s = context.seconds();
        let claims = json!({
            "iss": ISSUER,
            "iat": now_s,
            "exp": now_s.saturating_add(client.access_ttl_s),
            "client_id": client.id,
            "xsolla_login_project_id": project.id,
            "jti": context.random.uuid(),
        });
        let token = sign(context, project, &claims);
        self.remember(&token, Holder::Server { client: client.id }, now_s, client.access_ttl_s);
        Ok(token)
    }

    fn remember(&mut self, token: &str, holder: Holder, now_s: u64, ttl_s: u64) {
        if self.state.tokens.len() > REMEMBERED_TOKENS {
            self.state.tokens.retain(|_, issued| issued.expires_s > now_s);
        }
        let issued = IssuedToken { holder, expires_s: now_s.saturating_add(ttl_s), revoked: false };
        self.state.tokens.insert(signature(token).to_owned(), issued);
    }

    /// Whether the token is one we issued and still good. The algorithm is the project's, never the token's.
    pub(super) fn judge(&self, context: &Context<'_>, token: &str) -> Result<&Holder, Defect> {
        let claims = jwt::payload(token).ok_or(Defect::Invalid)?;
        let project = claims
            .get("xsolla_login_project_id")
            .and_then(Value::as_str)
            .and_then(|id| self.state.projects.get(id))
            .ok_or(Defect::Invalid)?;
        let genuine = match project.algorithm {
            Algorithm::HS256 => jwt::verify_hs256(secret(project), token),
            Algorithm::RS256 => project.key_ids.iter().any(|kid| context.keys.verify_rs256(kid, token)),
        };
        let issued = self.state.tokens.get(signature(token)).filter(|_| genuine).ok_or(Defect::Invalid)?;
        if issued.revoked || issued.expires_s <= context.seconds() {
            return Err(Defect::Invalid);
        }
        if project.removed {
            return Err(Defect::ProjectGone);
        }
        match &issued.holder {
            Holder::User { subject } if !self.state.users.contains_key(subject) => Err(Defect::UserGone),
            holder => Ok(holder),
        }
    }

    /// The user a request speaks for. Order: header absent → invalid bearer; not `Bearer …` → `400 0`; token bad,
    /// expired, revoked or a server's → invalid bearer; project gone → `404 003-019`; user gone → `404 003-002`; banned →
    /// `401 002-040`.
    pub(super) fn bearer(&self, context: &Context<'_>, request: &Request) -> Result<&User, Failure> {
        let refused = || Failure::invalid_bearer(&self.state.knobs);
        let header = request.header("authorization").filter(|header| !header.is_empty()).ok_or_else(refused)?;
        let token = header.strip_prefix("Bearer ").ok_or(Failure::PARAMETERS)?.trim();
        let holder = self.judge(context, token).map_err(|defect| match defect {
            Defect::Invalid => refused(),
            Defect::ProjectGone => Failure::PROJECT_NOT_FOUND,
            Defect::UserGone => Failure::USER_NOT_FOUND,
        })?;
        let Holder::User { subject } = holder else { return Err(refused()) };
        let user = self.state.users.get(subject).ok_or(Failure::USER_NOT_FOUND)?;
        if self.state.is_banned(user) { Err(Failure::BANNED) } else { Ok(user) }
    }

    /// Lets a game server pass. Order: header absent → `401 003-040`; token bad, expired or revoked (the word `Bearer`
    /// before it makes it bad) → `401 002-016`; a user's token → `401 003-040`.
    pub(super) fn server(&self, context: &Context<'_>, request: &Request) -> Result<(), Failure> {
        let header = request.header("x-server-authorization").filter(|header| !header.is_empty());
        let token = header.ok_or(Failure::UNAUTHORISED)?;
        match self.judge(context, token) {
            Ok(Holder::Server { client }) if self.state.clients.contains_key(client) => Ok(()),
            Ok(Holder::User { .. }) | Err(Defect::UserGone) => Err(Failure::UNAUTHORISED),
            _ => Err(Failure::TOKEN_INVALID),
        }
    }

    /// Kills every access token and JWT of a user.
    pub(super) fn revoke_access(&mut self, user: &str) {
        for issued in self.state.tokens.values_mut() {
            if matches!(&issued.holder, Holder::User { subject } if subject == user) {
                issued.revoked = true;
            }
        }
    }

    /// Kills one token; whether it was known.
    pub(super) fn revoke_issued(&mut self, token: &str) -> bool {
        let issued = self.state.tokens.get_mut(signature(token));
        issued.map(|issued| issued.revoked = true).is_some()
    }
}

fn sign(context: &Context<'_>, project: &Project, claims: &Value) -> String {
    match project.algorithm {
        Algorithm::HS256 => jwt::sign_hs256(secret(project), None, claims),
        Algorithm::RS256 => context.keys.sign_rs256(project.key_ids.last().map_or(jwt::KID_A, String::as_str), claims),
    }
}

fn secret(project: &Project) -> &[u8] {
    project.hs_secret.as_deref().unwrap_or_default().as_bytes()
}

fn signature(token: &str) -> &str {
    token.rsplit_once('.').map_or("", |(_, signature)| signature)
}
