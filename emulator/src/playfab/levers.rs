//! What a test does to the service instead of calling it: the same levers as `/__emulator/playfab/…`, as methods.

use super::PlayFab;
use super::credentials::TokenOrder;
use super::knobs::Knobs;
use super::platforms::Platform;
use super::state::{Link, PlatformState, Player, Title};
use crate::Context;

impl PlayFab {
    /// The switches.
    pub fn knobs(&self) -> &Knobs {
        &self.state.knobs
    }

    /// The switches, to be turned.
    pub fn knobs_mut(&mut self) -> &mut Knobs {
        &mut self.state.knobs
    }

    /// The title.
    pub fn title(&self) -> &Title {
        &self.state.title
    }

    /// The title, to be changed.
    pub fn title_mut(&mut self) -> &mut Title {
        &mut self.state.title
    }

    /// How the title has a platform set up, and how the platform is doing.
    pub fn platform_mut(&mut self, platform: Platform) -> &mut PlatformState {
        self.state.platforms.entry(platform).or_default()
    }

    /// Adds a player and gives its id, or replaces the one of that id. Empty ids are made up.
    pub fn put_player(&mut self, context: &mut Context<'_>, mut player: Player) -> String {
        let mut id = || format!("{:016X}", context.random.next_u64());
        if player.playfab_id.is_empty() {
            player.playfab_id = id();
        }
        if player.title_player_id.is_empty() {
            player.title_player_id = id();
        }
        if player.created == 0 {
            player.created = context.now;
        }
        let playfab_id = player.playfab_id.clone();
        self.state.players.insert(playfab_id.clone(), player);
        playfab_id
    }

    /// The player of that id.
    pub fn player_of(&self, playfab_id: &str) -> Option<&Player> {
        self.state.players.get(playfab_id)
    }

    /// Bans a player, or lifts the ban. Whether there was one.
    pub fn ban_player(&mut self, playfab_id: &str, banned: bool) -> bool {
        self.state.players.get_mut(playfab_id).map(|player| player.banned = banned).is_some()
    }

    /// Deletes a player and its links; what it holds answers `AccountDeleted`. Whether there was one.
    pub fn delete_player(&mut self, playfab_id: &str) -> bool {
        self.state.links.retain(|link| link.playfab_id != playfab_id);
        match self.state.players.get_mut(playfab_id) {
            Some(player) => !std::mem::replace(&mut player.deleted, true),
            None => false,
        }
    }

    /// Links an identity to a player, whoever had it before.
    pub fn put_link(&mut self, link: Link) {
        self.state.links.retain(|other| {
            (other.platform, &other.connection, &other.id) != (link.platform, &link.connection, &link.id)
        });
        self.state.links.push(link);
    }

    /// Whose that identity is; the connection is OpenID's.
    pub fn owner(&self, platform: Platform, connection: Option<&str>, id: &str) -> Option<&str> {
        self.state.link(platform, connection, id).map(|link| link.playfab_id.as_str())
    }

    /// All links, in the order they were made.
    pub fn all_links(&self) -> &[Link] {
        &self.state.links
    }

    /// A platform hands a player an identity token.
    pub fn mint_identity_token(&self, context: &Context<'_>, order: &TokenOrder) -> String {
        self.state.mint(context, order)
    }

    /// Ends a player's sessions: tickets are unknown from now on, entity tokens revoked.
    pub fn revoke_sessions(&mut self, playfab_id: &str) {
        self.state.tickets.retain(|_, ticket| ticket.playfab_id != playfab_id);
        for token in self.state.entity_tokens.values_mut() {
            token.revoked |= token.playfab_id.as_deref() == Some(playfab_id);
        }
    }

    /// Forgets what the limits have counted.
    pub fn reset_limits(&mut self) {
        self.state.windows.clear();
    }
}
