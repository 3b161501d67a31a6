//! What a test does to the service instead of calling it: the same levers as `/__emulator/xsolla/…`, as methods.

use super::Xsolla;
use super::failure::Failure;
use super::knobs::Knobs;
use super::state::{Client, LinkCode, LinkEvent, Project, User};
use super::tickets::{Ticket, TicketOrder};
use super::wire::hex;
use crate::{Context, Keys, jwt};

impl Xsolla {
    /// The switches.
    pub fn knobs(&self) -> &Knobs {
        &self.state.knobs
    }

    /// The switches, to be turned.
    pub fn knobs_mut(&mut self) -> &mut Knobs {
        &mut self.state.knobs
    }

    /// Registers a project, or replaces the one of that id.
    pub fn put_project(&mut self, context: &mut Context<'_>, mut project: Project) {
        project.id.make_ascii_lowercase();
        if project.key_ids.is_empty() {
            project.key_ids.push(jwt::KID_A.to_owned());
        }
        project.hs_secret.get_or_insert_with(|| hex(&context.random.bytes::<32>()));
        self.state.projects.insert(project.id.clone(), project);
    }

    /// The project of that id.
    pub fn project(&self, id: &str) -> Option<&Project> {
        self.state.project(id)
    }

    /// Removes a project; its tokens stay genuine, but are for a project that is gone. Whether there was one.
    pub fn remove_project(&mut self, id: &str) -> bool {
        match self.state.projects.get_mut(id) {
            Some(project) => !std::mem::replace(&mut project.removed, true),
            None => false,
        }
    }

    /// Publishes the other test key and signs with it from now on; its id. Nothing when all are published already.
    pub fn rotate_project_key(&mut self, keys: &Keys, id: &str) -> Option<String> {
        self.rotate_key(keys, id).ok()
    }

    pub(super) fn rotate_key(&mut self, keys: &Keys, id: &str) -> Result<String, Failure> {
        let project = self.state.projects.get_mut(id).filter(|project| !project.removed);
        let project = project.ok_or(Failure::PROJECT_NOT_FOUND)?;
        let unused = keys.kids().find(|kid| !project.key_ids.iter().any(|known| known == kid));
        let kid = unused.ok_or(Failure::PARAMETERS)?.to_owned();
        project.key_ids.push(kid.clone());
        Ok(kid)
    }

    /// Registers an OAuth client, or replaces the one of that id.
    pub fn put_client(&mut self, client: Client) {
        self.state.clients.insert(client.id, client);
    }

    /// The client of that id.
    pub fn client(&self, id: u64) -> Option<&Client> {
        self.state.clients.get(&id)
    }

    /// Removes a client; its server tokens are invalid at once. Whether there was one.
    pub fn remove_client(&mut self, id: u64) -> bool {
        self.state.clients.remove(&id).is_some()
    }

    /// Registers a user and gives its id, or replaces the one of that id. An empty id is made up, an empty project is the
    /// fixture's standard one.
    pub fn put_user(&mut self, context: &mut Context<'_>, mut user: User) -> String {
        if user.id.is_empty() {
            user.id = context.random.uuid();
        }
        if user.project.is_empty() {
            user.project = super::MAIN_PROJECT_ID.to_owned();
        }
        if user.registered == 0 {
            user.registered = context.now;
        }
        let id = user.id.clone();
        self.state.users.insert(id.clone(), user);
        id
    }

    /// The user of that id.
    pub fn user(&self, id: &str) -> Option<&User> {
        self.state.users.get(id)
    }

    /// The user of that id, to be changed.
    pub fn user_mut(&mut self, id: &str) -> Option<&mut User> {
        self.state.users.get_mut(id)
    }

    /// The account of that player on that platform, in that shadow project.
    pub fn platform_account(&self, project: &str, platform: &str, user_id: &str) -> Option<&User> {
        self.state.platform_account(project, platform, user_id)
    }

    /// Bans a user, or lifts the ban. Whether there was one.
    pub fn ban_user(&mut self, id: &str, banned: bool) -> bool {
        self.state.users.get_mut(id).map(|user| user.banned = banned).is_some()
    }

    /// Deletes a user with its codes; platform accounts linked to it stand alone again. Whether there was one.
    pub fn remove_user(&mut self, id: &str) -> bool {
        for user in self.state.users.values_mut() {
            user.linked_main.take_if(|main| main == id);
        }
        self.state.link_codes.retain(|_, code| code.main_user != id);
        self.state.users.remove(id).is_some()
    }

    /// The linking codes that could be submitted at virtual time `now`.
    pub fn live_codes(&self, now: u64) -> Vec<LinkCode> {
        self.state.link_codes.values().filter(|code| code.expires > now).cloned().collect()
    }

    /// Lets a linking code expire. Whether there was one.
    pub fn expire_code(&mut self, code: &str) -> bool {
        self.state.link_codes.remove(code).is_some()
    }

    /// A platform gives a player a credential, for `cross_auth` or `login_with_token`.
    pub fn mint_ticket(&mut self, context: &mut Context<'_>, order: TicketOrder) -> Ticket {
        self.state.mint_ticket(context.random, context.now, order)
    }

    /// Kills one access token, JWT, server token or refresh token. Whether it was known.
    pub fn revoke_token(&mut self, token: &str) -> bool {
        match self.state.refresh_tokens.get_mut(token) {
            Some(refresh) => !std::mem::replace(&mut refresh.revoked, true),
            None => self.revoke_issued(token),
        }
    }

    /// Kills all tokens of a user.
    pub fn revoke_user(&mut self, id: &str) {
        self.revoke_access(id);
        self.revoke_refresh(id);
    }

    /// The links so far whose sequence number is above `after`.
    pub fn links(&self, after: u64) -> impl Iterator<Item = &LinkEvent> {
        self.state.link_events.iter().filter(move |event| event.sequence > after)
    }

    /// Forgets what the limits have counted.
    pub fn reset_limits(&mut self) {
        self.state.windows.clear();
    }
}
