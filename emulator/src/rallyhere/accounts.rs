//! Link, unlink, enable and disable cross-progression: the checks of rallyhere.md §6.6 in their order.
//! None of the four changes a token that was already issued.

use super::bearer::{self, Caller, CallerUser};
use super::platforms::Platform;
use super::state::{PlatformUser, State};
use super::wire::{self, Fields};
use crate::{Context, Request, Response};

/// What lets a caller change someone else's person.
const MODIFY_ANY: [&str; 2] = ["user:*", "user:modify:any"];

const LONGEST_ID: usize = 2048;

/// A platform and an id on it.
type Identity = (Platform, String);

impl State {
    /// `POST /users/v1/cross-progression/enable` (§2.10).
    pub(crate) fn enable(&mut self, context: &mut Context<'_>, request: &Request) -> Result<Response, Response> {
        let body = wire::read_body(request, true)?;
        let caller = bearer::check(self, context, request, &[])?;
        let mut fields = Fields::of_body(body);
        let identity = self.whole_identity(&mut fields);
        fields.finish()?;
        let target = self.resolve(&caller, identity)?;
        may_modify(&caller, &target.person_id)?;
        let person = self.person_mut(&target.person_id).ok_or_else(|| refuse("account_not_found"))?;
        if person.active_player_uuid.as_ref() == Some(&target.player_uuid) {
            return Err(refuse("already_cross_progression_player"));
        }
        person.active_player_uuid = Some(target.player_uuid.clone());
        self.record(context.now, "xprog_enable", &target);
        Ok(Response::empty(200))
    }

    /// `POST /users/v1/cross-progression/disable` (§2.11).
    pub(crate) fn disable(&mut self, context: &mut Context<'_>, request: &Request) -> Result<Response, Response> {
        let body = wire::read_body(request, true)?;
        let caller = bearer::check(self, context, request, &[])?;
        let mut fields = Fields::of_body(body);
        let person_id = fields.uuid("person_id");
        let identity = self.whole_identity(&mut fields);
        fields.finish()?;
        let person_id = match person_id {
            Some(person_id) => person_id,
            None => self.resolve(&caller, identity)?.person_id,
        };
        let person = self.person(&person_id).ok_or_else(|| refuse("account_not_found"))?;
        may_modify(&caller, &person_id)?;
        let active = person.active_player_uuid.clone().ok_or_else(|| refuse("not_cross_progression_player"))?;
        let owner = self.user_of_player(&active).cloned();
        if let Some(person) = self.person_mut(&person_id) {
            person.active_player_uuid = None;
        }
        if let Some(owner) = owner {
            self.record(context.now, "xprog_disable", &owner);
        }
        Ok(Response::empty(200))
    }

    /// `POST /users/v1/unlink` (§2.9).
    pub(crate) fn unlink(&mut self, context: &mut Context<'_>, request: &Request) -> Result<Response, Response> {
        let body = wire::read_body(request, true)?;
        let caller = bearer::check(self, context, request, &[])?;
        let mut fields = Fields::of_body(body);
        let identity = self.whole_identity(&mut fields);
        fields.finish()?;
        let target = self.resolve(&caller, identity)?;
        may_modify(&caller, &target.person_id)?;
        if self.users_of(&target.person_id).count() < 2 {
            return Err(refuse("player_not_linked"));
        }
        let person = self.person(&target.person_id).ok_or_else(|| refuse("account_not_found"))?;
        if person.active_player_uuid.as_ref() == Some(&target.player_uuid) {
            return Err(refuse("cannot_unlink_cross_progression_player"));
        }
        if self.has_active_restriction(&target.person_id, context.now) {
            return Err(refuse("user_has_restrictions"));
        }
        let accepted = person.accepted;
        self.record(context.now, "unlink", &target);
        let person_id = self.create_person(context.random, accepted);
        if let Some(user) = self.user_mut(target.platform, &target.platform_user_id) {
            user.person_id.clone_from(&person_id);
        }
        self.record(context.now, "new_person", &PlatformUser { person_id, ..target });
        Ok(Response::empty(200))
    }

