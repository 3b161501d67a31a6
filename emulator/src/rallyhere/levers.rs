//! The levers a test pulls in Rust; `admin.rs` offers the same over HTTP.

use super::bearer::{self, Defect};
use super::fixture;
use super::platforms::{Grant, Platform, Portal};
use super::state::{
    Agreements, Client, Environment, Event, GrantConfig, Person, PlatformUser, Restriction, Role, Rotation,
};
use super::{RallyHere, tokens};
use crate::Context;
use crate::jwt::{KID_A, KID_B};

/// Whom a minted token speaks for.
#[derive(Clone, Debug)]
pub enum Subject {
    /// A platform user, as the client `game` would have signed it in.
    User(Platform, String),
    /// A client without a user.
    Client(String),
}

impl RallyHere {
    /// What is set for the whole environment.
    pub fn environment(&self) -> &Environment {
        &self.state.environment
    }

    /// The same, to change: profile, gate, lifetimes, rotation, redirect URIs and the switches.
    pub fn environment_mut(&mut self) -> &mut Environment {
        &mut self.state.environment
    }

    /// The switches of a login grant.
    pub fn grant_mut(&mut self, grant: Grant) -> &mut GrantConfig {
        self.state.grants.entry(grant).or_default()
    }

    /// The switches of a web portal.
    pub fn portal_mut(&mut self, portal: Portal) -> &mut GrantConfig {
        self.state.portals.entry(portal).or_default()
    }

    /// A client, to change its secret, permissions and policy.
    pub fn client_mut(&mut self, client_id: &str) -> Option<&mut Client> {
        self.state.clients.iter_mut().find(|client| client.client_id == client_id)
    }

    /// Adds a client that may do nothing special.
    pub fn add_client(&mut self, context: &mut Context<'_>, client_id: &str, secret: &str) {
        let client = fixture::client(context.random, client_id, secret, &[]);
        self.state.clients.retain(|known| known.client_id != client_id);
        self.state.clients.push(client);
    }

    /// Adds a role, or replaces the one of that id.
    pub fn set_role(&mut self, role: Role) {
        self.state.roles.retain(|known| known.role_id != role.role_id);
        self.state.roles.push(role);
    }

    /// Removes a role; persons who have it can no longer sign in.
    pub fn remove_role(&mut self, role_id: &str) {
        self.state.roles.retain(|known| known.role_id != role_id);
    }

    /// Gives a user's person a role (which need not exist) or takes it. False when there is no such user.
    pub fn assign_role(&mut self, platform: Platform, id: &str, role_id: Option<&str>) -> bool {
        self.change_person(platform, id, |person| person.role_id = role_id.map(str::to_owned))
    }

    /// Which versions of the documents are required from now on.
    pub fn require_agreements(&mut self, agreements: Agreements) {
        self.state.environment.agreements = agreements;
    }

    /// Puts a restriction on a user's person. False when there is no such user.
    pub fn restrict(&mut self, platform: Platform, id: &str, restriction: Restriction) -> bool {
        self.change_person(platform, id, |person| person.restrictions.push(restriction))
    }

    /// Lifts all restrictions of a user's person. False when there is no such user.
    pub fn lift_restrictions(&mut self, platform: Platform, id: &str) -> bool {
        self.change_person(platform, id, |person| person.restrictions.clear())
    }

    /// A platform user, as it is now.
    pub fn user(&self, platform: Platform, id: &str) -> Option<&PlatformUser> {
        self.state.user(platform, id)
    }

    /// A user's person, as it is now.
    pub fn person_of(&self, platform: Platform, id: &str) -> Option<&Person> {
        self.state.person(&self.state.user(platform, id)?.person_id)
    }

    /// All platform users.
    pub fn users(&self) -> impl Iterator<Item = &PlatformUser> {
        self.state.users.iter()
    }

    /// Creates a platform user with a person of its own, or renames the one there is.
    pub fn put_user(&mut self, context: &mut Context<'_>, platform: Platform, id: &str, name: Option<&str>) {
        let name = name.map(str::to_owned);
        match self.state.user_mut(platform, id) {
            Some(user) => user.display_name = name,
            None => {
                self.state.create_user(context.now, context.random, platform, id, name);
            }
        }
    }

