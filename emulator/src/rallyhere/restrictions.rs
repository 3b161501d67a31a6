//! The caller's restrictions, and the endpoints by which servers impose and lift them (rallyhere.md §2.12).

use serde_json::{Value, json};

use super::bearer;
use super::state::{PENDING_DELETION, Restriction, State};
use super::wire::{self, Fields};
use crate::{Context, Request, Response, date};

const READ: [&str; 3] = ["user:*", "user:restriction:read:any", "user:restriction:read:self"];
const MODIFY: [&str; 2] = ["user:*", "user:restriction:modify:any"];
const ISSUERS: [&str; 7] = ["support", "gm", "admin", "anticheat", "punish_system", "guardian", "shop"];

/// The four kinds of restriction.
pub(crate) const KINDS: [&str; 4] = ["account_ban", "account_lockout", "account_deny_auth", PENDING_DELETION];

/// Whose restrictions an endpoint is about.
#[derive(Clone, Copy)]
pub(crate) enum Whose {
    Person,
    Player,
}

impl State {
    /// `GET /users/v1/person/me/restrictions` and `GET /users/v2/player/me/restrictions`.
    pub(crate) fn my_restrictions(
        &self,
        context: &Context<'_>,
        request: &Request,
        whose: Whose,
    ) -> Result<Response, Response> {
        let caller = bearer::check(self, context, request, &READ)?;
        let person = caller.user.as_ref().and_then(|user| match whose {
            Whose::Person => self.person(&user.person_id),
            Whose::Player => self.person(&self.user_of_player(&user.active_player_uuid)?.person_id),
        });
        if person.is_none() && matches!(whose, Whose::Person) {
            return Err(wire::error(404, "user_not_found", true));
        }
        let active = person.into_iter().flat_map(|person| &person.restrictions);
        let list = wire::restrictions(active.filter(|one| one.is_active(context.now)));
        Ok(Response::json(200, &json!({ "restrictions": list })))
    }

    /// `POST` on a person's or player's restrictions.
    pub(crate) fn impose(
        &mut self,
        context: &Context<'_>,
        request: &Request,
        whose: Whose,
        id: &str,
    ) -> Result<Response, Response> {
        let body = wire::read_body(request, false)?;
        bearer::check(self, context, request, &MODIFY)?;
        let person_id = self.restricted_person(whose, id)?;
        let mut fields = Fields::of_body(body);
        let kind = fields.word("type", &KINDS);
        fields.word("issuer_type", &ISSUERS);
        fields.required("issuer", 0, usize::MAX);
        fields.string("reason_detail", usize::MAX);
        let reason = fields.string("reason", usize::MAX);
        let expiration = match fields.value("expiration") {
            None => None,
            Some(value) => {
                let read = expiration(value);
                if read.is_none() {
                    fields.fail("expiration", "value_error.datetime");
                }
                read
            }
        };
        fields.finish()?;
        let missing = || wire::error(404, "user_not_found", true);
        let person = person_id.and_then(|person_id| self.person_mut(&person_id)).ok_or_else(missing)?;
        person.restrictions.push(Restriction { kind, reason, expiration });
        Ok(Response::empty(201))
    }

    /// `DELETE` on a person's or player's restrictions: all but the pending deletion.
    pub(crate) fn lift(
        &mut self,
        context: &Context<'_>,
        request: &Request,
        whose: Whose,
        id: &str,
    ) -> Result<Response, Response> {
        bearer::check(self, context, request, &MODIFY)?;
        let person_id = self.restricted_person(whose, id)?;
        let missing = || wire::error(404, "user_not_found", true);
        let person = person_id.and_then(|person_id| self.person_mut(&person_id)).ok_or_else(missing)?;
        person.restrictions.retain(|one| one.kind == PENDING_DELETION);
        Ok(Response::empty(204))
    }

    fn restricted_person(&self, whose: Whose, id: &str) -> Result<Option<String>, Response> {
        let name = if matches!(whose, Whose::Person) { "person_id" } else { "player_uuid" };
        if !wire::is_uuid(id) {
            return Err(wire::invalid(&["path", name], "type_error.uuid"));
        }
        Ok(match whose {
            Whose::Person => self.person(id).map(|person| person.person_id.clone()),
            Whose::Player => self.user_of_player(id).map(|user| user.person_id.clone()),
        })
    }
}

/// A date, or a Unix timestamp in seconds.
pub(crate) fn expiration(value: &Value) -> Option<u64> {
    match value {
        Value::String(text) => date::parse(text),
        Value::Number(seconds) => seconds.as_u64()?.checked_mul(1000),
        _ => None,
    }
}
