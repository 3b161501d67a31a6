//! Signing in: with a platform, or with a password.

use serde_json::{Value, json};

use super::calls::{Api, Call, Proof};
use super::codes::Code;
use super::credentials::Identity;
use super::failure::Failure;
use super::fields::Body;
use super::platforms::Platform;
use super::state::{Link, Player};
use super::{Answer, PlayFab};
use crate::{Context, date};

/// .NET's `DateTime.MinValue`: there was no login before.
const NEVER: &str = "0001-01-01T00:00:00Z";

impl PlayFab {
    /// Order: platform off; encryption, signing, restricted views; credential; no player and none to be made →
    /// `AccountNotFound`; creation off, title full; player deleted, banned; `PlayerSecret`.
    pub(super) fn login(&mut self, context: &mut Context<'_>, call: &Call, body: &Body) -> Answer {
        self.platform_is_on(call)?;
        self.enterprise(call, body)?;
        if let Proof::Password(field) = call.proof {
            let playfab_id = self.by_password(context, field, body)?;
            return self.signed_in(context, &playfab_id, None, false, body);
        }
        let identity = self.identify(context, call, body)?;
        // Twitch by a server names the player too.
        if call.api == Api::Server && body.text("PlayFabId").is_some_and(|id| !self.state.players.contains_key(id)) {
            return Err(Code::AccountNotFound.into());
        }
        let platform = call.platform;
        let linked = self.state.link(platform, identity.connection.as_deref(), &identity.id);
        let (playfab_id, newly_created) = match linked {
            Some(link) => (link.playfab_id.clone(), false),
            None if body.flag("CreateAccount") => (self.join(context, platform, &identity)?, true),
            None => return Err(Code::AccountNotFound.into()),
        };
        self.welcome(&playfab_id)?;
        self.keep_secret(&playfab_id, body)?;
        let via = (platform, identity.id.clone());
        for link in &mut self.state.links {
            if link.platform == platform && link.connection == identity.connection && link.id == identity.id {
                link.last_used = context.now;
            }
        }
        self.signed_in(context, &playfab_id, Some(via), newly_created, body)
    }

    /// What only some titles have: encrypted requests, player secrets, restrictions on what a client may look at.
    fn enterprise(&self, call: &Call, body: &Body) -> Result<(), Failure> {
        let knobs = &self.state.knobs;
        if call.takes_encrypted() && body.text("EncryptedRequest").is_some() {
            let forbidden = !knobs.encrypted_requests && call.documents(Code::EncryptedRequestNotAllowed);
            let code = if forbidden { Code::EncryptedRequestNotAllowed } else { Code::EncryptionKeyMissing };
            return Err(code.into());
        }
        if body.text("PlayerSecret").is_some() && !knobs.player_secrets {
            return Err(Code::PlayerSecretNotConfigured.into());
        }
        let asks_for_views = body
            .object("InfoRequestParameters")
            .and_then(|wanted| wanted.get("ProfileConstraints"))
            .is_some_and(Value::is_object);
        if asks_for_views && !knobs.profile_views {
            return Err(Code::RequestViewConstraintParamsNotAllowed.into());
        }
        Ok(())
    }

    fn keep_secret(&mut self, playfab_id: &str, body: &Body) -> Result<(), Failure> {
        let (Some(secret), Some(player)) = (body.text("PlayerSecret"), self.state.players.get_mut(playfab_id)) else {
            return Ok(());
        };
        if player.secret.is_some() {
            return Err(Code::PlayerSecretAlreadyConfigured.into());
        }
        player.secret = Some(secret.to_owned());
        Ok(())
    }

    /// The player of that account and password. One answer for an unknown account and a wrong password; too many of them
    /// close the account for a while.
    fn by_password(&mut self, context: &Context<'_>, field: &str, body: &Body) -> Result<String, Failure> {
        let account = body.needed(field);
        let key = format!("password {}", account.to_ascii_lowercase());
        let (most, window_s) = (self.state.knobs.failed_logins, self.state.knobs.failed_logins_window_s);
        if let Some(seconds) = self.state.windows.full(&key, most, window_s, context.now) {
            return Err(Failure::throttled(Code::FailedLoginAttemptRateLimitExceeded, seconds));
        }
        let by_email = field == "Email";
        let player = if by_email { self.state.by_email(account) } else { self.state.by_username(account) };
        match player.filter(|player| player.password.as_deref() == body.text("Password")) {
            Some(player) => {
                let playfab_id = player.playfab_id.clone();
                self.welcome(&playfab_id)?;
                Ok(playfab_id)
            }
            None => {
                self.state.windows.add(&key, context.now);
                let code = if by_email { Code::InvalidEmailOrPassword } else { Code::InvalidUsernameOrPassword };
                Err(code.into())
            }
        }
    }

    fn join(&mut self, context: &mut Context<'_>, platform: Platform, identity: &Identity) -> Result<String, Failure> {
        let playfab_id = self.new_player(context, Player { origination: Some(platform), ..Player::default() })?;
        self.state.links.push(Link {
            platform,
            id: identity.id.clone(),
            connection: identity.connection.clone(),
            sandbox: identity.sandbox.clone(),
            name: identity.name.clone(),
            playfab_id: playfab_id.clone(),
            linked_at: context.now,
            last_used: context.now,
        });
        Ok(playfab_id)
    }

    /// A player who was not there before, unless the title takes none.
    pub(super) fn new_player(&mut self, context: &mut Context<'_>, player: Player) -> Result<String, Failure> {
        if !self.state.knobs.player_creation {
            return Err(Code::PlayerCreationDisabled.into());
        }
        if self.state.knobs.player_cap.is_some_and(|cap| self.state.alive().count() >= cap) {
            return Err(Code::EvaluationModePlayerCountExceeded.into());
        }
        Ok(self.put_player(context, player))
    }

    /// Whether the player may come in.
    pub(super) fn welcome(&self, playfab_id: &str) -> Result<&Player, Failure> {
        let player = self.state.players.get(playfab_id).ok_or(Code::AccountNotFound)?;
        if player.deleted {
            return Err(Code::AccountDeleted.into());
        }
        if player.banned {
            return Err(Code::AccountBanned.into());
        }
        Ok(player)
    }

    /// `LoginResult`: a new ticket and a new entity token; older ones stay good.
    pub(super) fn signed_in(
        &mut self,
        context: &mut Context<'_>,
        playfab_id: &str,
        via: Option<(Platform, String)>,
        newly_created: bool,
        body: &Body,
    ) -> Answer {
        let ticket = self.issue_ticket(context, playfab_id, via.clone());
        let entity_token = self.issue_player_token(context, playfab_id, via);
        let before = self.state.players.get_mut(playfab_id).and_then(|player| player.last_login.replace(context.now));
        let mut result = json!({
            "SessionTicket": ticket,
            "PlayFabId": playfab_id,
            "NewlyCreated": newly_created,
            "EntityToken": entity_token,
            "LastLoginTime": before.map_or_else(|| NEVER.to_owned(), date::format),
            "SettingsForUser": settings(),
            "TreatmentAssignment": { "Variants": [], "Variables": [] },
        });
        if let (Some(wanted), Some(result)) = (body.object("InfoRequestParameters"), result.as_object_mut()) {
            result.insert("InfoResultPayload".into(), self.combined_info(playfab_id, wanted));
        }
        Ok(result)
    }
}

pub(super) fn settings() -> Value {
    json!({ "NeedsAttribution": false, "GatherDeviceInfo": true, "GatherFocusInfo": true })
}
