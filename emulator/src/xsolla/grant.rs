//! `POST /oauth2/token`: every grant, and how authorization codes and refresh tokens come and go.

use serde_json::{Value, json};

use super::failure::Failure;
use super::knobs::RefreshReuse;
use super::state::{AuthCode, Client, ClientKind, Holder, How, RefreshToken, SignIn, User};
use super::wire::Pairs;
use super::{Answer, Call, Xsolla, redirect};
use crate::{Context, Response};

const AUTH_CODE_TTL_MS: u64 = 600_000;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Grant {
    Code,
    Refresh,
    ClientCredentials,
    /// Spelled with an underscore by the vendor.
    TokenExchange,
}

impl Xsolla {
    /// Order: not a form → `400 0`; `grant_type` missing or unknown → `400 0`; client unknown, its secret missing or
    /// wrong, grant not allowed for its kind → `400 010-019`; its project removed → `404 003-019`; grant parameter missing
    /// → `422 002-028`; the grant itself → `400 010-023`.
    pub(super) fn token(&mut self, context: &mut Context<'_>, call: &Call<'_>) -> Answer {
        let form = form(call)?;
        let grant = match form.get("grant_type") {
            Some("authorization_code") => Grant::Code,
            Some("refresh_token") => Grant::Refresh,
            Some("client_credentials") => Grant::ClientCredentials,
            Some("urn:ietf:params:oauth:grant-type:token_exchange") => Grant::TokenExchange,
            _ => return Err(Failure::PARAMETERS.about("grant_type")),
        };
        let client = self.authenticated_client(&form)?;
        let allowed = match grant {
            Grant::ClientCredentials => client.kind == ClientKind::Server,
            Grant::TokenExchange => self.state.knobs.token_exchange && client.kind != ClientKind::Server,
            Grant::Code | Grant::Refresh => client.kind != ClientKind::Server,
        };
        if !allowed {
            return Err(Failure::CLIENT_REFUSED);
        }
        if self.state.project(&client.project).is_none() {
            return Err(Failure::PROJECT_NOT_FOUND);
        }
        let body = match grant {
            Grant::ClientCredentials => {
                let token = self.server_token(context, &client)?;
                json!({ "access_token": token, "expires_in": client.access_ttl_s, "token_type": "bearer" })
            }
            Grant::Code => self.redeem_code(context, &client, &form)?,
            Grant::Refresh => self.refresh(context, &client, &form)?,
            Grant::TokenExchange => self.exchange(context, &client, &form)?,
        };
        Ok(Response::json(200, &body).with_header("cache-control", "no-store"))
    }

    fn authenticated_client(&self, form: &Pairs) -> Result<Client, Failure> {
        let id = form.get("client_id").and_then(|id| id.parse().ok()).ok_or(Failure::CLIENT_REFUSED)?;
        let client: &Client = self.state.clients.get(&id).ok_or(Failure::CLIENT_REFUSED)?;
        let proven = client.kind == ClientKind::Public
            || client.secret.as_deref().is_some_and(|secret| form.get("client_secret") == Some(secret));
        if proven { Ok(client.clone()) } else { Err(Failure::CLIENT_REFUSED) }
    }

    /// A failed attempt leaves the code alone, so that the right client can still use it.
    fn redeem_code(&mut self, context: &mut Context<'_>, client: &Client, form: &Pairs) -> Result<Value, Failure> {
        let code = form.get("code").ok_or_else(|| Failure::missing("code"))?;
        let grant = self.state.auth_codes.get(code).filter(|grant| {
            !grant.used
                && grant.expires > context.now
                && grant.client == client.id
                && form.get("redirect_uri") == Some(grant.redirect_uri.as_str())
        });
        let grant = grant.ok_or(Failure::GRANT_INVALID)?.clone();
        self.still_welcome(&grant.sign_in)?;
        if let Some(stored) = self.state.auth_codes.get_mut(code) {
            stored.used = true;
        }
        self.tokens(context, client, grant.sign_in, Some(grant.redirect_uri), None)
    }

