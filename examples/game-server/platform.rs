//! Who a console player is, from the platform's ticket. Simulated here with a table: a real server sends the ticket to
//! the platform (Xbox XSTS, PSN, Steam's `AuthenticateUserTicket`) or checks its signature.

use playerlink::Secret;

/// A player as the platform vouches for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct VerifiedPlayer {
    /// As Xsolla spells it: `steam`, `xbox`, `epicgames` or `psn`.
    pub(crate) platform: &'static str,
    pub(crate) user_id: &'static str,
    /// As the player is known there.
    pub(crate) display_name: &'static str,
}

/// The tickets the simulated platform has issued.
const ISSUED: [(&str, VerifiedPlayer); 2] = [
    (
        "test-ticket-alex",
        VerifiedPlayer { platform: "xbox", user_id: "2533274800000001", display_name: "AlexOnTheCouch" },
    ),
    (
        "test-ticket-robin",
        VerifiedPlayer { platform: "xbox", user_id: "2533274800000002", display_name: "RobinNextDoor" },
    ),
];

/// The player the ticket was issued to. There is deliberately no other way to get a [`VerifiedPlayer`]: a user id in a
/// request's body is whatever the sender likes it to be.
pub(crate) fn verify(ticket: &Secret) -> Option<VerifiedPlayer> {
    ISSUED.iter().find(|(issued, _)| *issued == ticket.expose()).map(|(_, player)| player.clone())
}

impl VerifiedPlayer {
    /// The id under which Xsolla knows the player: a real server takes the key of its own player table.
    pub(crate) fn custom_id(&self) -> Secret {
        Secret::new(format!("{}-{}", self.platform, self.user_id))
    }
}

/// For the log: enough to tell players apart, not enough to look one up.
impl std::fmt::Display for VerifiedPlayer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let tail = self.user_id.get(self.user_id.len().saturating_sub(4)..).unwrap_or_default();
        write!(f, "{}:…{tail}", self.platform)
    }
}
