//! The rules of the session as pure functions: no clock, no I/O. The flow around them asks, does, and asks again.

use super::mutants::{Mutant, is_planted};
use crate::error::{Error, ErrorKind, SessionOverReason};
use crate::services::Classification;

/// What is known about the access token's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lifetime {
    /// As the service told; `None`: unknown, the token is used until it is refused.
    pub(crate) expires_in_ms: Option<u64>,
    /// Since the request that brought it was sent.
    pub(crate) elapsed_ms: u64,
    /// This session's place in the crowd, 0 to 255: spreads the refreshes of clients that signed in together.
    pub(crate) jitter: u8,
}

impl Lifetime {
    pub(crate) fn is_valid(self) -> bool {
        self.expires_in_ms.is_none_or(|ttl| self.elapsed_ms < ttl)
    }

    fn is_due(self) -> bool {
        self.expires_in_ms.is_some_and(|ttl| self.elapsed_ms.saturating_add(margin_ms(ttl, self.jitter)) >= ttl)
    }

    /// How long until the token is refreshed by itself; never within 5 s of the last time (R14). `None`: unknown life.
    pub(crate) fn due_in_ms(self) -> Option<u64> {
        let due = self.expires_in_ms?.saturating_sub(margin_ms(self.expires_in_ms?, self.jitter)).max(FLOOR_MS);
        Some(due.saturating_sub(self.elapsed_ms))
    }
}

/// The least time between two refreshes nobody asked for, in milliseconds.
const FLOOR_MS: u64 = 5_000;

/// The time since receipt. The monotonic clock may stand still in sleep and the wall clock may jump, so the larger
/// counts; a wall clock that went backwards counts as no time (R13).
pub(crate) fn elapsed_ms(received_wall: u64, now_wall: u64, received_monotonic: i64, now_monotonic: u64) -> u64 {
    let wall = now_wall.saturating_sub(received_wall);
    if is_planted(Mutant::WallClockExpiry) {
        return wall;
    }
    let now = i64::try_from(now_monotonic).unwrap_or(i64::MAX);
    wall.max(u64::try_from(now.saturating_sub(received_monotonic)).unwrap_or(0))
}

/// Where on this program's monotonic clock a token was received that another program got, or this one before a restart:
/// from here on, its age grows by either clock (R13).
pub(crate) fn received_monotonic(received_wall: u64, now_wall: u64, now_monotonic: u64) -> i64 {
    let age = i64::try_from(now_wall.saturating_sub(received_wall)).unwrap_or(i64::MAX);
    i64::try_from(now_monotonic).unwrap_or(i64::MAX).saturating_sub(age)
}

/// How long before expiry a token is refreshed: 10 % of its life, 30 s to 5 min, up to a fifth more or less by `jitter`,
/// at most half of the life (R14).
pub(crate) fn margin_ms(ttl: u64, jitter: u8) -> u64 {
    let margin = (ttl / 10).clamp(30_000, 300_000).min(ttl / 2);
    (margin / 5 * 4).saturating_add(margin / 5 * 2 * u64::from(jitter) / 255).min(ttl / 2)
}

/// What to do when somebody asks for a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Hand out the one we have.
    Serve,
    /// Refresh first; hand out the old one if that fails and it is still valid.
    RefreshOrServe,
    /// Refresh first; the old one must not be used any more.
    MustRefresh,
    /// There is nothing left to serve or refresh.
    Over(SessionOverReason),
}

/// Decides what to do when somebody asks for a token.
pub(crate) fn decide(lifetime: Lifetime, can_refresh: bool, stale: bool, ended: Option<SessionOverReason>) -> Decision {
    match (lifetime.is_valid(), can_refresh) {
        (true, true) if stale => Decision::MustRefresh,
        (true, false) if stale => Decision::Over(ended.unwrap_or(SessionOverReason::Expired)),
        (true, true) if lifetime.is_due() => Decision::RefreshOrServe,
        (true, _) => Decision::Serve,
        (false, true) => Decision::MustRefresh,
        (false, false) => Decision::Over(ended.unwrap_or(SessionOverReason::Expired)),
    }
}

