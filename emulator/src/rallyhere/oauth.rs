//! The web sign-in (rallyhere.md §2.13 to §2.16) and a page that stands in for the platform's own login page.

use serde_json::json;

use super::RallyHere;
use super::login::Entrance;
use super::platforms::{Portal, empty_code};
use super::providers;
use super::state::{AuthCode, GrantConfig, OAuthState, PlatformUser, State};
use super::tokens::hash;
use super::wire::{self, Denied, Fields, Needs};
use crate::http::percent_encode;
use crate::{Context, Request, Response};

const STATE_LIVES_MS: u64 = 10 * 60 * 1000;
const CODE_LIVES_MS: u64 = 5 * 60 * 1000;
const LONGEST_STATE: usize = 4096;

/// Where a flow that cannot go on sends the browser.
struct Return {
    uri: Option<String>,
    state: Option<String>,
}

impl Return {
    fn with_error(&self, code: &str) -> Response {
        let mut query = Vec::new();
        if let Some(state) = &self.state {
            query.push(("state", state.clone()));
        }
        query.push(("error_code_v2", code.to_owned()));
        query.push(("error_description", code.replace('_', " ")));
        query.push(("error_code", deprecated(code).to_owned()));
        self.go(&query)
    }

    fn with_code(&self, code: String) -> Response {
        let mut query = vec![("code", code)];
        if let Some(state) = &self.state {
            query.push(("state", state.clone()));
        }
        self.go(&query)
    }

    fn go(&self, query: &[(&str, String)]) -> Response {
        // With no redirect URI at all the contract names no place; this page shows the error.
        let uri = self.uri.as_deref().unwrap_or("/__emulator/rallyhere/oauth/failed");
        let pairs: Vec<String> =
            query.iter().map(|(name, value)| format!("{name}={}", percent_encode(value))).collect();
        let join = if uri.contains('?') { '&' } else { '?' };
        Response::empty(307).with_header("location", format!("{uri}{join}{}", pairs.join("&")))
    }
}

/// The upper-case code that older clients read.
fn deprecated(code: &str) -> &'static str {
    match code {
        "no_redirects_configured" => "NO_REDIRECTS_CONFIGURED",
        "redirect_uri_does_not_match" => "REDIRECT_URI_DOES_NOT_MATCH",
        "failed_to_verify_state" => "FAILED_TO_VERIFY_STATE",
        "failed_to_save_state" => "FAILED_TO_SAVE_STATE",
        "failed_to_save_tokens" => "FAILED_TO_SAVE_TOKENS",
        _ if code.ends_with("_disabled") => "PORTAL_PROVIDER_DISABLED",
        _ if code.ends_with("_token_empty") => "NO_CODE_IN_REQUEST",
        _ => "ERROR_OCCURRED_DURING_EXCHANGE",
    }
}

impl RallyHere {
    /// `GET /users/v1/oauth/login/{platform}`.
    pub(crate) fn oauth_login(
        &mut self,
        context: &mut Context<'_>,
        request: &Request,
        portal: &str,
    ) -> Result<Response, Response> {
        let portal = read_portal(portal)?;
        wire::check_headers(request)?;
        let mut fields = Fields::of_query(request);
        let state = fields.string("state", LONGEST_STATE);
        let wanted = fields.string("redirect_uri", usize::MAX);
        fields.finish()?;
        let config = self.state.portal(portal);
        let listed = self.state.redirects(&config);
        let Some(first) = listed.first().cloned() else {
            return Ok(Return { uri: None, state }.with_error("no_redirects_configured"));
        };
        let uri = wanted.clone().filter(|wanted| listed.contains(wanted));
        let fits = wanted.is_none() || uri.is_some() || !self.state.environment.strict_redirects;
        let back = Return { uri: Some(uri.unwrap_or(first)), state };
        if !fits {
            return Ok(back.with_error("redirect_uri_does_not_match"));
        }
        if !config.enabled {
            return Ok(back.with_error(&format!("{}_disabled", portal.group())));
        }
        if !config.oauth_configured {
            let nintendo = portal == Portal::Nintendo;
            let code =
                if nintendo { "nintendo_oauth_env_not_found".into() } else { format!("{}_disabled", portal.group()) };
            return Ok(back.with_error(&code));
        }
        if self.state.state_store_fails {
            return Ok(back.with_error("failed_to_save_state"));
        }
        let value = context.random.token();
        self.state.oauth_states.retain(|one| context.now < one.expires.saturating_add(STATE_LIVES_MS));
        self.state.oauth_states.push(OAuthState {
            value: value.clone(),
            portal,
            redirect_uri: back.uri.unwrap_or_default(),
            client_state: back.state,
            expires: context.now.saturating_add(STATE_LIVES_MS),
            used: false,
        });
        let host = request.header("host").map(|host| format!("http://{host}")).unwrap_or_default();
        let page = format!("{host}/__emulator/rallyhere/oauth/page/{}?state={value}", portal.name());
        Ok(Response::empty(307).with_header("location", page))
    }

