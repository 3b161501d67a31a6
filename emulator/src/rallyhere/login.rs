//! `POST /users/v1/login`: the pipeline of rallyhere.md §6.2, in its order, so that every failure is deterministic.
//! The steps from the user on (15 to 20) are shared with the web flow.

use serde_json::Value;

use super::RallyHere;
use super::platforms::{Grant, Platform, Profile, empty_code};
use super::providers::{self, Verified};
use super::state::{Agreements, Bypass, Client, Gate, PlatformUser, State};
use super::wire::{self, Denied, Fields, Needs};
use crate::{Context, Fault, Request, Response};

/// A login request that passed steps 1 to 4.
pub(crate) struct Attempt {
    grant: Grant,
    client: Client,
    token: String,
    parent_token: String,
    display_name: String,
    parent_display_name: String,
    include_refresh: bool,
    accepted: Needs,
    user_agent: Option<String>,
    address: Option<String>,
}

/// How the player came here: it decides about gates and new users.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entrance {
    Platform,
    Refresh,
    Web,
}

impl RallyHere {
    pub(crate) fn login(&mut self, context: &mut Context<'_>, request: &Request) -> Response {
        let attempt = match self.state.read_login(request) {
            Ok(attempt) => attempt,
            Err(response) => return response,
        };
        let profile = self.state.profile();
        let envelope = move |fault: &Fault| {
            let code = fault.error_code.as_deref().unwrap_or("internal_error");
            Denied::new(code).body(profile, fault.description.as_deref())
        };
        let fault = context.faults.take(request);
        if let Some(fault) = fault.as_ref().filter(|fault| !fault.after) {
            return fault.answer(None, envelope);
        }
        let response = match self.state.decide(context, &attempt) {
            Ok(result) => Response::json(200, &result),
            Err(denied) => Response::json(403, &denied.body(profile, None)),
        };
        match fault {
            Some(fault) => fault.answer(Some(response), envelope),
            None => response,
        }
    }
}

impl State {
    /// Steps 1 to 4.
    fn read_login(&self, request: &Request) -> Result<Attempt, Response> {
        let body = wire::read_body(request, false)?;
        if let Gate::Unavailable(seconds) = self.environment.gate {
            return Err(wire::error(503, "service_unavailable", true).with_header("retry-after", seconds.to_string()));
        }
        let is_user_grant = body.get("grant_type").and_then(Value::as_str) != Some("client_credentials");
        let client = self.authenticate_client(request, is_user_grant)?;
        wire::check_headers(request)?;
        let mut fields = Fields::of_body(body).strict();
        let name = fields.required("grant_type", 0, usize::MAX);
        let grant = Grant::parse(&name, self.profile());
        if grant.is_none() && fields.value("grant_type").is_some_and(Value::is_string) {
            fields.fail("grant_type", "type_error.enum");
        }
        let mut text = |name| fields.string(name, usize::MAX).unwrap_or_default();
        let token = text("portal_access_token");
        let display_name = text("portal_display_name");
        let parent_token = text("portal_parent_access_token");
        let parent_display_name = text("portal_parent_display_name");
        let include_refresh = fields.flag("include_refresh");
        let accepted = Needs {
            eula: fields.flag("accept_eula"),
            tos: fields.flag("accept_tos"),
            privacy_policy: fields.flag("accept_privacy_policy"),
        };
        fields.finish()?;
        let grant = grant.ok_or_else(|| wire::invalid(&["body", "grant_type"], "type_error.enum"))?;
        Ok(Attempt {
            grant,
            client,
            token,
            parent_token,
            display_name,
            parent_display_name,
            include_refresh,
            accepted,
            user_agent: request.header("user-agent").map(str::to_owned),
            address: request
                .header("x-rh-client-addr")
                .or_else(|| request.header("x-forwarded-for"))
                .map(str::to_owned),
        })
    }