    /// Deletes a platform user; its refresh tokens stay and then name nobody. False when there is no such user.
    pub fn delete_user(&mut self, platform: Platform, id: &str) -> bool {
        let Some(user) = self.state.user(platform, id).cloned() else { return false };
        self.state.users.retain(|one| !(one.platform == platform && one.platform_user_id == id));
        self.state.players.retain(|player| player.player_uuid != user.player_uuid);
        if let Some(person) = self.state.person_mut(&user.person_id)
            && person.active_player_uuid.as_ref() == Some(&user.player_uuid)
        {
            person.active_player_uuid = None;
        }
        self.state.drop_person_if_empty(&user.person_id);
        true
    }

    /// Deletes a user's player row and leaves the user. False when there is no such user.
    pub fn drop_player(&mut self, platform: Platform, id: &str) -> bool {
        let Some(user) = self.state.user(platform, id).cloned() else { return false };
        self.state.players.retain(|player| player.player_uuid != user.player_uuid);
        true
    }

    /// Whether an identity matches more than one platform user.
    pub fn set_ambiguous(&mut self, platform: Platform, id: &str, ambiguous: bool) {
        let identity = (platform, id.to_owned());
        self.state.ambiguous.retain(|known| *known != identity);
        if ambiguous {
            self.state.ambiguous.push(identity);
        }
    }

    /// Adds an account for the grant `basic`, or changes its password.
    pub fn set_basic_account(&mut self, username: &str, password: &str) {
        self.state.basic_accounts.insert(username.to_owned(), password.to_owned());
    }

    /// Signs with the other key from now on; both stay published. Returns the key id.
    pub fn rotate_key(&mut self) -> &'static str {
        self.state.signing_kid = if self.state.signing_kid == KID_A { KID_B } else { KID_A };
        self.state.retired_kids.remove(self.state.signing_kid);
        self.state.signing_kid
    }

    /// Takes a key from the published ones; tokens it signed become `auth_invalid_key_id`.
    pub fn retire_key(&mut self, kid: &str) {
        self.state.retired_kids.insert(kid.to_owned());
    }

    /// Whether refresh tokens can be stored (`failed_to_save_tokens`).
    pub fn fail_token_store(&mut self, fails: bool) {
        self.state.token_store_fails = fails;
    }

    /// Whether the web flow's state can be stored (`failed_to_save_state`).
    pub fn fail_state_store(&mut self, fails: bool) {
        self.state.state_store_fails = fails;
    }

    /// Whether a refresh with this token would find it.
    pub fn accepts_refresh_token(&self, context: &Context<'_>, value: &str) -> bool {
        self.state.live_refresh_token(context.now, value).is_some()
    }

    /// A restart that loses what was kept of replaced refresh tokens: whatever grace they had left is over.
    pub fn forget_grace(&mut self, context: &Context<'_>) {
        if let Rotation::Grace(seconds) = self.state.environment.rotation {
            let longest = context.now.saturating_add(seconds.saturating_mul(1000));
            self.state.refresh_tokens.retain(|token| token.expires > longest);
        }
    }

    /// Ends every refresh token, as an operator does after a leak.
    pub fn revoke_refresh_tokens(&mut self) {
        self.state.refresh_tokens.clear();
    }

    /// An access token with at most one thing wrong; `None` when there is no such user or client.
    pub fn mint(&mut self, context: &mut Context<'_>, subject: &Subject, defect: Option<Defect>) -> Option<String> {
        let state = &self.state;
        let claims = match subject {
            Subject::User(platform, id) => {
                let user = state.user(*platform, id)?.clone();
                let client = state.clients.first()?.clone();
                let permissions = tokens::permissions(&client, &[], true);
                bearer::user_claims(state, context, &client.client_id, &user, &permissions)
            }
            Subject::Client(client_id) => {
                let client = state.client(client_id)?.clone();
                let permissions = tokens::permissions(&client, &[], false);
                bearer::client_claims(state, context, &client.client_id, &permissions)
            }
        };
        Some(match defect {
            Some(defect) => bearer::sign_defective(state, context, claims, defect),
            None => bearer::sign(state, context, &claims),
        })
    }

    /// What happened so far: logins, links, active players.
    pub fn events(&self) -> &[Event] {
        &self.state.events
    }

    fn change_person(&mut self, platform: Platform, id: &str, change: impl FnOnce(&mut Person)) -> bool {
        let Some(person_id) = self.state.user(platform, id).map(|user| user.person_id.clone()) else {
            return false;
        };
        let Some(person) = self.state.person_mut(&person_id) else { return false };
        change(person);
        true
    }
}
