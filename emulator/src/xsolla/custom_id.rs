//! `POST /users/login/server_custom_id`: a game server signs a platform account in under an id of its own choice.

use serde_json::{Map, Value, json};

use super::failure::Failure;
use super::sign_in::sign_in;
use super::state::{How, Project, ProjectKind, User};
use super::wire::{needed_text, object};
use super::{Answer, Call, Xsolla};
use crate::{Context, Response};

const LONGEST: usize = 256;

impl Xsolla {
    /// Order: server token (`401`); body not a JSON object → `400 0`; `with_logout` → `422 002-027`; project: none named →
    /// `422 002-028`, not found → `404 003-019`, standard although `publisher_project_id` asks for the shadow one → `422
    /// 003-033`; body fields → `422 002-028`, then `422 002-027`; (platform, user) or custom id belongs elsewhere → `422
    /// 010-016`; banned → `401 002-040`. An unknown custom id becomes a user.
    pub(super) fn custom_id(&mut self, context: &mut Context<'_>, call: &Call<'_>) -> Answer {
        self.server(context, call.request)?;
        let body = object(&call.request.body)?;
        let with_logout = call.query.with_logout()?;
        let publisher = call.query.integer("publisher_project_id")?;
        let named = call.query.any(&["projectId", "shadow_project_id", "project_id"]);
        let project = self.resolve_project(named, publisher)?;
        if project.kind == ProjectKind::Standard && publisher.is_some() {
            return Err(Failure::PROJECT_KIND);
        }
        let project = project.id.clone();
        let custom_id = needed_text(&body, "server_custom_id")?;
        let profile = social_profile(&body)?;
        let attributes = attributes(&body)?;
        if custom_id.chars().count() > LONGEST {
            return Err(Failure::invalid("server_custom_id"));
        }
        let known = self.owner(&project, custom_id, profile.as_ref())?;
        if known.as_ref().and_then(|id| self.state.users.get(id)).is_some_and(|user| self.state.is_banned(user)) {
            return Err(Failure::BANNED);
        }
        let is_new = known.is_none();
        let id = match known {
            Some(id) => id,
            None => self.create_user(context, User { project, ..User::default() }),
        };
        if let Some(user) = self.state.users.get_mut(&id) {
            user.server_custom_id = Some(custom_id.to_owned());
            if let Some((platform, user_id)) = profile {
                user.platform = Some(platform);
                user.platform_user_id = Some(user_id);
            }
            for attribute in attributes {
                user.attributes.retain(|known| known.get("key") != attribute.get("key"));
                user.attributes.push(attribute);
            }
        }
        let sign_in = sign_in(call, id, How::CustomId(custom_id.to_owned()));
        let token = self.jwt_token(context, &sign_in, with_logout)?;
        let mut answer = json!({ "token": token });
        if let (true, Some(answer)) = (self.state.knobs.tell_is_new, answer.as_object_mut()) {
            answer.insert("is_new".into(), json!(is_new));
        }
        Ok(Response::json(200, &answer))
    }

    /// An explicit id must exist; else the shadow project of the publisher project; else there is none to find.
    pub(super) fn resolve_project(&self, named: Option<&str>, publisher: Option<u64>) -> Result<&Project, Failure> {
        match (named, publisher) {
            (Some(id), _) => self.state.project(&id.to_ascii_lowercase()),
            (None, Some(publisher)) => self.state.shadow_of_publisher(publisher),
            (None, None) => return Err(Failure::missing("publisher_project_id")),
        }
        .ok_or(Failure::PROJECT_NOT_FOUND)
    }

    /// The user of a custom id, if there is one. A platform account that silent authentication made may take a custom id,
    /// and a custom id without a platform may take one; neither may change hands.
    fn owner(
        &self,
        project: &str,
        custom_id: &str,
        profile: Option<&(String, String)>,
    ) -> Result<Option<String>, Failure> {
        let by_id = self.state.user_by_custom_id(project, custom_id);
        let by_profile =
            profile.and_then(|(platform, user_id)| self.state.platform_account(project, platform, user_id));
        match (by_id, by_profile) {
            (Some(by_id), Some(by_profile)) if by_id.id != by_profile.id => Err(Failure::ALREADY_LINKED),
            (None, Some(by_profile)) if by_profile.server_custom_id.is_some() => Err(Failure::ALREADY_LINKED),
            (Some(by_id), None) if profile.is_some() && by_id.platform.is_some() => Err(Failure::ALREADY_LINKED),
            (by_id, by_profile) => Ok(by_id.or(by_profile).map(|user| user.id.clone())),
        }
    }
}

/// `social_profile`, with both members or not at all.
fn social_profile(body: &Map<String, Value>) -> Result<Option<(String, String)>, Failure> {
    match body.get("social_profile") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(profile)) => {
            let platform = needed_text(profile, "platform")?;
            let user_id = needed_text(profile, "user_id")?;
            Ok(Some((platform.to_owned(), user_id.to_owned())))
        }
        Some(_) => Err(Failure::PARAMETERS.about("social_profile")),
    }
}

/// `attributes`, each with a good key and the documented words.
fn attributes(body: &Map<String, Value>) -> Result<Vec<Value>, Failure> {
    let list = match body.get("attributes") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(list)) => list,
        Some(_) => return Err(Failure::PARAMETERS.about("attributes")),
    };
    for attribute in list {
        let members = attribute.as_object().ok_or(Failure::PARAMETERS.about("attributes"))?;
        let key = needed_text(members, "key")?;
        let attr_type = needed_text(members, "attr_type")?;
        let permission = needed_text(members, "permission")?;
        if members.get("read_only").is_some_and(|value| !value.is_boolean() && !value.is_null()) {
            return Err(Failure::PARAMETERS.about("read_only"));
        }
        if !members.contains_key("value") {
            return Err(Failure::missing("value"));
        }
        if key.len() > LONGEST || !key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return Err(Failure::invalid("key"));
        }
        if !matches!(attr_type, "client" | "server") {
            return Err(Failure::invalid("attr_type"));
        }
        if !matches!(permission, "public" | "private") {
            return Err(Failure::invalid("permission"));
        }
    }
    Ok(list.clone())
}