    /// Steps 6 to 23.
    fn decide(&mut self, context: &mut Context<'_>, attempt: &Attempt) -> Result<Value, Denied> {
        let grant = attempt.grant;
        let is_client_grant = grant == Grant::ClientCredentials;
        if self.is_current() {
            if is_client_grant && !attempt.client.allow_client_auth {
                return Err(Denied::new("client_auth_disabled"));
            }
            if !is_client_grant && !attempt.client.allow_user_auth {
                return Err(Denied::new("user_auth_disabled"));
            }
        }
        let config = self.grants.get(&grant).cloned().unwrap_or_default();
        let profile = self.profile();
        let supported = config.supported.unwrap_or_else(|| grant.supported_by(profile));
        if !supported && profile == Profile::Current {
            return Err(Denied::new("invalid_grant_type"));
        }
        if is_client_grant {
            return Ok(self.client_result(context, &attempt.client));
        }
        if !config.enabled || !supported {
            return Err(Denied::new(format!("{}_disabled", grant.group())));
        }
        if attempt.token.is_empty() {
            return Err(Denied::new(empty_code(grant.group())));
        }
        let user = match grant {
            Grant::Refresh => self.find_refreshed(context, attempt)?,
            _ => {
                let verified = self.verify(attempt)?;
                self.find_or_create(context, &verified, Entrance::Platform)?
            }
        };
        let entrance = if grant == Grant::Refresh { Entrance::Refresh } else { Entrance::Platform };
        self.admit(context.now, &user, entrance)?;
        self.accept(&user, attempt.accepted);
        let missing = self.missing_agreements(&user);
        if missing.any() {
            return Err(Denied { needs: missing, ..Denied::new("user_needs_agreements") });
        }
        if self.player_id(&user.player_uuid).is_none() {
            return Err(Denied::new("error_retrieving_player_results"));
        }
        let result =
            self.user_result(context, &attempt.client, &user, attempt.include_refresh, true).map_err(Denied::new)?;
        if grant == Grant::Refresh && attempt.include_refresh {
            self.rotate(context.now, &attempt.token);
        }
        self.record(context.now, "login", &user);
        if let Some(event) = self.events.last_mut() {
            event.client_id = Some(attempt.client.client_id.clone());
            event.user_agent.clone_from(&attempt.user_agent);
            event.address.clone_from(&attempt.address);
        }
        Ok(result)
    }

    /// Step 3: HTTP Basic in either base64 alphabet, padded or not.
    pub(crate) fn authenticate_client(&self, request: &Request, is_user_grant: bool) -> Result<Client, Response> {
        let client = match request.header("authorization") {
            Some(value) => basic(value).and_then(|(id, secret)| {
                self.client(&id).filter(|client| client.secret == secret && !secret.is_empty())
            }),
            None if self.environment.lenient_client_auth && is_user_grant => self.clients.first(),
            None => None,
        };
        client
            .cloned()
            .ok_or_else(|| wire::error(403, "client_credentials_invalid", false))
            .map_err(|response| self.as_login_error(request, response))
    }

    /// On login the envelope is the larger one.
    fn as_login_error(&self, request: &Request, response: Response) -> Response {
        if request.path.ends_with("/login") {
            let body = Denied::new("client_credentials_invalid").body(self.profile(), None);
            return Response::json(403, &body);
        }
        response
    }

    /// Steps 11 to 14.
    fn verify(&mut self, attempt: &Attempt) -> Result<Verified, Denied> {
        let grant = attempt.grant;
        let config = self.grants.get(&grant).cloned().unwrap_or_default();
        if grant == Grant::Basic {
            return self.verify_basic(attempt);
        }
        if let Some(code) = providers::configuration_flaw(grant.group(), Some(grant), &config) {
            return Err(Denied::new(code));
        }
        let mut verified =
            providers::verify(grant, &config, &attempt.token, &attempt.parent_token).map_err(Denied::new)?;
        let is_ticket = !matches!(grant, Grant::Anon | Grant::AndroidDevice | Grant::IosDevice);
        if self.environment.single_use_tickets && is_ticket {
            let ticket = format!("{} {}", grant.name(), attempt.token);
            if !self.used_tickets.insert(ticket) {
                return Err(Denied::new(providers::spent_code(grant, &attempt.token)));
            }
        }
        if self.is_current() && !verified.owns_game {
            return Err(Denied::new("does_not_meet_ownership_reqs"));
        }
        if !attempt.display_name.is_empty() {
            verified.name = Some(attempt.display_name.clone());
        }
        if let Some(parent) = verified.parent.as_mut().filter(|_| !attempt.parent_display_name.is_empty()) {
            parent.display_name.clone_from(&attempt.parent_display_name);
        }
        Ok(verified)
    }

    fn verify_basic(&self, attempt: &Attempt) -> Result<Verified, Denied> {
        let pair = attempt.token.split_once(':').filter(|(name, word)| !name.is_empty() && !word.is_empty());
        let (username, password) = pair.ok_or_else(|| Denied::new("basic_auth_incorrect_format"))?;
        if self.basic_accounts.get(username).is_none_or(|known| known != password) {
            return Err(Denied::new("basic_auth_credentials_not_found"));
        }
        let mut verified = Verified::plain(Platform::BASIC, username.to_owned());
        verified.name = Some(attempt.display_name.clone()).filter(|name| !name.is_empty());
        Ok(verified)
    }