    fn refresh(&mut self, context: &mut Context<'_>, client: &Client, form: &Pairs) -> Result<Value, Failure> {
        let token = form.get("refresh_token").ok_or_else(|| Failure::missing("refresh_token"))?;
        let known = self.state.refresh_tokens.get(token).filter(|known| {
            let same_redirect = match (form.get("redirect_uri"), &known.redirect_uri) {
                (Some(sent), Some(started)) => sent == started,
                _ => true,
            };
            !known.revoked && known.expires > context.now && known.client == client.id && same_redirect
        });
        let known = known.ok_or(Failure::GRANT_INVALID)?.clone();
        let good_again = match (known.used_at, self.state.knobs.refresh_reuse) {
            (None, _) | (Some(_), RefreshReuse::Reusable) => true,
            (Some(_), RefreshReuse::RotateStrict) => false,
            (Some(used_at), RefreshReuse::RotateGrace { seconds }) => {
                context.now < used_at.saturating_add(seconds.saturating_mul(1000))
            }
        };
        if !good_again {
            if self.state.knobs.reuse_revokes_successors {
                self.revoke_family(&known.family);
            }
            return Err(Failure::GRANT_INVALID);
        }
        self.still_welcome(&known.sign_in)?;
        let now = context.now;
        if let Some(stored) = self.state.refresh_tokens.get_mut(token) {
            stored.used_at.get_or_insert(now);
        }
        self.tokens(context, client, known.sign_in, known.redirect_uri, Some(known.family))
    }

    /// Swaps a user's token for one with another scope; off unless the knob is on.
    fn exchange(&mut self, context: &mut Context<'_>, client: &Client, form: &Pairs) -> Result<Value, Failure> {
        let subject_token = form.get("subject_token").ok_or_else(|| Failure::missing("subject_token"))?;
        let Ok(Holder::User { subject }) = self.judge(context, subject_token) else {
            return Err(Failure::GRANT_INVALID);
        };
        let sign_in = SignIn {
            account: subject.clone(),
            how: How::Password,
            scope: form.words("scope"),
            audience: form.owned("audience"),
            payload: None,
        };
        self.still_welcome(&sign_in)?;
        self.tokens(context, client, sign_in, None, None)
    }

    /// The token JSON of a sign-in. A refresh token comes with scope `offline` only.
    pub(super) fn tokens(
        &mut self,
        context: &mut Context<'_>,
        client: &Client,
        sign_in: SignIn,
        redirect_uri: Option<String>,
        family: Option<String>,
    ) -> Result<Value, Failure> {
        let access_token = self.access_token(context, &sign_in, client)?;
        let mut body = json!({
            "access_token": access_token,
            "expires_in": client.access_ttl_s,
            "token_type": "bearer",
            "scope": sign_in.scope.join(" "),
        });
        if client.offline && sign_in.scope.iter().any(|scope| scope == "offline") {
            let token = context.random.token();
            if let Some(body) = body.as_object_mut() {
                body.insert("refresh_token".into(), json!(token));
            }
            let refresh = RefreshToken {
                client: client.id,
                redirect_uri,
                sign_in,
                family: family.unwrap_or_else(|| token.clone()),
                expires: context.now.saturating_add(client.refresh_ttl_s.saturating_mul(1000)),
                used_at: None,
                revoked: false,
            };
            self.state.refresh_tokens.insert(token, refresh);
        }
        Ok(body)
    }

    /// A new one-time authorization code, put into the redirect URI beside the caller's `state`.
    pub(super) fn code_url(
        &mut self,
        context: &mut Context<'_>,
        client: u64,
        sign_in: SignIn,
        redirect_uri: String,
        state: &str,
    ) -> String {
        let code = context.random.token();
        let url = redirect::with_query(&redirect_uri, &[("code", &code), ("state", state)]);
        let expires = context.now.saturating_add(AUTH_CODE_TTL_MS);
        self.state.auth_codes.insert(code, AuthCode { client, redirect_uri, sign_in, expires, used: false });
        url
    }

    /// Kills the refresh tokens of a user, whichever account they were made for.
    pub(super) fn revoke_refresh(&mut self, user: &str) {
        let users = &self.state.users;
        for refresh in self.state.refresh_tokens.values_mut() {
            let account = &refresh.sign_in.account;
            let main = users.get(account).and_then(|account| account.linked_main.as_deref());
            if account == user || main == Some(user) {
                refresh.revoked = true;
            }
        }
    }

    pub(super) fn revoke_family(&mut self, family: &str) {
        for refresh in self.state.refresh_tokens.values_mut() {
            if refresh.family == family {
                refresh.revoked = true;
            }
        }
    }

    /// The token call documents neither 401 nor a missing user: a user gone or banned makes the grant invalid.
    fn still_welcome(&self, sign_in: &SignIn) -> Result<(), Failure> {
        let welcome = |user: &User| !self.state.is_banned(user);
        match self.state.users.get(&sign_in.account) {
            Some(user) if welcome(user) => Ok(()),
            _ => Err(Failure::GRANT_INVALID),
        }
    }
}

/// A form body with the content type of one, else `400 0`.
pub(super) fn form(call: &Call<'_>) -> Result<Pairs, Failure> {
    let kind = call.request.header("content-type").and_then(|kind| kind.split(';').next()).unwrap_or_default();
    if !kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(Failure::PARAMETERS);
    }
    Ok(Pairs::parse(&String::from_utf8_lossy(&call.request.body)))
}