    /// `GET /users/v1/oauth/response/{platform}`: the platform sends the browser back.
    pub(crate) fn oauth_response(
        &mut self,
        context: &mut Context<'_>,
        request: &Request,
        portal: &str,
    ) -> Result<Response, Response> {
        let portal = read_portal(portal)?;
        wire::check_headers(request)?;
        let value = request.query_value("state").unwrap_or_default();
        let code = request.query_value("code").unwrap_or_default();
        let config = self.state.portal(portal);
        let now = context.now;
        let known = self.state.oauth_states.iter_mut().find(|one| one.value == value && one.portal == portal);
        let Some(known) = known else {
            let back = Return { uri: self.state.redirects(&config).first().cloned(), state: None };
            return Ok(back.with_error("failed_to_verify_state"));
        };
        let back = Return { uri: Some(known.redirect_uri.clone()), state: known.client_state.clone() };
        if known.used || now >= known.expires {
            return Ok(back.with_error("failed_to_verify_state"));
        }
        known.used = true;
        Ok(match self.state.sign_in_on_the_web(context, portal, &config, &code) {
            Ok(user) => back.with_code(self.state.issue_auth_code(context, &user)),
            Err(denied) => back.with_error(&denied.code),
        })
    }

    /// An injected error, told the way the flow tells its own.
    pub(crate) fn oauth_refusal(&self, request: &Request, step: &str, portal: &str, code: &str) -> Response {
        let Some(portal) = Portal::parse(portal) else { return Response::empty(404) };
        let state = request.query_value("state");
        let known = self.state.oauth_states.iter().find(|one| step == "response" && Some(&one.value) == state.as_ref());
        let back = match known {
            Some(known) => Return { uri: Some(known.redirect_uri.clone()), state: known.client_state.clone() },
            None => Return { uri: self.state.redirects(&self.state.portal(portal)).first().cloned(), state },
        };
        back.with_error(code)
    }

    /// `POST /users/v1/oauth/token`: the code becomes tokens, or the list of what is missing.
    pub(crate) fn oauth_token(&mut self, context: &mut Context<'_>, request: &Request) -> Result<Response, Response> {
        let state = &mut self.state;
        let body = wire::read_body(request, false)?;
        let client = state.authenticate_client(request, true)?;
        wire::check_headers(request)?;
        let mut fields = Fields::of_body(body);
        fields.word("grant_type", &["authorization_code"]);
        let code = fields.required("code", 1, usize::MAX);
        let accepted = Needs {
            eula: fields.flag("accepted_eula"),
            tos: fields.flag("accepted_tos"),
            privacy_policy: fields.flag("accepted_privacy_policy"),
        };
        fields.finish()?;
        let hash = hash(&code);
        let index = state.auth_codes.iter().position(|one| one.hash == hash && context.now < one.expires);
        let found = index.map(|index| state.auth_codes.swap_remove(index));
        let user = found.and_then(|code| state.user(code.platform, &code.platform_user_id).cloned());
        let user = user.ok_or_else(|| wire::error(403, "authorization_code_not_found", false))?;
        let nulls = state.environment.emit_nulls;
        let answer = |needs: Needs| {
            wire::Object::new(nulls)
                .with("needs_eula", needs.eula)
                .with("needs_tos", needs.tos)
                .with("needs_privacy_policy", needs.privacy_policy)
        };
        if let Err(denied) = state.admit(context.now, &user, Entrance::Web) {
            let body = answer(Needs::default())
                .with("error_message", denied.code)
                .with("restrictions", wire::restrictions(denied.restrictions.iter()))
                .build();
            return Ok(Response::json(200, &body));
        }
        state.accept(&user, accepted);
        let missing = state.missing_agreements(&user);
        if missing.any() {
            let code = state.issue_auth_code(context, &user);
            let body = answer(missing).with("regenerated_code", code).with("restrictions", json!([])).build();
            return Ok(Response::json(200, &body));
        }
        let body = match state.user_result(context, &client, &user, true, true) {
            Ok(result) => answer(Needs::default())
                .optional("access_token", result.get("access_token").cloned())
                .optional("refresh_token", result.get("refresh_token").cloned()),
            Err(code) => answer(Needs::default()).with("error_message", code),
        };
        Ok(Response::json(200, &body.with("restrictions", json!([])).build()))
    }

