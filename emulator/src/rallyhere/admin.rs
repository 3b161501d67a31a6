//! RallyHere's levers over HTTP, under `/__emulator/rallyhere`; emulator/README.md lists them.
//! Each reads a JSON body whose absent fields leave things as they are.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::bearer::{self, Defect};
use super::levers::Subject;
use super::platforms::{Grant, Platform, Portal, Profile};
use super::restrictions::{KINDS, expiration};
use super::state::{Gate, ProviderState, Restriction, Role, Rotation};
use super::{RallyHere, wire};
use crate::admin::refuse;
use crate::{Context, Request, Response};

type Answer = Result<Value, Response>;

impl RallyHere {
    /// Answers one request under `/__emulator/rallyhere` (the path comes without that).
    pub fn admin(&mut self, context: &mut Context<'_>, request: &Request) -> Response {
        self.start(context.now);
        let segments = request.segments();
        let path: Vec<&str> = segments.iter().map(String::as_str).collect();
        let answer = match (request.method.as_str(), path.as_slice()) {
            ("GET", ["oauth", "page", portal]) => return self.oauth_page(request, portal),
            ("GET", ["oauth", "failed"]) => Ok(json!({
                "error_code_v2": request.query_value("error_code_v2"),
                "error_description": request.query_value("error_description"),
                "error_code": request.query_value("error_code"),
            })),
            ("GET", ["state"]) => Ok(self.snapshot(context)),
            ("GET", ["events"]) => Ok(serde_json::to_value(self.events()).unwrap_or_default()),
            ("POST", ["environment"]) => read(request).and_then(|body| self.change_environment(body)),
            ("POST", ["grants"]) => read(request).and_then(|body| self.change_grant(body)),
            ("POST", ["clients"]) => read(request).map(|body| self.change_client(context, body)),
            ("POST", ["roles"]) => read(request).map(|role: Role| {
                self.set_role(role);
                done()
            }),
            ("DELETE", ["roles", role_id]) => {
                self.remove_role(role_id);
                Ok(done())
            }
            ("POST", ["persons", "role"]) => read(request).and_then(|body: AssignRole| {
                found(self.assign_role(body.who.platform()?, &body.who.platform_user_id, body.role_id.as_deref()))
            }),
            ("POST", ["agreements"]) => read(request).and_then(|body| self.change_agreements(&body)),
            ("POST", ["restrictions"]) => read(request).and_then(|body| self.change_restrictions(context, body)),
            ("DELETE", ["restrictions"]) => {
                read(request).and_then(|who: Who| found(self.lift_restrictions(who.platform()?, &who.platform_user_id)))
            }
            ("POST", ["platform-users"]) => read(request).and_then(|body| self.change_user(context, body)),
            ("DELETE", ["platform-users"]) => {
                read(request).and_then(|who: Who| found(self.delete_user(who.platform()?, &who.platform_user_id)))
            }
            ("DELETE", ["players"]) => {
                read(request).and_then(|who: Who| found(self.drop_player(who.platform()?, &who.platform_user_id)))
            }
            ("POST", ["basic-accounts"]) => read(request).map(|account: Account| {
                self.set_basic_account(&account.username, &account.password);
                done()
            }),
            ("POST", ["keys", "rotate"]) => Ok(json!({ "kid": self.rotate_key() })),
            ("POST", ["keys", "retire"]) => read(request).map(|key: Key| {
                self.retire_key(&key.kid);
                json!({ "published": bearer::published_kids(&self.state).collect::<Vec<_>>() })
            }),
            ("POST", ["tokens"]) => read(request).and_then(|body| self.mint_for(context, body)),
            ("POST", ["storage"]) => read(request).map(|body| self.change_storage(&body)),
            ("POST", ["redirects"]) => read(request).and_then(|body| self.change_redirects(body)),
            _ => return refuse(404, "no such lever; emulator/README.md lists them"),
        };
        match answer {
            Ok(body) => Response::json(200, &body),
            Err(response) => response,
        }
    }

