//! Linking a platform to a player, and taking it off again.

use serde_json::{Value, json};

use super::calls::{Call, Proof};
use super::codes::Code;
use super::fields::Body;
use super::platforms::Platform;
use super::state::Link;
use super::{Answer, Caller, PlayFab};
use crate::Context;

/// How many ids `GetPlayFabIDsFromNintendoServiceAccountIds` takes.
pub(super) const MOST_IDS: usize = 25;

impl PlayFab {
    /// Order: platform off; credential; player unknown, deleted, banned; the identity's other owner banned; the identity
    /// claimed; the player's other account of the platform. With `ForceLink` the identity moves and the other account
    /// goes. The same pair again is no error.
    pub(super) fn link(&mut self, context: &mut Context<'_>, call: &Call, caller: &Caller, body: &Body) -> Answer {
        self.platform_is_on(call)?;
        let identity = self.identify(context, call, body)?;
        let playfab_id = target(caller, body);
        self.welcome(&playfab_id)?;
        let (platform, force) = (call.platform, body.flag("ForceLink"));
        let connection = identity.connection.as_deref();
        if let Some(owner) = self.state.link(platform, connection, &identity.id).map(|link| link.playfab_id.clone()) {
            if owner == playfab_id {
                return Ok(json!({}));
            }
            let banned = self.state.players.get(&owner).is_some_and(|player| player.banned);
            if banned && call.documents(Code::AccountLinkedToABannedPlayer) {
                return Err(Code::AccountLinkedToABannedPlayer.into());
            }
            if !force {
                return Err(call.claimed().into());
            }
        }
        let same_place = |link: &Link| {
            link.platform == platform
                && link.playfab_id == playfab_id
                && (!platform.holds_several() || connection.is_some() && link.connection == identity.connection)
        };
        let has_another = self.state.links.iter().any(same_place);
        let refused = call.documents(Code::AccountAlreadyLinked) || self.state.knobs.refuse_second_account;
        if has_another && refused && !force {
            return Err(Code::AccountAlreadyLinked.into());
        }
        let replaces = !(force && platform.force_keeps_both());
        self.state.links.retain(|link| {
            let claimed = link.platform == platform && link.connection == identity.connection && link.id == identity.id;
            !(claimed || replaces && same_place(link))
        });
        self.state.links.push(Link {
            platform,
            id: identity.id,
            connection: identity.connection,
            sandbox: identity.sandbox,
            name: identity.name,
            playfab_id,
            linked_at: context.now,
            last_used: context.now,
        });
        Ok(json!({}))
    }

    /// Order: platform off; credential, where one was sent; player unknown, deleted, banned; nothing linked →
    /// `AccountNotLinked`; something linked, but not what was named → the code of the platform. Taking off the last way
    /// to sign in is no error.
    pub(super) fn unlink(&mut self, context: &mut Context<'_>, call: &Call, caller: &Caller, body: &Body) -> Answer {
        self.platform_is_on(call)?;
        let proven = match call.proof {
            Proof::OnlyWith(name) if body.text(name).is_some() => Some(self.identify(context, call, body)?.id),
            _ => None,
        };
        let playfab_id = target(caller, body);
        self.welcome(&playfab_id)?;
        let platform = call.platform;
        let named = match call.proof {
            Proof::Which(name) | Proof::Named(name) => body.text(name),
            _ => proven.as_deref(),
        };
        let fits = |link: &&Link| match (named, platform) {
            (Some(connection), Platform::OpenIdConnect) => link.connection.as_deref() == Some(connection),
            (Some(id), _) => link.id == id,
            (None, _) => true,
        };
        let latest = self.state.links_of(&playfab_id, platform).filter(fits).max_by_key(|link| link.last_used).cloned();
        let Some(goes) = latest else {
            let has_others = self.state.links_of(&playfab_id, platform).next().is_some();
            let code = if has_others { platform.other_id() } else { Code::AccountNotLinked };
            return Err(code.into());
        };
        self.state.links.retain(|link| {
            let one_of_many = link.id == goes.id && link.connection == goes.connection;
            !(link.platform == platform && link.playfab_id == playfab_id && (one_of_many || !platform.holds_several()))
        });
        Ok(json!({}))
    }

    /// Whose the Nintendo service accounts are; null for nobody's.
    pub(super) fn nintendo_ids(&self, body: &Body) -> Answer {
        let row = |id: &str| {
            let link = self.state.link(Platform::NintendoServiceAccount, None, id);
            json!({ "NintendoServiceAccountId": id, "PlayFabId": link.map(|link| link.playfab_id.as_str()) })
        };
        let rows: Vec<Value> = body.texts("NintendoAccountIds").into_iter().map(row).collect();
        Ok(json!({ "Data": rows }))
    }
}

/// The player a call is about: the caller, or the one a server names.
pub(super) fn target(caller: &Caller, body: &Body) -> String {
    match caller {
        Caller::Player(playfab_id) => playfab_id.clone(),
        _ => body.needed("PlayFabId").to_owned(),
    }
}