    /// `POST /users/v2/oauth/token`: a token without a user.
    pub(crate) fn client_token(&mut self, context: &mut Context<'_>, request: &Request) -> Result<Response, Response> {
        let body = wire::read_body(request, false)?;
        let client = self.state.authenticate_client(request, false)?;
        wire::check_headers(request)?;
        let mut fields = Fields::of_body(body);
        fields.word("grant_type", &["client_credentials"]);
        fields.finish()?;
        if self.state.is_current() && !client.allow_client_auth {
            return Err(wire::error(403, "client_auth_disabled", true));
        }
        let body = wire::Object::new(self.state.environment.emit_nulls)
            .with("access_token", self.state.client_token(context, &client))
            .with("token_type", "Bearer")
            .with("expires_in", self.state.environment.access_ttl_s)
            .optional("refresh_token", None::<String>)
            .build();
        Ok(Response::json(200, &body))
    }

    /// The page where a developer plays the platform's login page.
    pub(crate) fn oauth_page(&self, request: &Request, portal: &str) -> Response {
        let Some(portal) = Portal::parse(portal) else { return Response::empty(404) };
        let state = percent_encode(&request.query_value("state").unwrap_or_default());
        let name = portal.name();
        let html = format!(
            "<!doctype html><meta charset=utf-8><title>{name} (emulator)</title>\
             <h1>Sign in to {name}</h1><p>This page stands in for the platform. Flags such as \
             <code>?exchangefail</code> may follow the credential.</p>\
             <form action=/users/v1/oauth/response/{name}><input type=hidden name=state value=\"{state}\">\
             <label>Credential <input name=code value=emu.web1.Nova></label> <button>Sign in</button></form>\
             <p><a href=\"/users/v1/oauth/response/{name}?state={state}\">Cancel</a></p>"
        );
        Response { body: html.into_bytes(), ..Response::empty(200) }
            .with_header("content-type", "text/html; charset=utf-8")
    }
}

impl State {
    fn portal(&self, portal: Portal) -> GrantConfig {
        self.portals.get(&portal).cloned().unwrap_or_default()
    }

    fn redirects(&self, config: &GrantConfig) -> Vec<String> {
        config.redirects.clone().unwrap_or_else(|| self.environment.redirects.clone())
    }

    /// Steps 10 to 17 for the web flow; restrictions and agreements are judged when the code is swapped.
    fn sign_in_on_the_web(
        &mut self,
        context: &mut Context<'_>,
        portal: Portal,
        config: &GrantConfig,
        code: &str,
    ) -> Result<PlatformUser, Denied> {
        if !config.enabled {
            return Err(Denied::new(format!("{}_disabled", portal.group())));
        }
        if code.is_empty() {
            return Err(Denied::new(empty_code(portal.group())));
        }
        if let Some(flaw) = providers::configuration_flaw(portal.group(), None, config) {
            return Err(Denied::new(flaw));
        }
        let verified = providers::verify_portal(portal, config, code).map_err(Denied::new)?;
        if self.is_current() && !verified.owns_game {
            return Err(Denied::new("does_not_meet_ownership_reqs"));
        }
        let user = self.find_or_create(context, &verified, Entrance::Web)?;
        self.pass_gate(&user, Entrance::Web)?;
        if self.player_id(&user.player_uuid).is_none() {
            return Err(Denied::new("error_retrieving_player_results"));
        }
        Ok(user)
    }

    fn issue_auth_code(&mut self, context: &mut Context<'_>, user: &PlatformUser) -> String {
        let value = context.random.token();
        self.auth_codes.push(AuthCode {
            hash: hash(&value),
            platform: user.platform,
            platform_user_id: user.platform_user_id.clone(),
            expires: context.now.saturating_add(CODE_LIVES_MS),
        });
        value
    }
}

fn read_portal(name: &str) -> Result<Portal, Response> {
    Portal::parse(name).ok_or_else(|| wire::invalid(&["path", "platform"], "type_error.enum"))
}