/// What a failed refresh means for the refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AfterFailure {
    /// Keep it and try again later.
    Keep,
    /// The service has said, with a code we know, that it will never work again.
    Discard(SessionOverReason),
}

/// Decides from an allow-list of typed codes (R23): anything else, whatever its status, keeps the session. So does such
/// a code with a status that is no refusal or says "not now" (rallyhere.md §4.2).
pub(crate) fn after_refresh_failure(error: &Error) -> AfterFailure {
    if is_planted(Mutant::BusyIsTerminal) && error.status() == Some(429) {
        return AfterFailure::Discard(SessionOverReason::RefreshRejected);
    }
    if matches!(error.status(), Some(..400 | 408 | 425 | 429 | 500..)) {
        return AfterFailure::Keep;
    }
    // A service that knows more than its codes say.
    if let Some(reason) = error.reason() {
        return AfterFailure::Discard(reason);
    }
    match error.code().and_then(|code| code.classification()) {
        Some(Classification::SessionExpired) => AfterFailure::Discard(SessionOverReason::RefreshRejected),
        Some(Classification::Restricted) => AfterFailure::Discard(SessionOverReason::Restricted),
        _ => AfterFailure::Keep,
    }
}

/// Whether the service may have spent the refresh token although no new one arrived: no answer, or a success that
/// cannot be read.
pub(crate) fn is_outcome_unknown(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::Network | ErrorKind::Timeout => true,
        ErrorKind::Protocol => error.status().is_none_or(|status| status < 300),
        _ => false,
    }
}

/// Whether a sign-in that failed like this may succeed later with another ticket.
pub(crate) fn is_passing(error: &Error) -> bool {
    use ErrorKind::{Busy, Cancelled, Network, Protocol, Service, Timeout};
    matches!(error.kind(), Busy | Cancelled | Network | Protocol | Service | Timeout)
}

/// How long to leave the service alone after the `failures`-th failed refresh in a row, whatever less it asked for:
/// 1 s, 2 s, 4 s, … up to 60 s, each up to a quarter shorter by `random`, so that clients do not come back together.
/// At most four tries fall into the first 10 s (R25).
pub(crate) fn pause_ms(failures: u32, random: u8) -> u64 {
    let backoff = 1_000_u64.saturating_mul(1 << failures.saturating_sub(1).min(6)).min(60_000);
    backoff / 4 * 3 + backoff / 4 * u64::from(random) / 255
}

/// How long a session whose record was not written `tries` times waits before the next: 1 s, 5 s, then 10 s (R20).
pub(crate) fn save_again_ms(tries: usize) -> u64 {
    [1_000, 5_000].get(tries).copied().unwrap_or(10_000)
}

/// How long to wait before the same login is tried again by itself, or `None` to report the error
/// (rallyhere.md §3.1): busy services after 2, 5 and 15 s or what they ask for, an internal failure once after 2 s,
/// and only while the wait fits into what is left of the deadline.
pub(crate) fn retry_login_ms(error: &Error, attempt: u32, remaining_ms: u64) -> Option<u64> {
    let class = error.code().and_then(|code| code.classification());
    let waits: &[u64] = match class {
        // The gate codes: a closed service is not hammered.
        Some(Classification::RetryLater) if error.retry_after_ms().is_some_and(|ms| ms >= 60_000) => &[],
        Some(Classification::RetryLater) => &[2_000, 5_000, 15_000],
        Some(Classification::Internal) => &[2_000],
        Some(_) => &[],
        None if error.kind() == ErrorKind::Busy => &[2_000, 5_000, 15_000],
        None => &[],
    };
    let wait = *waits.get(attempt as usize)?;
    let wait = error.retry_after_ms().unwrap_or(wait);
    (wait < remaining_ms).then_some(wait)
}

/// What a million clients do, for the simulator.
#[cfg(feature = "mutants")]
pub(crate) mod fleet {
    /// When a client refreshes a token that lives so long, in milliseconds after it came.
    pub fn refresh_after_ms(ttl_ms: u64, random: u8) -> u64 {
        super::Lifetime { expires_in_ms: Some(ttl_ms), elapsed_ms: 0, jitter: random }.due_in_ms().unwrap_or(u64::MAX)
    }

