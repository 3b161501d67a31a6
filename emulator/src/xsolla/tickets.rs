//! The publishing platforms' side: which credentials Steam, Xbox, Epic and the social networks have given out.

use serde::{Deserialize, Serialize};

use super::State;
use super::failure::Failure;
use super::wire::{base64, hex};
use crate::Random;

/// What a minted platform credential is to stand for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TicketOrder {
    /// `steam`, `xbox`, `epicgames`, or a social network for `login_with_token`.
    pub platform: String,
    /// The player's id there; for Steam the plain 64-bit id.
    pub user_id: String,
    /// The only app the credential is good for; any when absent.
    pub app_id: Option<String>,
    /// Epic: the only deployment that admits the player; any, and none, when absent.
    pub deployment_id: Option<String>,
    /// The e-mail address the platform tells, if it tells one.
    pub email: Option<String>,
    pub name: Option<String>,
    /// How long it is good, in seconds.
    pub ttl_s: u64,
    /// Refused the second time it is shown to `cross_auth`; social access tokens stay good.
    pub single_use: bool,
}

impl Default for TicketOrder {
    fn default() -> Self {
        Self {
            platform: String::new(),
            user_id: String::new(),
            app_id: None,
            deployment_id: None,
            email: None,
            name: None,
            ttl_s: 600,
            single_use: true,
        }
    }
}

impl TicketOrder {
    /// A single-use credential of that player, good for ten minutes and for any app.
    pub fn new(platform: &str, user_id: &str) -> Self {
        Self { platform: platform.to_owned(), user_id: user_id.to_owned(), ..Self::default() }
    }
}

/// A minted platform credential.
#[derive(Clone, Debug)]
pub struct Ticket {
    pub(super) order: TicketOrder,
    bytes: Vec<u8>,
    /// Epoch milliseconds.
    expires: u64,
    used: bool,
}

impl Ticket {
    /// The credential as the platform's own library hands it out.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The credential as `session_ticket` has it by the reference.
    pub fn base64(&self) -> String {
        base64(&self.bytes)
    }

    /// The credential as shipped vendor SDKs send Steam's.
    pub fn hex(&self) -> String {
        hex(&self.bytes)
    }

    /// The credential as text (`code`, `access_token`); Steam's is none.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.bytes).ok()
    }
}

/// What a credential is shown with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shown<'c> {
    pub(super) platform: &'c str,
    pub(super) app_id: Option<&'c str>,
    pub(super) deployment_id: Option<&'c str>,
}

impl<'c> Shown<'c> {
    /// Nothing but the platform.
    pub(super) fn by(platform: &'c str) -> Self {
        Self { platform, app_id: None, deployment_id: None }
    }
}

impl State {
    /// The platform gives out a credential.
    pub(super) fn mint_ticket(&mut self, random: &mut Random, now: u64, order: TicketOrder) -> Ticket {
        let bytes = match order.platform.as_str() {
            // Not UTF-8, like the real one: whoever treats it as text breaks.
            "steam" => [&[0x14, 0x00, 0x00, 0x00, 0xff][..], &random.bytes::<48>()].concat(),
            "xbox" => format!("{}-{};{}", order.user_id, random.digits(19), random.token()).into_bytes(),
            "epicgames" => hex(&random.bytes::<16>()).into_bytes(),
            _ => random.token().into_bytes(),
        };
        let expires = now.saturating_add(order.ttl_s.saturating_mul(1000));
        let ticket = Ticket { order, bytes, expires, used: false };
        self.tickets.push(ticket.clone());
        ticket
    }

    /// The platform checks a credential and, with `once`, uses it up; unknown, expired, used, or for another platform, app
    /// or deployment → `422 010-015`.
    pub(super) fn redeem_ticket(
        &mut self,
        now: u64,
        shown: &Shown<'_>,
        readings: &[Vec<u8>],
        once: bool,
    ) -> Result<TicketOrder, Failure> {
        let ticket = self.tickets.iter_mut().find(|ticket| {
            ticket.order.platform == shown.platform
                && readings.contains(&ticket.bytes)
                && ticket.expires > now
                && !(ticket.used && ticket.order.single_use)
                && ticket
                    .order
                    .app_id
                    .as_deref()
                    .is_none_or(|wanted| shown.app_id.is_none_or(|app_id| app_id == wanted))
                && ticket.order.deployment_id.as_deref().is_none_or(|wanted| shown.deployment_id == Some(wanted))
        });
        let ticket = ticket.ok_or(Failure::PLATFORM_REFUSED.about(shown.platform))?;
        ticket.used |= once;
        Ok(ticket.order.clone())
    }
}
