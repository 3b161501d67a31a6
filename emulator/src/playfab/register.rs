//! `Client/RegisterPlayFabUser`: an account with user name, e-mail address and password.

use serde_json::json;

use super::codes::Code;
use super::failure::Failure;
use super::fields::{Body, Check};
use super::login::settings;
use super::platforms::Platform;
use super::state::Player;
use super::{Answer, PlayFab};
use crate::Context;

pub(super) fn check(check: &mut Check<'_>, body: &Body) {
    check.needed("TitleId").login_options().text("EncryptedRequest").flag("RequireBothUsernameAndEmail");
    check.length("DisplayName", 3, 25);
    if body.text("EncryptedRequest").is_some() {
        return;
    }
    check.text("Username").text("Email").needed("Password");
    if body.flag_or("RequireBothUsernameAndEmail", true) {
        check.needed("Username").needed("Email");
    } else if body.text("Username").is_none() && body.text("Email").is_none() {
        check.needed("Username");
    }
}

impl PlayFab {
    /// Order: encryption; user name, e-mail address, password malformed; display name profane; user name, address,
    /// display name taken; creation off, title full.
    pub(super) fn register(&mut self, context: &mut Context<'_>, body: &Body) -> Answer {
        if body.text("EncryptedRequest").is_some() {
            return Err(Code::EncryptionKeyMissing.into());
        }
        self.acceptable(body)?;
        let own = |name: &str| body.text(name).map(str::to_owned);
        let player = Player {
            username: own("Username"),
            email: own("Email"),
            password: own("Password"),
            display_name: own("DisplayName"),
            origination: Some(Platform::PlayFab),
            ..Player::default()
        };
        let playfab_id = self.new_player(context, player)?;
        let ticket = self.issue_ticket(context, &playfab_id, None);
        let entity_token = self.issue_player_token(context, &playfab_id, None);
        if let Some(player) = self.state.players.get_mut(&playfab_id) {
            player.last_login = Some(context.now);
        }
        Ok(json!({
            "PlayFabId": playfab_id,
            "SessionTicket": ticket,
            "Username": body.text("Username"),
            "EntityToken": entity_token,
            "SettingsForUser": settings(),
        }))
    }

    fn acceptable(&self, body: &Body) -> Result<(), Failure> {
        let long = |text: &str, least, most| (least..=most).contains(&text.chars().count());
        let (username, email) = (body.text("Username"), body.text("Email"));
        let display_name = body.text("DisplayName");
        let well_formed = |email: &str| {
            let (name, host) = email.split_once('@').unwrap_or_default();
            !name.is_empty() && host.contains('.') && !email.contains(char::is_whitespace)
        };
        let fits = |name: &str| long(name, 3, 20) && name.chars().all(char::is_alphanumeric);
        let profane = |name: &str| {
            let name = name.to_lowercase();
            self.state.knobs.profane_words.iter().any(|word| name.contains(&word.to_lowercase()))
        };
        let refusals = [
            (username.is_some_and(|name| !fits(name)), Code::InvalidUsername),
            (email.is_some_and(|email| !well_formed(email)), Code::InvalidEmailAddress),
            (!long(body.needed("Password"), 6, 100), Code::InvalidPassword),
            (display_name.is_some_and(profane), Code::ProfaneDisplayName),
            (username.is_some_and(|name| self.state.by_username(name).is_some()), Code::UsernameNotAvailable),
            (email.is_some_and(|email| self.state.by_email(email).is_some()), Code::EmailAddressNotAvailable),
            (
                self.state.knobs.unique_display_names
                    && display_name.is_some_and(|name| self.state.by_display_name(name).is_some()),
                Code::NameNotAvailable,
            ),
        ];
        match refusals.into_iter().find(|(refused, _)| *refused) {
            Some((_, code)) => Err(code.into()),
            None => Ok(()),
        }
    }
}
