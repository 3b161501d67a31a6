//! Who is linked with whom, and platform users as servers see them (rallyhere.md §2.5 to §2.7).

use serde_json::Value;

use super::bearer;
use super::platforms::{Platform, Profile};
use super::state::{PlatformUser, State};
use super::wire::{self, Fields, Object};
use crate::{Context, Request, Response};

const READ: [&str; 2] = ["user:*", "user:platform:read"];
const CREATE: [&str; 2] = ["user:*", "user:platform:create"];
const LONGEST_ID: usize = 2048;
const LONGEST_NAME: usize = 256;

impl State {
    /// `GET /users/v2/player/me/links`: of the active player in the token.
    pub(crate) fn my_links(&self, context: &Context<'_>, request: &Request) -> Result<Response, Response> {
        let caller = bearer::check(self, context, request, &[])?;
        let user = caller.user.ok_or_else(|| wire::error(400, "invalid_token_claims", true))?;
        self.links(&user.active_player_uuid)
    }

    /// `GET /users/v2/player/{player_uuid}/links`.
    pub(crate) fn links_by_uuid(
        &self,
        context: &Context<'_>,
        request: &Request,
        player_uuid: &str,
    ) -> Result<Response, Response> {
        bearer::check(self, context, request, &[])?;
        if !wire::is_uuid(player_uuid) {
            return Err(wire::invalid(&["path", "player_uuid"], "type_error.uuid"));
        }
        self.links(player_uuid)
    }

    /// `GET /users/v1/player/{player_id}/linked_portals`, deprecated.
    pub(crate) fn links_by_id(
        &self,
        context: &Context<'_>,
        request: &Request,
        player_id: &str,
    ) -> Result<Response, Response> {
        bearer::check(self, context, request, &[])?;
        let player_id: u64 =
            player_id.parse().map_err(|_| wire::invalid(&["path", "player_id"], "type_error.integer"))?;
        let player = self.players.iter().find(|player| player.player_id == player_id);
        self.links(&player.map(|player| player.player_uuid.clone()).unwrap_or_default())
    }

    fn links(&self, player_uuid: &str) -> Result<Response, Response> {
        let missing = || wire::error(404, "user_not_found", true);
        let user = self.user_of_player(player_uuid).ok_or_else(missing)?;
        let person = self.person(&user.person_id).ok_or_else(missing)?;
        let nulls = self.environment.emit_nulls;
        let linked: Vec<Value> = self
            .users_of(&user.person_id)
            .map(|user| {
                Object::new(nulls)
                    .with("platform", user.platform.name())
                    .with("portal_id", user.platform.portal_id())
                    .with("portal_user_id", user.platform_user_id.clone())
                    .optional("display_name", user.display_name.clone())
                    .with("player_uuid", user.player_uuid.clone())
                    .with("player_id", self.player_id(&user.player_uuid))
                    .build()
            })
            .collect();
        let player = self
            .with_active(Object::new(nulls), user)
            .with("player_uuid", user.player_uuid.clone())
            .with("player_id", self.player_id(&user.player_uuid))
            .with("person_id", user.person_id.clone())
            .optional("role_id", person.role_id.clone())
            .build();
        let body = Object::new(nulls).with("player", player).with("linked_portals", linked).build();
        Ok(Response::json(200, &body))
    }

    /// The active player, which is named only when the person has one.
    fn with_active(&self, object: Object, user: &PlatformUser) -> Object {
        let active = self.person(&user.person_id).and_then(|person| person.active_player_uuid.clone());
        let active_id = active.as_deref().and_then(|active| self.player_id(active));
        object.optional("active_player_uuid", active).optional("active_player_id", active_id)
    }

    /// `GET /users/v1/platform-user`.
    pub(crate) fn find_platform_user(&self, context: &Context<'_>, request: &Request) -> Result<Response, Response> {
        bearer::check(self, context, request, &READ)?;
        let mut fields = Fields::of_query(request);
        let (platform, id) = identity(&mut fields, self.profile(), 0);
        fields.finish()?;
        let user = platform.and_then(|platform| self.user(platform, &id));
        let user = user.ok_or_else(|| wire::error(404, "user_not_found", true))?;
        Ok(Response::json(200, &self.platform_user(user)))
    }

    /// `POST /users/v1/platform-user`: the service does not check that the id is real.
    pub(crate) fn create_platform_user(
        &mut self,
        context: &mut Context<'_>,
        request: &Request,
    ) -> Result<Response, Response> {
        let body = wire::read_body(request, false)?;
        bearer::check(self, context, request, &CREATE)?;
        let mut fields = Fields::of_body(body);
        let (platform, id) = identity(&mut fields, self.profile(), 1);
        let display_name = fields.string("display_name", LONGEST_NAME);
        fields.finish()?;
        let Some(platform) = platform else {
            return Err(wire::invalid(&["body", "platform"], "value_error.missing"));
        };
        if self.user(platform, &id).is_some() {
            return Err(wire::error(409, "user_already_exists", true));
        }
        let user = self.create_user(context.now, context.random, platform, &id, display_name);
        Ok(Response::json(201, &self.platform_user(&user)))
    }

    /// `PUT /users/v1/platform-user`: the inputs are query parameters.
    pub(crate) fn put_platform_user(
        &mut self,
        context: &mut Context<'_>,
        request: &Request,
    ) -> Result<Response, Response> {
        bearer::check(self, context, request, &CREATE)?;
        let mut fields = Fields::of_query(request);
        let (platform, id) = identity(&mut fields, self.profile(), 0);
        let display_name = fields.required("display_name", 0, LONGEST_NAME);
        fields.finish()?;
        let Some(platform) = platform else {
            return Err(wire::invalid(&["query", "platform"], "value_error.missing"));
        };
        if let Some(user) = self.user_mut(platform, &id) {
            user.display_name = Some(display_name);
            let user = user.clone();
            return Ok(Response::json(200, &self.platform_user(&user)));
        }
        let user = self.create_user(context.now, context.random, platform, &id, Some(display_name));
        Ok(Response::json(201, &self.platform_user(&user)))
    }

    fn platform_user(&self, user: &PlatformUser) -> Value {
        self.with_active(Object::new(self.environment.emit_nulls), user)
            .with("platform", user.platform.name())
            .with("platform_user_id", user.platform_user_id.clone())
            .optional("display_name", user.display_name.clone())
            .with("player_uuid", user.player_uuid.clone())
            .with("player_id", self.player_id(&user.player_uuid))
            .with("person_id", user.person_id.clone())
            .build()
    }
}

fn identity(fields: &mut Fields, profile: Profile, shortest: usize) -> (Option<Platform>, String) {
    if fields.value("platform").is_none() {
        fields.fail("platform", "value_error.missing");
    }
    let platform = fields.platform("platform", profile);
    (platform, fields.required("platform_user_id", shortest, LONGEST_ID))
}