    fn change_environment(&mut self, change: EnvironmentChange) -> Answer {
        let environment = self.environment_mut();
        let gate = match change.gate.as_deref() {
            None => environment.gate,
            Some("open") => Gate::Open,
            Some("limited") => Gate::Limited,
            Some("locked") => Gate::Locked,
            Some("unavailable") => Gate::Unavailable(change.retry_after_s.unwrap_or(5)),
            Some(_) => return Err(refuse(400, "gate is open, limited, locked or unavailable")),
        };
        let rotation = match change.rotation.as_deref() {
            None => environment.rotation,
            Some("reusable") => Rotation::Reusable,
            Some("rotate_strict") => Rotation::Strict,
            Some("rotate_grace") => Rotation::Grace(change.grace_s.unwrap_or(30)),
            Some(_) => return Err(refuse(400, "rotation is reusable, rotate_strict or rotate_grace")),
        };
        environment.gate = gate;
        environment.rotation = rotation;
        set(&mut environment.profile, change.profile);
        set(&mut environment.access_ttl_s, change.access_ttl_s);
        set(&mut environment.refresh_ttl_s, change.refresh_ttl_s);
        set(&mut environment.emit_nulls, change.emit_nulls);
        set(&mut environment.lenient_client_auth, change.lenient_client_auth);
        set(&mut environment.single_use_tickets, change.single_use_tickets);
        set(&mut environment.strict_redirects, change.strict_redirects);
        set(&mut environment.oauth_creates_users, change.oauth_creates_users);
        Ok(done())
    }

    fn change_grant(&mut self, change: GrantChange) -> Answer {
        let grant = change.grant.as_deref().map(|name| Grant::parse(name, Profile::Current));
        let portal = change.portal.as_deref().map(Portal::parse);
        let config = match (grant, portal) {
            (Some(Some(grant)), None) => self.grant_mut(grant),
            (None, Some(Some(portal))) => self.portal_mut(portal),
            _ => return Err(refuse(400, "name a known grant or a known portal")),
        };
        set(&mut config.enabled, change.enabled);
        set(&mut config.details_enabled, change.details_enabled);
        set(&mut config.provider_state, change.provider_state);
        set(&mut config.oauth_configured, change.oauth_configured);
        set(&mut config.ppid_conversion, change.ppid_conversion);
        if change.supported.is_some() {
            config.supported = change.supported;
        }
        Ok(done())
    }

    fn change_client(&mut self, context: &mut Context<'_>, change: ClientChange) -> Value {
        if self.client_mut(&change.client_id).is_none() {
            self.add_client(context, &change.client_id, change.secret.as_deref().unwrap_or_default());
        }
        if let Some(client) = self.client_mut(&change.client_id) {
            set(&mut client.secret, change.secret);
            set(&mut client.permissions, change.permissions);
            set(&mut client.allow_user_auth, change.allow_user_auth);
            set(&mut client.allow_client_auth, change.allow_client_auth);
        }
        done()
    }

    /// `true` bumps a version, a number sets it, `false` or null switches the document off.
    fn change_agreements(&mut self, body: &Value) -> Answer {
        let mut required = self.environment().agreements;
        for (name, version) in
            [("eula", &mut required.eula), ("tos", &mut required.tos), ("privacy_policy", &mut required.privacy_policy)]
        {
            match body.get(name) {
                None => {}
                Some(Value::Bool(true)) => *version = Some(version.unwrap_or(0).saturating_add(1)),
                Some(Value::Bool(false) | Value::Null) => *version = None,
                Some(number) => {
                    let number = number.as_u64().and_then(|number| u32::try_from(number).ok());
                    *version = Some(number.ok_or_else(|| refuse(400, "a version is true, false, null or a number"))?);
                }
            }
        }
        self.require_agreements(required);
        Ok(json!({ "required": required }))
    }

    fn change_restrictions(&mut self, context: &Context<'_>, change: RestrictionChange) -> Answer {
        if !KINDS.contains(&change.kind.as_str()) {
            return Err(refuse(400, "type is one of the four restriction types"));
        }
        let dated = match &change.expiration {
            None | Some(Value::Null) => None,
            Some(date) => Some(expiration(date).ok_or_else(|| refuse(400, "expiration is a date"))?),
        };
        let counted = change.expires_in_s.map(|seconds| context.now.saturating_add(seconds.saturating_mul(1000)));
        let restriction = Restriction { kind: change.kind, reason: change.reason, expiration: counted.or(dated) };
        found(self.restrict(change.who.platform()?, &change.who.platform_user_id, restriction))
    }

    fn change_user(&mut self, context: &mut Context<'_>, change: UserChange) -> Answer {
        let (platform, id) = (change.who.platform()?, change.who.platform_user_id);
        if self.user(platform, &id).is_none() || change.display_name.is_some() {
            self.put_user(context, platform, &id, change.display_name.as_deref());
        }
        if let Some(matches) = change.matches {
            self.set_ambiguous(platform, &id, matches > 1);
        }
        Ok(done())
    }

    fn mint_for(&mut self, context: &mut Context<'_>, body: Mint) -> Answer {
        let subject = match (body.client_id, body.platform, body.platform_user_id) {
            (Some(client_id), None, None) => Subject::Client(client_id),
            (None, Some(platform), Some(id)) => Subject::User(read_platform(&platform)?, id),
            _ => return Err(refuse(400, "name a client_id, or a platform and a platform_user_id")),
        };
        match self.mint(context, &subject, body.defect) {
            Some(token) => Ok(json!({ "access_token": token })),
            None => Err(refuse(404, "no such user or client")),
        }
    }