    /// How long a client waits after its so-manieth failure in a row.
    pub fn pause_ms(failures: u32, random: u8) -> u64 {
        super::pause_ms(failures, random)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn life(expires_in_ms: Option<u64>, elapsed_ms: u64) -> Lifetime {
        Lifetime { expires_in_ms, elapsed_ms, jitter: 128 }
    }

    #[test]
    fn r14_the_margin_is_a_tenth_within_bounds_and_never_more_than_half() {
        for (ttl, least, most) in [
            (3_600_000, 240_000, 360_000),
            (600_000, 48_000, 72_000),
            (120_000, 24_000, 36_000),
            (20_000, 8_000, 10_000),
        ] {
            assert_eq!((margin_ms(ttl, 0), margin_ms(ttl, 255)), (least, most));
            assert!((0..=255).all(|jitter| (least..=most).contains(&margin_ms(ttl, jitter))));
        }
        assert_eq!(margin_ms(0, 255), 0);
    }

    #[test]
    fn r14_a_token_is_due_once_its_margin_begins_and_never_within_five_seconds_of_the_last() {
        let due = |ttl, elapsed_ms| Lifetime { expires_in_ms: ttl, elapsed_ms, jitter: 255 }.due_in_ms();
        assert_eq!(due(Some(3_600_000), 0), Some(3_240_000));
        assert_eq!(due(Some(3_600_000), 3_240_000), Some(0));
        assert_eq!(due(Some(20_000), 0), Some(10_000));
        assert_eq!(due(Some(1_000), 0), Some(5_000));
        assert_eq!(due(None, 9), None);
    }

    #[test]
    fn r14_ten_thousand_clients_that_signed_in_together_refresh_at_no_more_than_twice_the_mean_rate() {
        use std::collections::BTreeMap;
        let mut random = emulator::Random::new(5);
        for ttl in [3_600_000, 600_000, 86_400_000] {
            // By second: when each refreshes first, if nobody asks.
            let mut rate: BTreeMap<u64, u64> = BTreeMap::new();
            for _ in 0..10_000 {
                let life = Lifetime { expires_in_ms: Some(ttl), elapsed_ms: 0, jitter: random.next_u64() as u8 };
                let due = life.due_in_ms().unwrap();
                assert!(due < ttl, "before it expires");
                *rate.entry(due / 1_000).or_default() += 1;
            }
            let (first, last) = (*rate.keys().next().unwrap(), *rate.keys().last().unwrap());
            let mean = 10_000.0 / (last - first + 1) as f64;
            let peak = *rate.values().max().unwrap() as f64;
            assert!(peak <= 2.0 * mean, "{ttl}: {peak} in the worst second, {mean} in the mean");
            // The spread is two fifths of the margin: two minutes for an hour's token.
            assert!((last - first).abs_diff(margin_ms(ttl, 255).saturating_sub(margin_ms(ttl, 0)) / 1_000) <= 2);
        }
    }

    #[test]
    fn r13_time_is_the_larger_of_both_clocks_and_a_clock_set_back_counts_as_none() {
        assert_eq!(elapsed_ms(1_000, 5_000, 500, 3_500), 4_000);
        assert_eq!(elapsed_ms(1_000, 2_000, 500, 3_500), 3_000);
        assert_eq!(elapsed_ms(9_000, 2_000, 500, 3_500), 3_000);
        assert_eq!(elapsed_ms(9_000, 2_000, 500, 400), 0);
    }

    #[test]
    fn r13_what_another_program_received_ages_by_both_clocks_from_now_on() {
        let received = received_monotonic(1_000, 61_000, 5_000);
        assert_eq!(elapsed_ms(1_000, 61_000, received, 5_000), 60_000);
        assert_eq!(elapsed_ms(1_000, 500, received, 6_000), 61_000, "the wall clock was set back");
        let ancient = received_monotonic(0, u64::MAX, 0);
        assert!(elapsed_ms(0, u64::MAX, ancient, 0) >= i64::MAX as u64);
    }

    #[test]
    fn a_token_is_served_refreshed_early_or_replaced() {
        let hour = Some(3_600_000);
        assert_eq!(decide(life(hour, 0), true, false, None), Decision::Serve);
        let margin = margin_ms(3_600_000, 128);
        assert_eq!(decide(life(hour, 3_599_999 - margin), true, false, None), Decision::Serve);
        assert_eq!(decide(life(hour, 3_600_000 - margin), true, false, None), Decision::RefreshOrServe);
        assert_eq!(decide(life(hour, 3_600_000), true, false, None), Decision::MustRefresh);
        assert_eq!(decide(life(hour, 3_599_999), false, false, None), Decision::Serve);
        assert_eq!(decide(life(hour, 3_600_000), false, false, None), Decision::Over(SessionOverReason::Expired));
        assert_eq!(decide(life(None, u64::MAX), true, false, None), Decision::Serve);
    }

    #[test]
    fn a_stale_identity_is_never_served() {
        let fresh = life(Some(3_600_000), 0);
        assert_eq!(decide(fresh, true, true, None), Decision::MustRefresh);
        assert_eq!(decide(fresh, false, true, None), Decision::Over(SessionOverReason::Expired));
    }

    #[test]
    fn r23_only_known_terminal_codes_discard_the_refresh_token() {
        for kind in ErrorKind::ALL {
            for status in [400, 401, 403, 404, 408, 425, 429, 500, 502, 503, 599] {
                assert_eq!(after_refresh_failure(&Error::new(kind, "").with_status(status)), AfterFailure::Keep);
            }
        }
    }

    #[cfg(feature = "rallyhere")]
    #[test]
    fn r23_the_four_session_expired_codes_and_bans_discard_it() {
        use crate::services::rallyhere::Code;
        for row in Code::TABLE {
            let discard = after_refresh_failure(&Error::new(ErrorKind::Service, "").with_code(row.code.clone()));
            match row.classification {
                Classification::SessionExpired => {
                    assert_eq!(discard, AfterFailure::Discard(SessionOverReason::RefreshRejected));
                }
                Classification::Restricted => assert_eq!(discard, AfterFailure::Discard(SessionOverReason::Restricted)),
                _ => assert_eq!(discard, AfterFailure::Keep, "{}", row.text),
            }
        }
    }

    #[test]
    fn pauses_grow_to_a_minute() {
        let pauses = |random| (1..=8).map(|failures| pause_ms(failures, random)).collect::<Vec<u64>>();
        assert_eq!(pauses(255), [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
        assert_eq!(pauses(0), [750, 1_500, 3_000, 6_000, 12_000, 24_000, 45_000, 45_000]);
    }

    #[test]
    fn r25_at_most_four_tries_fall_into_ten_seconds_however_the_dice_fall() {
        for random in 0..=255 {
            let fourth: u64 = (1..=4).map(|failures| pause_ms(failures, random)).sum();
            assert!(fourth > 10_000);
        }
    }

    #[test]
    fn r19_only_an_answer_that_may_have_been_a_success_leaves_the_outcome_unknown() {
        let unknown: Vec<&str> = ErrorKind::ALL
            .into_iter()
            .filter(|kind| is_outcome_unknown(&Error::new(*kind, "")))
            .map(ErrorKind::as_str)
            .collect();
        assert_eq!(unknown, ["network", "timeout", "protocol"]);
        assert!(is_outcome_unknown(&Error::protocol("").with_status(200)));
        assert!(!is_outcome_unknown(&Error::protocol("").with_status(302)));
        assert!(!is_outcome_unknown(&Error::protocol("").with_status(400)));
    }

    #[test]
    fn a_login_is_retried_only_while_the_wait_fits() {
        let busy = Error::new(ErrorKind::Busy, "").with_status(503);
        assert_eq!(retry_login_ms(&busy, 0, 10_000), Some(2_000));
        assert_eq!(retry_login_ms(&busy, 1, 8_000), Some(5_000));
        assert_eq!(retry_login_ms(&busy, 2, 3_000), None);
        assert_eq!(retry_login_ms(&busy, 3, 99_000), None);
        assert_eq!(retry_login_ms(&busy.clone().with_retry_after_ms(Some(30_000)), 0, 10_000), None);
        assert_eq!(retry_login_ms(&Error::new(ErrorKind::Network, ""), 0, 10_000), None);
    }
}
