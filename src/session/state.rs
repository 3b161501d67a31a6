//! What a session knows at one moment, behind its lock, and what follows from that alone.

use super::events::{Durability, Listener, Snapshot, Status};
use super::flight::Flight;
use super::record::{Live, Record};
use crate::error::{Error, ErrorKind, Result, SessionOverReason};
use crate::http;

pub(super) struct State {
    pub(super) live: Box<Live>,
    /// The text in the store as far as we know: what the next write expects to replace.
    pub(super) stored: Option<String>,
    /// The store failed a while ago, so that another tab may have what it could not write, monotonic.
    pub(super) doubt_until: u64,
    /// The store failed a moment ago, in the refresh that is under way.
    pub(super) store_failed: bool,
    /// What is in memory could not be written: how often it was tried, and when it is tried again, monotonic.
    pub(super) unsaved: Option<(usize, u64)>,
    /// Where on the monotonic clock the tokens were received; before its beginning when another program did.
    pub(super) access_received: i64,
    pub(super) refresh_received: i64,
    /// A sign-in that is in memory only: nothing in the store is newer.
    pub(super) is_new: bool,
    /// The service has just renewed the session, and that is being written.
    pub(super) is_committing: bool,
    /// The refresh token is gone for this reason; the access token is served until it expires.
    pub(super) ended: Option<SessionOverReason>,
    /// Nothing is served any more.
    pub(super) over: Option<SessionOverReason>,
    pub(super) closed: bool,
    /// A new platform ticket may be asked for.
    pub(super) renewable: bool,
    /// How often the player's identity was changed; which change the token has to have seen, and which it has.
    pub(super) identity_changes: u32,
    pub(super) identity_needed: u32,
    pub(super) identity_seen: u32,
    /// How many calls are on their way that may change it.
    pub(super) unsettled: u32,
    pub(super) flight: Option<Flight>,
    /// How many refreshes have begun: the number of the last one.
    pub(super) refreshes: u32,
    /// The sign-out, and whether the service confirmed it, until somebody was told.
    pub(super) sign_out: Option<Flight>,
    pub(super) revoked: bool,
    pub(super) failures: u32,
    /// Where in the crowd this session refreshes.
    pub(super) jitter: u8,
    /// The attempt in the record was made here, and its request has ended.
    pub(super) attempt_is_ours: bool,
    /// When a refused token was last replaced, monotonic.
    pub(super) replaced_at: Option<u64>,
    pub(super) pause: Option<Pause>,
    pub(super) durability: Durability,
    /// Whether the store says that `restore` shall find this account.
    pub(super) pointed: bool,
    /// It is stored, but could not be listed for `restore`: when that is tried again, monotonic.
    pub(super) list_at: Option<u64>,
    pub(super) revision: u64,
    /// What listeners were last shown.
    pub(super) shown: Option<Box<Snapshot>>,
    pub(super) listeners: Vec<(u64, Listener)>,
    pub(super) next_listener: u64,
}

impl State {
    pub(super) fn new(live: Box<Live>, stored: Option<String>, renewable: bool, jitter: u8) -> Self {
        let changes = u32::from(live.stale);
        let durability = if stored.is_some() { Durability::Durable } else { Durability::Memory };
        Self {
            live,
            stored,
            doubt_until: 0,
            store_failed: false,
            unsaved: None,
            access_received: 0,
            refresh_received: 0,
            is_new: false,
            is_committing: false,
            ended: None,
            over: None,
            closed: false,
            renewable,
            identity_changes: changes,
            identity_needed: changes,
            identity_seen: 0,
            unsettled: 0,
            flight: None,
            refreshes: 0,
            sign_out: None,
            revoked: false,
            failures: 0,
            jitter,
            attempt_is_ours: false,
            replaced_at: None,
            pause: None,
            durability,
            pointed: durability == Durability::Durable,
            list_at: None,
            revision: 0,
            shown: None,
            listeners: Vec::new(),
            next_listener: 0,
        }
    }

    pub(super) fn is_stale(&self) -> bool {
        self.unsettled > 0 || self.identity_seen < self.identity_needed
    }

    /// Whether another tab has newer tokens than these. The number tells, unless these are in memory only: then whoever
    /// has rotated what both began with is ahead, since others can have only that. After a store was emptied, numbers begin
    /// anew, and a tab that knew no better may have put there what was before that; else those that live are better than
    /// the same number or dead ones, and dead ones can be of the player before.
    pub(super) fn is_outdated_by(&self, found: &Live) -> bool {
        let ours = &self.live;
        if found.access_token == ours.access_token {
            return found.generation > ours.generation;
        }
        let is_alive = found.refresh_token.is_some();
        let is_dead = ours.refresh_token.is_none();
        match self.replaced() {
            Some(base) => {
                let is_older =
                    found.generation < base.generation && found.access_life.received_at < base.access_life.received_at;
                (is_alive && !is_older || is_dead) && found.access_token != base.access_token
            }
            None => found.generation > ours.generation || is_alive && (is_dead || found.generation == ours.generation),
        }
    }

    /// Of tokens that are in memory only: those in the store that they are to replace.
    pub(super) fn replaced(&self) -> Option<Box<Live>> {
        match self.unsaved.and(self.stored.as_deref()).and_then(Record::from_text) {
            Some(Record::Live(base)) => Some(base),
            _ => None,
        }
    }

    /// From now on only a token that is asked for later will do.
    pub(super) fn identity_changed(&mut self) {
        self.identity_changes = self.identity_changes.saturating_add(1);
        self.identity_needed = self.identity_changes;
    }

    /// Nothing will be refreshed any more.
    pub(super) fn is_done(&self) -> bool {
        self.closed || self.over.is_some()
    }

    /// Whether a refresh is in the air.
    pub(super) fn is_refreshing(&self) -> bool {
        self.flight.as_ref().is_some_and(|flight| !flight.has_landed())
    }

    /// Fails when the session was closed or signed out here: whatever else happened meanwhile, that counts.
    pub(super) fn check_wanted(&self) -> Result<()> {
        if self.closed || self.over == Some(SessionOverReason::SignedOut) { self.check_open() } else { Ok(()) }
    }

    pub(super) fn check_open(&self) -> Result<()> {
        if self.closed {
            return Err(Error::misuse("the session was closed; restore it or sign in again"));
        }
        self.over.map_or(Ok(()), |reason| Err(Error::session_over(reason)))
    }

    /// The error of a session that has nothing left to refresh with.
    pub(super) fn spent(&self) -> Error {
        Error::session_over(self.ended.unwrap_or(SessionOverReason::Expired))
    }

    pub(super) fn name_stale(&self, error: Error) -> Error {
        if !self.is_stale() || error.kind() == ErrorKind::SessionOver {
            return error;
        }
        Error::new(
            ErrorKind::SessionStale,
            http::concat("the player's identity changed and the session is not refreshed yet: ", error.message()),
        )
        .with_retry_after_ms(error.retry_after_ms())
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        Snapshot {
            status: self.over.map_or(Status::SignedIn, Status::SignedOut),
            player: self.live.player.clone(),
            durability: self.durability,
            revision: self.revision,
        }
    }
}

/// The service is left alone until then.
pub(super) struct Pause {
    /// Monotonic.
    pub(super) until: u64,
    /// The service asked for that much of it, so that not even an explicit refresh passes.
    pub(super) asked_until: u64,
    pub(super) error: Error,
}