    fn change_storage(&mut self, change: &StorageChange) -> Value {
        if let Some(fails) = change.tokens_fail {
            self.fail_token_store(fails);
        }
        if let Some(fails) = change.states_fail {
            self.fail_state_store(fails);
        }
        done()
    }

    fn change_redirects(&mut self, change: Redirects) -> Answer {
        match change.portal.as_deref().map(Portal::parse) {
            None => self.environment_mut().redirects = change.uris,
            Some(Some(portal)) => self.portal_mut(portal).redirects = Some(change.uris),
            Some(None) => return Err(refuse(400, "no such portal")),
        }
        Ok(done())
    }

    /// What is remembered, without any secret or token.
    fn snapshot(&self, context: &Context<'_>) -> Value {
        let state = &self.state;
        let persons: Vec<Value> = state
            .persons
            .iter()
            .map(|person| {
                let users: Vec<Value> = state
                    .users_of(&person.person_id)
                    .map(|user| {
                        json!({
                            "platform": user.platform.name(),
                            "platform_user_id": user.platform_user_id,
                            "display_name": user.display_name,
                            "player_uuid": user.player_uuid,
                        })
                    })
                    .collect();
                json!({
                    "person_id": person.person_id,
                    "role_id": person.role_id,
                    "active_player_uuid": person.active_player_uuid,
                    "accepted": person.accepted,
                    "restrictions": wire::restrictions(person.restrictions.iter()),
                    "platform_users": users,
                })
            })
            .collect();
        let live = state.refresh_tokens.iter().filter(|token| context.now < token.expires).count();
        json!({
            "now_ms": context.now,
            "profile": state.environment.profile,
            "required_agreements": state.environment.agreements,
            "persons": persons,
            "live_refresh_tokens": live,
            "signing_kid": state.signing_kid,
            "published_kids": bearer::published_kids(state).collect::<Vec<_>>(),
        })
    }
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct EnvironmentChange {
    profile: Option<Profile>,
    gate: Option<String>,
    retry_after_s: Option<u64>,
    access_ttl_s: Option<u64>,
    refresh_ttl_s: Option<u64>,
    rotation: Option<String>,
    grace_s: Option<u64>,
    emit_nulls: Option<bool>,
    lenient_client_auth: Option<bool>,
    single_use_tickets: Option<bool>,
    strict_redirects: Option<bool>,
    oauth_creates_users: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct GrantChange {
    grant: Option<String>,
    portal: Option<String>,
    enabled: Option<bool>,
    supported: Option<bool>,
    details_enabled: Option<bool>,
    provider_state: Option<ProviderState>,
    oauth_configured: Option<bool>,
    ppid_conversion: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClientChange {
    client_id: String,
    secret: Option<String>,
    permissions: Option<Vec<String>>,
    allow_user_auth: Option<bool>,
    allow_client_auth: Option<bool>,
}

#[derive(Deserialize)]
struct Who {
    platform: String,
    platform_user_id: String,
}

impl Who {
    fn platform(&self) -> Result<Platform, Response> {
        read_platform(&self.platform)
    }
}

#[derive(Deserialize)]
struct AssignRole {
    #[serde(flatten)]
    who: Who,
    role_id: Option<String>,
}

#[derive(Deserialize)]
struct RestrictionChange {
    #[serde(flatten)]
    who: Who,
    #[serde(rename = "type")]
    kind: String,
    reason: Option<String>,
    expiration: Option<Value>,
    expires_in_s: Option<u64>,
}

#[derive(Deserialize)]
struct UserChange {
    #[serde(flatten)]
    who: Who,
    display_name: Option<String>,
    matches: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Account {
    username: String,
    password: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Key {
    kid: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mint {
    platform: Option<String>,
    platform_user_id: Option<String>,
    client_id: Option<String>,
    defect: Option<Defect>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StorageChange {
    tokens_fail: Option<bool>,
    states_fail: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Redirects {
    portal: Option<String>,
    uris: Vec<String>,
}

fn read<T: DeserializeOwned>(request: &Request) -> Result<T, Response> {
    serde_json::from_slice(&request.body).map_err(|error| refuse(400, &error.to_string()))
}

fn read_platform(name: &str) -> Result<Platform, Response> {
    Platform::parse(name, Profile::Current).ok_or_else(|| refuse(400, "no such platform"))
}

fn set<T>(target: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *target = value;
    }
}

fn done() -> Value {
    json!({ "ok": true })
}

fn found(found: bool) -> Answer {
    if found { Ok(done()) } else { Err(refuse(404, "no such platform user")) }
}