    /// Steps 13 and 15 for `refresh`.
    fn find_refreshed(&self, context: &Context<'_>, attempt: &Attempt) -> Result<PlatformUser, Denied> {
        let token = self
            .live_refresh_token(context.now, &attempt.token)
            .ok_or_else(|| Denied::new("refresh_token_not_found"))?;
        if token.client_id != attempt.client.client_id {
            return Err(Denied::new("refresh_token_client_id_mismatch"));
        }
        self.user(token.platform, &token.platform_user_id)
            .cloned()
            .ok_or_else(|| Denied::new("refresh_token_invalid_user"))
    }

    /// Step 15: the user of a verified identity, created at its first login.
    pub(crate) fn find_or_create(
        &mut self,
        context: &mut Context<'_>,
        verified: &Verified,
        entrance: Entrance,
    ) -> Result<PlatformUser, Denied> {
        if self.ambiguous.contains(&(verified.platform, verified.id.clone())) {
            return Err(Denied::new("too_many_users"));
        }
        let is_current = self.is_current();
        if self.user(verified.platform, &verified.id).is_none() {
            if entrance == Entrance::Web && is_current && !self.environment.oauth_creates_users {
                return Err(Denied::new("create_new_user_not_allowed"));
            }
            self.create_user(context.now, context.random, verified.platform, &verified.id, None);
        }
        let user = self.user_mut(verified.platform, &verified.id).ok_or_else(|| Denied::new("internal_error"))?;
        if verified.name.is_some() {
            user.display_name.clone_from(&verified.name);
        } else if user.display_name.is_none() {
            user.display_name = Some(verified.id.clone());
        }
        user.platform_environment = verified.environment.map(str::to_owned);
        if verified.parent.is_some() {
            user.parent.clone_from(&verified.parent);
        }
        Ok(user.clone())
    }

    /// Steps 16 to 18: role, gate, restrictions.
    pub(crate) fn admit(&self, now: u64, user: &PlatformUser, entrance: Entrance) -> Result<(), Denied> {
        self.pass_gate(user, entrance)?;
        let person = self.person(&user.person_id).ok_or_else(|| Denied::new("internal_error"))?;
        let blocking: Vec<_> =
            person.restrictions.iter().filter(|one| one.is_active(now) && one.blocks_login()).cloned().collect();
        if !blocking.is_empty() {
            return Err(Denied { restrictions: blocking, ..Denied::new("user_auth_restricted") });
        }
        Ok(())
    }

    /// Steps 16 and 17.
    pub(crate) fn pass_gate(&self, user: &PlatformUser, entrance: Entrance) -> Result<(), Denied> {
        let person = self.person(&user.person_id).ok_or_else(|| Denied::new("internal_error"))?;
        let bypass = match &person.role_id {
            Some(role_id) => {
                let role = self.role(role_id).ok_or_else(|| Denied::new("failed_to_retrieve_roles"))?;
                role.auth_bypass
            }
            None => Bypass::None,
        };
        match self.environment.gate {
            Gate::Limited if entrance != Entrance::Refresh && bypass == Bypass::None => {
                Err(Denied::new("authentication_limited"))
            }
            Gate::Locked if bypass != Bypass::Locked => Err(Denied::new("authentication_locked")),
            _ => Ok(()),
        }
    }

    /// Step 19, first half: only true has an effect.
    pub(crate) fn accept(&mut self, user: &PlatformUser, accepted: Needs) {
        let required = self.environment.agreements;
        let Some(person) = self.person_mut(&user.person_id) else { return };
        let record = |accepted: bool, of_person: &mut Option<u32>, version: Option<u32>| {
            if accepted && version.is_some() {
                *of_person = version;
            }
        };
        record(accepted.eula, &mut person.accepted.eula, required.eula);
        record(accepted.tos, &mut person.accepted.tos, required.tos);
        record(accepted.privacy_policy, &mut person.accepted.privacy_policy, required.privacy_policy);
    }

    /// Step 19, second half: a document whose required version is not the accepted one.
    pub(crate) fn missing_agreements(&self, user: &PlatformUser) -> Needs {
        let required = self.environment.agreements;
        let accepted = self.person(&user.person_id).map_or_else(Agreements::default, |person| person.accepted);
        let missing = |required: Option<u32>, accepted: Option<u32>| required.is_some() && required != accepted;
        Needs {
            eula: missing(required.eula, accepted.eula),
            tos: missing(required.tos, accepted.tos),
            privacy_policy: missing(required.privacy_policy, accepted.privacy_policy),
        }
    }
}

/// Client id and secret of a Basic header; the id ends at the first colon.
fn basic(header: &str) -> Option<(String, String)> {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD_NO_PAD;

    let (scheme, encoded) = header.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let standard = encoded.trim().trim_end_matches('=').replace('-', "+").replace('_', "/");
    let pair = String::from_utf8(STANDARD_NO_PAD.decode(standard).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}