    /// `POST /users/v1/link` (§2.8).
    pub(crate) fn link(&mut self, context: &mut Context<'_>, request: &Request) -> Result<Response, Response> {
        let body = wire::read_body(request, true)?;
        let caller = bearer::check(self, context, request, &[])?;
        let mut fields = Fields::of_body(body);
        let leader_person = fields.uuid("leader_person_id");
        let leader = self.identity(&mut fields, "leader_platform", "leader_platform_user_id");
        let follower = self.identity(&mut fields, "follower_platform", "follower_platform_user_id");
        let scheme = fields.string("scheme", usize::MAX);
        let credentials = fields.string("credentials", usize::MAX);
        fields.finish()?;
        let selects = leader_person.is_some() || leader.is_some() || follower.is_some();
        if selects && !caller.has_any(&MODIFY_ANY) {
            return Err(wire::error(403, "insufficient_permissions", true));
        }
        let follower = self.resolve(&caller, follower)?;
        let leader_person_id = match (leader_person, leader) {
            (Some(person_id), _) => self.person(&person_id).map(|person| person.person_id.clone()),
            (None, Some((platform, id))) => self.user(platform, &id).map(|user| user.person_id.clone()),
            (None, None) => self.leader_of_token(context, scheme.as_deref(), credentials.as_deref())?,
        };
        let leader_person_id = leader_person_id.ok_or_else(|| refuse("leader_not_found"))?;
        self.judge_link(context.now, &follower, &leader_person_id)?;
        if let Some(user) = self.user_mut(follower.platform, &follower.platform_user_id) {
            user.person_id.clone_from(&leader_person_id);
        }
        self.drop_person_if_empty(&follower.person_id);
        self.record(context.now, "link", &PlatformUser { person_id: leader_person_id, ..follower });
        Ok(Response::empty(200))
    }

    fn judge_link(&self, now: u64, follower: &PlatformUser, leader_person_id: &str) -> Result<(), Response> {
        if follower.person_id == leader_person_id {
            return Err(refuse("cannot_link_same_player"));
        }
        if self.users_of(&follower.person_id).count() > 1 {
            return Err(refuse("follower_already_linked"));
        }
        if self.person(&follower.person_id).is_some_and(|person| person.active_player_uuid.is_some()) {
            return Err(refuse("follower_has_cross_progression_enabled"));
        }
        if self.users_of(leader_person_id).any(|user| user.platform == follower.platform) {
            return Err(refuse("platform_already_linked"));
        }
        if self.has_active_restriction(&follower.person_id, now) {
            return Err(refuse("follower_has_restrictions"));
        }
        if self.has_active_restriction(leader_person_id, now) {
            return Err(refuse("leader_has_restrictions"));
        }
        Ok(())
    }

    /// The leader by its own access token. A bad one is never an AUTH 403, which would make clients refresh the wrong
    /// token (§5, decision 23).
    fn leader_of_token(
        &self,
        context: &Context<'_>,
        scheme: Option<&str>,
        credentials: Option<&str>,
    ) -> Result<Option<String>, Response> {
        let (Some(scheme), Some(token)) = (scheme, credentials) else { return Ok(None) };
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Ok(None);
        }
        let Ok(leader) = bearer::read(self, context, token) else { return Ok(None) };
        let user = leader.user.ok_or_else(|| refuse("invalid_token_claims"))?;
        Ok(self.user_in_token(&user).map(|user| user.person_id.clone()))
    }

    /// The identity in the body, else the one in the token.
    fn resolve(&self, caller: &Caller, identity: Option<Identity>) -> Result<PlatformUser, Response> {
        let user = match identity {
            Some((platform, id)) => self.user(platform, &id),
            None => {
                let user = caller.user.as_ref().ok_or_else(|| refuse("invalid_token_claims"))?;
                self.user_in_token(user)
            }
        };
        user.cloned().ok_or_else(|| refuse("account_not_found"))
    }

    pub(crate) fn user_in_token(&self, user: &CallerUser) -> Option<&PlatformUser> {
        self.user(user.platform, &user.platform_user_id)
    }

    /// Two fields that only mean something together; half of one counts as none.
    fn identity(&self, fields: &mut Fields, platform: &str, id: &str) -> Option<Identity> {
        let platform = fields.platform(platform, self.profile());
        let id = fields.string(id, LONGEST_ID);
        platform.zip(id)
    }

    /// The same where half an identity is an error: acting on the token's user instead would be a surprise.
    fn whole_identity(&self, fields: &mut Fields) -> Option<Identity> {
        for (present, missing) in [("platform", "platform_user_id"), ("platform_user_id", "platform")] {
            if fields.value(present).is_some() && fields.value(missing).is_none() {
                fields.fail(missing, "value_error.missing");
            }
        }
        self.identity(fields, "platform", "platform_user_id")
    }
}

fn may_modify(caller: &Caller, person_id: &str) -> Result<(), Response> {
    let is_own = caller.user.as_ref().is_some_and(|user| user.person_id.eq_ignore_ascii_case(person_id));
    if is_own || caller.has_any(&MODIFY_ANY) { Ok(()) } else { Err(refuse("cannot_modify_person")) }
}

fn refuse(code: &str) -> Response {
    wire::error(400, code, true)
}
