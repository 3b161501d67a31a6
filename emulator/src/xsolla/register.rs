//! New users: `/user` and `/oauth2/user` with a password, `/oauth2/login/device/{type}` without one.

use serde_json::json;

use super::failure::Failure;
use super::sign_in::sign_in;
use super::state::{How, ProjectKind, User};
use super::wire::{needed_text, object};
use super::{Answer, Call, Protocol, Xsolla};
use crate::{Context, Response};

impl Xsolla {
    /// Order: body not a JSON object → `400 0`; the destination; shadow project → `422 003-033`; registration closed →
    /// `422 010-003`; member missing → `422 002-028`, too long or short → `422 002-027`; username taken → `422 003-003`;
    /// e-mail taken → `422 003-004`. With confirmation by mail the answer is 204.
    pub(super) fn register(&mut self, context: &mut Context<'_>, call: &Call<'_>, protocol: Protocol) -> Answer {
        let body = object(&call.request.body)?;
        let destination = self.destination(call, protocol)?;
        let project = self.state.project(&destination.project).ok_or(Failure::PROJECT_NOT_FOUND)?;
        if project.kind == ProjectKind::Shadow {
            return Err(Failure::PROJECT_KIND);
        }
        if !self.state.knobs.registration {
            return Err(Failure::REGISTRATION_CLOSED);
        }
        let confirm = project.confirm_email;
        let sized = |name, least: usize, most: usize| {
            let text = needed_text(&body, name)?;
            let fits = (least..=most).contains(&text.chars().count());
            if fits { Ok(text.to_owned()) } else { Err(Failure::invalid(name)) }
        };
        let (username, password, email) =
            (sized("username", 1, 255)?, sized("password", 6, 100)?, sized("email", 1, 255)?);
        if self.state.user_by_login(&destination.project, &username).is_some() {
            return Err(Failure::USERNAME_EXISTS);
        }
        if self.state.user_by_login(&destination.project, &email).is_some() {
            return Err(Failure::EMAIL_EXISTS);
        }
        let id = self.create_user(
            context,
            User {
                project: destination.project.clone(),
                nickname: Some(username.clone()),
                username: Some(username),
                password: Some(password),
                email: Some(email),
                confirmed: !confirm,
                ..User::default()
            },
        );
        if confirm {
            return Ok(Response::empty(204));
        }
        let url = self.arrive(context, destination, sign_in(call, id, How::Password))?;
        Ok(Response::json(200, &json!({ "login_url": url })))
    }

    /// Order: body not a JSON object → `400 0`; the destination; device type not `android` or `ios` → `422 002-027`;
    /// member missing → `422 002-028`; banned → `401 002-040`. An unknown device becomes a user.
    pub(super) fn device(&mut self, context: &mut Context<'_>, call: &Call<'_>, kind: &str) -> Answer {
        let body = object(&call.request.body)?;
        let destination = self.destination(call, Protocol::OAuth)?;
        if !matches!(kind, "android" | "ios") {
            return Err(Failure::invalid("device_type"));
        }
        needed_text(&body, "device")?;
        let device = format!("{kind}:{}", needed_text(&body, "device_id")?);
        let known = self
            .state
            .users
            .values()
            .find(|user| user.project == destination.project && user.device.as_ref() == Some(&device));
        let id = match known {
            Some(user) if user.banned => return Err(Failure::BANNED),
            Some(user) => user.id.clone(),
            None => {
                let project = destination.project.clone();
                self.create_user(context, User { project, device: Some(device), ..User::default() })
            }
        };
        let url = self.arrive(context, destination, sign_in(call, id, How::Device))?;
        Ok(Response::json(200, &json!({ "login_url": url })))
    }

    /// Keeps a user under a fresh id, registered now.
    pub(super) fn create_user(&mut self, context: &mut Context<'_>, user: User) -> String {
        let id = context.random.uuid();
        let user = User { id: id.clone(), registered: context.now, ..user };
        self.state.users.insert(id.clone(), user);
        id
    }
}
