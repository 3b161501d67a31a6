//! The linking itself: a main account creates a code, a game server submits it for a platform account.

use serde_json::{Map, Value, json};

use super::failure::Failure;
use super::state::{LinkCode, LinkEvent, ProjectKind, User};
use super::wire::{integer, needed_text, object, text};
use super::{Answer, Call, Xsolla};
use crate::{Context, Response};

/// The platforms of strict mode.
const PLATFORMS: [&str; 4] = ["steam", "xbox", "epicgames", "psn"];

/// What a game server submits.
struct Submission {
    code: String,
    platform: String,
    user_id: String,
    project_id: Option<String>,
    publisher: Option<u64>,
}

impl Xsolla {
    /// Order: the user token (see [`Xsolla::bearer`]: `400 0`, `401 002-016`, `404 003-002`, `401 002-040`); a platform
    /// account's own token → `422 003-033`; more than 5 codes a minute → 429. A body is not read. A linked platform
    /// account's token names the main account, so it may create codes; one from before the link may not.
    pub(super) fn create_code(&mut self, context: &mut Context<'_>, call: &Call<'_>) -> Answer {
        let user = self.bearer(context, call.request)?;
        if self.state.is_platform_account(user) {
            return Err(Failure::PROJECT_KIND);
        }
        let (main_user, project) = (user.id.clone(), user.project.clone());
        let key = format!("create {main_user}");
        if let Some(seconds) = self.state.windows.full(&key, self.state.knobs.codes_per_minute, 60, context.now) {
            return Err(Failure::too_many(seconds));
        }
        self.state.windows.add(&key, context.now);
        self.forget_codes(context.now);
        if !self.state.knobs.keep_earlier_codes {
            self.state.link_codes.retain(|_, code| code.main_user != main_user || code.project != project);
        }
        let digits = self.state.knobs.code_digits.clamp(4, 18);
        let code = loop {
            let code = context.random.digits(digits);
            if !self.state.link_codes.contains_key(&code) {
                break code;
            }
        };
        let lives_ms = self.state.knobs.code_ttl_s.saturating_mul(1000);
        let expires = context.now.saturating_add(lives_ms);
        let kept = LinkCode { code: code.clone(), main_user, project, created: context.now, expires };
        self.state.link_codes.insert(code.clone(), kept);
        Ok(Response::json(200, &json!({ "code": code })))
    }

    /// Order: server token (`401`); body not a JSON object, wrong types → `400 0`; field missing → `422 002-028`; platform
    /// outside the strict list → `422 002-027`; project not found → `404 003-019`; not a shadow project → `422 003-033`; 5
    /// wrong codes for this (platform, user) → 429; code unknown, expired, used or replaced → `404 003-061`; the code's
    /// project is not the shadow project's main one → `422 003-033`; no such platform account → `404 003-002`; linked to
    /// another main account → `422 010-016`; linked to the same one → 204; the main account has another account of that
    /// platform → `422 010-016`. Only a 204 consumes the code.
    pub(super) fn link(&mut self, context: &mut Context<'_>, call: &Call<'_>) -> Answer {
        self.server(context, call.request)?;
        let submission = submission(&object(&call.request.body)?)?;
        let Submission { code, platform, user_id, .. } = &submission;
        if self.state.knobs.strict_platforms && !PLATFORMS.contains(&platform.as_str()) {
            return Err(Failure::invalid("platform"));
        }
        let project = self.resolve_project(submission.project_id.as_deref(), submission.publisher)?;
        if project.kind != ProjectKind::Shadow {
            return Err(Failure::PROJECT_KIND);
        }
        let (shadow, main_project) = (project.id.clone(), project.main_project_id.clone());
        let live = self.submitted_code(context.now, &shadow, &submission)?;
        if main_project.as_ref() != Some(&live.project) {
            return Err(Failure::PROJECT_KIND);
        }
        let account = self.state.platform_account(&shadow, platform, user_id);
        if account.is_none() && !self.state.knobs.auto_create_platform_account {
            return Err(Failure::USER_NOT_FOUND);
        }
        let again = match account.and_then(|account| account.linked_main.as_ref()) {
            Some(main) if *main == live.main_user => true,
            Some(_) => return Err(Failure::ALREADY_LINKED),
            None if self.has_platform(&live.main_user, platform) => return Err(Failure::ALREADY_LINKED),
            None => false,
        };
        let account = match account.map(|account| account.id.clone()) {
            Some(id) => id,
            None => {
                let (platform, platform_user_id) = (Some(platform.clone()), Some(user_id.clone()));
                let account = User { project: shadow.clone(), platform, platform_user_id, ..User::default() };
                self.create_user(context, account)
            }
        };
        if let Some(account) = self.state.users.get_mut(&account) {
            account.linked_main = Some(live.main_user.clone());
        }
        self.state.link_codes.remove(code);
        let sequence = self.state.link_events.last().map_or(1, |event| event.sequence + 1);
        self.state.link_events.push(LinkEvent {
            sequence,
            at: context.now,
            main_user: live.main_user,
            account,
            platform: platform.clone(),
            user_id: user_id.clone(),
            project: shadow,
            again,
        });
        Ok(Response::empty(204))
    }

    /// The live code; a wrong one counts against the platform account.
    fn submitted_code(&mut self, now: u64, shadow: &str, submission: &Submission) -> Result<LinkCode, Failure> {
        let key = format!("wrong {shadow} {} {}", submission.platform, submission.user_id);
        let (limit, window_s) = (self.state.knobs.wrong_codes, self.state.knobs.wrong_codes_window_s);
        if let Some(seconds) = self.state.windows.full(&key, limit, window_s, now) {
            return Err(Failure::too_many(seconds));
        }
        self.forget_codes(now);
        let live = self.state.link_codes.get(&submission.code).cloned();
        if live.is_none() {
            self.state.windows.add(&key, now);
        }
        live.ok_or(Failure::NOT_FOUND)
    }

    /// Whether the main account already has an account of that platform.
    fn has_platform(&self, main_user: &str, platform: &str) -> bool {
        self.state.knobs.one_account_per_platform
            && self.state.users.values().any(|user| {
                user.linked_main.as_deref() == Some(main_user) && user.platform.as_deref() == Some(platform)
            })
    }

    fn forget_codes(&mut self, now: u64) {
        let users = &self.state.users;
        self.state.link_codes.retain(|_, code| code.expires > now && users.contains_key(&code.main_user));
    }
}

/// Types first, then presence. The code may be a number; nothing about it is trimmed or changed.
fn submission(body: &Map<String, Value>) -> Result<Submission, Failure> {
    let code = match body.get("code") {
        Some(Value::Number(number)) if number.is_u64() => Some(number.to_string()),
        _ => text(body, "code")?.map(str::to_owned),
    };
    text(body, "platform")?;
    text(body, "user_id")?;
    let project_id = text(body, "project_id")?.map(str::to_owned);
    let publisher = integer(body, "publisher_project_id")?;
    let code = code.ok_or_else(|| Failure::missing("code"))?;
    let platform = needed_text(body, "platform")?.to_owned();
    let user_id = needed_text(body, "user_id")?.to_owned();
    Ok(Submission { code, platform, user_id, project_id, publisher })
}
