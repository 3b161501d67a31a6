//! The invariants: what must hold at every step of every world. Each is checked where the thing happens, by what the
//! service issued and what the store holds, never by what the session says of itself.

use std::collections::{BTreeMap, BTreeSet};

use crate::ledger::{Found, Ledger};

/// What must never happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Invariant {
    I1,
    I2,
    I3,
    I4,
    I5,
    I6,
    I7,
    I8,
    I9,
    I10,
    I11,
    I12,
    I13,
    I14,
    I15,
}

impl Invariant {
    /// All, in their order.
    pub const ALL: [Self; 15] = [
        Self::I1,
        Self::I2,
        Self::I3,
        Self::I4,
        Self::I5,
        Self::I6,
        Self::I7,
        Self::I8,
        Self::I9,
        Self::I10,
        Self::I11,
        Self::I12,
        Self::I13,
        Self::I14,
        Self::I15,
    ];

    /// In a few words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::I1 => "I1 one refresh in the air",
            Self::I2 => "I2 no fork",
            Self::I3 => "I3 no spent refresh token",
            Self::I4 => "I4 no lost credentials",
            Self::I5 => "I5 no resurrection",
            Self::I6 => "I6 no expired token",
            Self::I7 => "I7 calls settle",
            Self::I8 => "I8 recovery",
            Self::I9 => "I9 budget of requests",
            Self::I10 => "I10 no token in the open",
            Self::I11 => "I11 events",
            Self::I12 => "I12 timers",
            Self::I13 => "I13 stored before shown",
            Self::I14 => "I14 the player's own token",
            Self::I15 => "I15 budget of looks",
        }
    }

    /// In a sentence.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::I1 => "where there are locks, two running tabs never have a refresh with the same token in the air",
            Self::I2 => "generations in the store only grow, and a record is replaced by its own successor only",
            Self::I3 => "no tab sends a refresh token whose successor it could have read from the store",
            Self::I4 => {
                "nothing to sign in with is deleted but by a sign-out or a terminal answer about that very token"
            }
            Self::I5 => "after a sign-out is in the store, nothing but a login puts a session there",
            Self::I6 => "no access token is handed out that the tab can know to be expired",
            Self::I7 => "every call ends by its own deadline",
            Self::I8 => "60 s after all troubles are over, every tab whose session can be saved has a valid token",
            Self::I9 => {
                "in an outage a tab sends at most four refreshes in ten seconds by itself, none before Retry-After"
            }
            Self::I10 => "no token is in a log line, an error, an event, a URL, a lock's name or a key of the store",
            Self::I11 => "listeners are told of each change once, in order, and of nothing that is not so",
            Self::I12 => "a world at rest has at most one timer for a session, and none for one that is over or closed",
            Self::I13 => "no new token is handed out before the store has it, unless the store fails",
            Self::I14 => "after a tab has changed the player, it hands out no token of the player before",
            Self::I15 => "a tab that waits, rests or is over does not look into the store again and again",
        }
    }
}

/// An invariant that did not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    pub invariant: Invariant,
    /// When, in milliseconds.
    pub at: u64,
    /// What happened.
    pub what: String,
}

/// A refresh in the air.
#[derive(Clone, Copy, Debug)]
struct Post {
    life: u32,
    tab: usize,
    refresh: usize,
    /// Its tab has been frozen meanwhile, or could not write down that it sends this.
    excused: bool,
    frozen: bool,
}

/// How long a look into the store counts.
const LOOK_MS: u64 = 8_000;
/// How long a failure of the store can matter to the fence between tabs.
const FENCE_MS: u64 = 60_000;

#[derive(Debug, Default)]
pub(crate) struct Judge {
    pub(crate) violation: Option<Violation>,
    /// With real locks and an atomic store everything counts; else what cannot be had without them does not.
    pub(crate) locks: bool,
    pub(crate) atomic: bool,
    /// When the world is, for the report.
    pub(crate) now: u64,
    posts: BTreeMap<u64, Post>,
    /// Terminal answers that reached a tab, by the refresh token they were about.
    refused: BTreeSet<(u32, usize)>,
    /// What each tab last read of the record since its last refresh or lock: `None`, it has not.
    read: BTreeMap<u32, Option<(Option<usize>, u64)>>,
    /// A store operation of that tab failed or hung: what it knows of the store is excused.
    blind: BTreeSet<u32>,
    /// Somebody signed out since the last login, or is about to.
    signed_out: bool,
    signing_out: u32,
    ever_signed_out: bool,
    /// Logins that somebody has signed out of: where the store failed, the mark comes later.
    left: BTreeSet<usize>,
    /// Logins that a sign-out has ended in the store.
    buried: BTreeSet<usize>,
    /// The login whose session has ended in the store, and nothing came after.
    ended: Option<usize>,
    /// The store has told these that it failed and has written all the same.
    lied_to: BTreeSet<u32>,
    /// Who has let go of a login on its way.
    gave_up: BTreeSet<u32>,
    /// How many sessions each client has had.
    sessions: BTreeMap<u32, u32>,
    roots: BTreeMap<u32, usize>,
    /// The newest refresh token that each client's session has had, from the service or from the store.
    held: BTreeMap<u32, usize>,
    /// Sessions that are over: the login they were of, and what the store had then that could have saved them.
    over: BTreeMap<u32, (Option<usize>, Option<usize>)>,
    /// Who took a refused refresh token out of the store, and has sent no other since.
    discarded: BTreeSet<u32>,
    /// Who put a session where none was, and when, until the account is listed for `restore`.
    unlisted: Option<(u32, u64)>,
    /// When each client's store last failed.
    failed: BTreeMap<u32, u64>,
    /// When the wall clock was last set, or went on without the other.
    pub(crate) jumped: Option<u64>,
    /// The store was emptied by force.
    pub(crate) evicted: bool,
}

impl Judge {
    pub(crate) fn violate(&mut self, invariant: Invariant, what: impl FnOnce() -> String) {
        if self.violation.is_none() {
            self.violation = Some(Violation { invariant, at: self.now, what: what() });
        }
    }

    pub(crate) fn sends(&mut self, op: u64, life: u32, tab: usize, refresh: usize, store: &Found, ledger: &Ledger) {
        // Who waits for the lock too long goes by the notes in the store and their time; if those fail as well, nothing
        // is left.
        if self.locks && self.fenced() {
            let rival = self.posts.values().find(|post| post.refresh == refresh && !post.excused);
            if let Some(rival) = rival.copied() {
                self.violate(Invariant::I1, || {
                    format!("tab {tab} sends R{refresh}, which tab {} has in the air", rival.tab)
                });
            }
        }
        let single = self.sessions.get(&life).is_some_and(|count| *count == 1);
        if single && self.posts.values().any(|post| post.life == life && post.refresh == refresh) {
            self.violate(Invariant::I1, || format!("tab {tab} sends R{refresh} twice at the same time"));
        }
        let successor = store.refresh.filter(|newer| *newer != refresh && ledger.is_ancestor(refresh, *newer));
        if let (Some(newer), false) = (successor, self.blind.contains(&life)) {
            let read = self.read.get(&life).copied().flatten();
            let seen = read.and_then(|(seen, _)| seen);
            let knows = seen.is_some_and(|seen| seen != refresh && ledger.is_ancestor(refresh, seen));
            // Between the look and the request a tab may be frozen, but not for long.
            let old = read.is_none_or(|(_, at)| at + LOOK_MS < self.now);
            if knows || old {
                self.violate(Invariant::I3, || format!("tab {tab} sends R{refresh}, but the store has R{newer}"));
            }
        }
        self.discarded.remove(&life);
        // The store may have been emptied between the note and the request.
        let excused = self.blind.contains(&life) || self.evicted && !store.is_live();
        self.posts.insert(op, Post { life, tab, refresh, excused, frozen: false });
    }

    fn fenced(&self) -> bool {
        let long_ago = |at: &u64| at + FENCE_MS < self.now;
        self.failed.values().all(long_ago) && self.jumped.as_ref().is_none_or(long_ago)
    }

    /// The store is emptied by force, with the notes of what is in the air.
    pub(crate) fn evicts(&mut self) {
        self.evicted = true;
        self.posts.values_mut().for_each(|post| post.excused = true);
    }

    /// The request is over for its tab. `refused`: with a terminal answer.
    pub(crate) fn resolves(&mut self, op: u64, refused: bool) {
        let Some(post) = self.posts.remove(&op) else { return };
        self.read.insert(post.life, None);
        if refused {
            self.refused.insert((post.life, post.refresh));
        }
    }

    pub(crate) fn freezes(&mut self, life: u32) {
        for post in self.posts.values_mut().filter(|post| post.life == life) {
            (post.excused, post.frozen) = (true, true);
        }
    }

    pub(crate) fn dies(&mut self, life: u32) {
        self.posts.retain(|_, post| post.life != life);
    }

    pub(crate) fn locked(&mut self, life: u32) {
        self.read.insert(life, None);
    }

    pub(crate) fn reads(&mut self, life: u32, found: &Found) {
        self.read.insert(life, Some((found.refresh, self.now)));
    }

    pub(crate) fn is_blind(&mut self, life: u32, blind: bool) {
        if blind {
            self.blind.insert(life);
            self.failed.insert(life, self.now);
        } else {
            self.blind.remove(&life);
        }
    }

    /// The store has written, and says that it failed.
    pub(crate) fn is_lied_to(&mut self, life: u32) {
        self.lied_to.insert(life);
    }

    /// A login that nobody waits for any more may have stored its session and not listed it.
    pub(crate) fn gives_login_up(&mut self, life: u32) {
        self.gave_up.insert(life);
    }

    pub(crate) fn gave_login_up(&self, life: u32) -> bool {
        self.gave_up.contains(&life)
    }

    pub(crate) fn was_lied_to(&self, life: u32) -> bool {
        self.lied_to.contains(&life)
    }

    /// Whether the session that ended in the store last was of another login: the mark of an end does not say of which.
    pub(crate) fn is_another_over(&self, root: usize) -> bool {
        self.ended.is_some_and(|ended| ended != root)
    }

    /// Whether an operation of the store has failed for that client since then.
    pub(crate) fn failed_since(&self, life: u32, at: u64) -> bool {
        self.failed.get(&life).is_some_and(|failed| *failed >= at)
    }

    pub(crate) fn had_one_session(&self, life: u32) -> bool {
        self.sessions.get(&life).is_some_and(|count| *count == 1)
    }

    /// The login whose tokens this client has last seen, or had when its session ended: what is over stays over, so that
    /// a login that came later, or a rotation that could be stored only later, brings nothing back.
    pub(crate) fn is_of(&self, life: u32, stored: usize, ledger: &Ledger) -> bool {
        let root = Some(ledger.root(stored));
        match self.over.get(&life) {
            None => self.roots.get(&life).copied() == root,
            Some((of, then)) => *of == root && then.is_some_and(|then| ledger.is_ancestor(then, stored)),
        }
    }

    /// The newest refresh token this client's session has had: one that it has replaced by another tab's is no more.
    pub(crate) fn held_by(&self, life: u32) -> Option<usize> {
        self.held.get(&life).copied()
    }

    /// A session gets a refresh token from the service by the request `op`. `login`: of its own, which is nobody's if a
    /// session was there already and the call was given up. A tab that was frozen with the answer on its way may come
    /// back to an end that others have had to write: it gives back what it got.
    pub(crate) fn receives(&mut self, op: u64, life: u32, refresh: usize, login: bool) {
        let late = self.posts.get(&op).is_some_and(|post| post.frozen);
        if !late && (!login || !self.sessions.contains_key(&life)) {
            self.held.insert(life, refresh);
        }
    }

    /// A session has found a record in the store. It takes over what a newer login has left there, dead or alive, and
    /// what was issued later for its own; what is over takes nothing.
    pub(crate) fn finds(&mut self, life: u32, found: &Found, ledger: &Ledger) {
        let is_over = self.over.contains_key(&life) || self.discarded.contains(&life);
        let of = found.access.and_then(|index| ledger.access.get(index)?.refresh);
        let Some(refresh) = found.refresh.or(of).filter(|_| !is_over) else { return };
        let held = self.held.entry(life).or_insert(refresh);
        // What is in memory only gives way to whoever has stored first.
        let gives_way = ledger.refresh.get(*held).is_some_and(|token| !token.stored)
            && ledger.root(refresh) == ledger.root(*held)
            && !ledger.is_ancestor(refresh, *held);
        if gives_way || (ledger.root(refresh), refresh) > (ledger.root(*held), *held) {
            *held = refresh;
        }
    }

    /// A client's session is over.
    /// `stored`: what the store has that the service would still accept.
    pub(crate) fn ends(&mut self, life: u32, stored: Option<usize>) {
        let root = self.root_of(life);
        // Whoever ends the session in the store has looked right before.
        let stored = stored.filter(|_| !self.discarded.contains(&life));
        self.over.entry(life).or_insert((root, stored));
    }

    /// The list of accounts is written.
    pub(crate) fn lists(&mut self, some: bool) {
        self.unlisted = self.unlisted.filter(|_| !some);
    }

    /// Who has put a session into the store that is not listed yet, and when.
    pub(crate) fn unlisted(&self) -> Option<(u32, u64)> {
        self.unlisted
    }

    fn root_of(&self, life: u32) -> Option<usize> {
        self.roots.get(&life).copied()
    }

    pub(crate) fn sees(&mut self, life: u32, root: usize) {
        self.roots.insert(life, root);
    }

    pub(crate) fn opens(&mut self, life: u32) {
        *self.sessions.entry(life).or_default() += 1;
        self.over.remove(&life);
    }

    /// Somebody signs out: of their last login, or of what the tab had from others.
    pub(crate) fn signs_out(&mut self, life: u32, ledger: &Ledger) {
        let login = ledger.access.iter().rev().find(|access| access.is_login && access.life == life);
        let own = login.and_then(|access| access.refresh);
        let seen = self.root_of(life);
        self.left.extend(own.into_iter().chain(self.held_by(life)).map(|refresh| ledger.root(refresh)).chain(seen));
        self.signed_out = true;
        self.ever_signed_out = true;
        self.signing_out += 1;
    }

    pub(crate) fn has_signed_out(&mut self) {
        self.signing_out = self.signing_out.saturating_sub(1);
    }

    pub(crate) fn logs_in(&mut self) {
        self.signed_out = self.signing_out > 0;
    }

    pub(crate) fn is_over(&self, life: u32) -> bool {
        self.over.contains_key(&life)
    }

    pub(crate) fn is_buried(&self, root: usize) -> bool {
        self.buried.contains(&root)
    }

    /// What the verdicts to come depend on, with these clients alive.
    #[cfg(feature = "mutants")]
    pub(crate) fn digest(&self, lives: &[u32]) -> u64 {
        use crate::digest::digest;
        fn of<'a, V: std::hash::Hash + 'a>(map: &'a BTreeMap<u32, V>, lives: &[u32]) -> u64 {
            digest(map.iter().filter(|(life, _)| lives.contains(life)).collect::<Vec<_>>())
        }
        let alive = |life: &&u32| lives.contains(life);
        let mut posts: Vec<_> =
            self.posts.values().map(|post| (post.life, post.refresh, post.excused, post.frozen)).collect();
        posts.sort_unstable();
        let refused: Vec<_> = self.refused.iter().filter(|(life, _)| lives.contains(life)).collect();
        let sets = (
            self.blind.iter().filter(alive).collect::<Vec<_>>(),
            self.discarded.iter().filter(alive).collect::<Vec<_>>(),
        );
        let flags = (self.signed_out, self.signing_out, self.ever_signed_out, self.was_ever_refused());
        let maps = (of(&self.read, lives), of(&self.sessions, lives), of(&self.roots, lives), of(&self.held, lives));
        let failed: Vec<_> = self.failed.values().max().into_iter().collect();
        let ends = (of(&self.over, lives), self.ended, failed, (&self.buried, &self.left), self.unlisted);
        digest((posts, refused, sets, flags, maps, ends))
    }

    /// A text that others may see must not hold a token.
    pub(crate) fn check_public(&mut self, place: &str, text: &str) {
        if crate::ledger::leaks(text) {
            self.violate(Invariant::I10, || format!("{place} holds a token"));
        }
    }

    pub(crate) fn was_ever_signed_out(&self) -> bool {
        self.ever_signed_out
    }

    pub(crate) fn was_ever_refused(&self) -> bool {
        !self.refused.is_empty()
    }

    /// A record is replaced in the store by a tab.
    pub(crate) fn writes(&mut self, life: u32, tab: usize, old: Option<&Found>, new: Option<&Found>, ledger: &Ledger) {
        if let (Some(old), Some(new)) = (old, new)
            && !self.evicted
            && self.atomic
        {
            if new.generation < old.generation {
                let generations = (old.generation, new.generation);
                self.violate(Invariant::I2, || {
                    format!("tab {tab} wrote generation {1} over {0}", generations.0, generations.1)
                });
            }
            self.successor(life, tab, old, new, ledger);
        }
        if let Some(to) = new.and_then(|new| new.refresh)
            && self.buried.contains(&ledger.root(to))
            && !self.evicted
            && self.atomic
        {
            self.violate(Invariant::I5, || format!("tab {tab} wrote R{to}, whose session was signed out"));
        }
        let is_live = |found: Option<&Found>| found.is_some_and(Found::is_live);
        if is_live(new) && !is_live(old) {
            self.unlisted = Some((life, self.now));
        }
        if new.is_some_and(Found::is_live) {
            self.ended = None;
        }
        let Some(had) = old.and_then(|old| old.refresh) else { return };
        let is_mark = new.is_some_and(|new| new.ended.as_deref() == Some("signed-out"));
        let is_late = is_mark && self.left.contains(&ledger.root(had));
        if is_mark {
            self.buried.insert(ledger.root(had));
        }
        let ends = new.is_none_or(|new| new.refresh.is_none());
        if ends {
            self.ended = Some(ledger.root(had));
        }
        let refused = self.refused.iter().any(|(by, token)| *by == life && ledger.is_ancestor(had, *token));
        if ends && refused {
            self.discarded.insert(life);
        }
        if ends && !self.signed_out && !refused && !is_late {
            self.violate(Invariant::I4, || {
                format!("tab {tab} took R{had} out of the store, which nobody refused to it")
            });
        }
    }

    fn successor(&mut self, life: u32, tab: usize, old: &Found, new: &Found, ledger: &Ledger) {
        let (Some(to), Some(from)) = (new.refresh, old.refresh) else { return };
        let (new_root, old_root) = (ledger.root(to), ledger.root(from));
        // Of two logins at once, the one that is stored last stays, though it may have been rotated before the store was
        // there to take it.
        let was_stored = || {
            let tokens = ledger.refresh.iter().enumerate();
            tokens.filter(|(_, token)| token.stored).any(|(index, _)| ledger.root(index) == new_root)
        };
        if new_root < old_root && new_root != to && was_stored() {
            self.violate(Invariant::I2, || format!("tab {tab} wrote R{to} of an older login over R{from}"));
        } else if new_root == old_root
            && !ledger.is_ancestor(from, to)
            && !(new_root == to && self.lied_to.contains(&life))
        {
            self.violate(Invariant::I2, || format!("tab {tab} wrote R{to} over R{from}, which it did not replace"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Asked;

    /// A login's R0, its successors R1 and R2 (both of R0), and another login's R3.
    fn world() -> (Judge, Ledger) {
        let mut ledger = Ledger::default();
        let asked = Asked { life: 1, wall: 0, monotonic: 0 };
        for (name, parent) in [("rt_0", None), ("rt_1", Some(0)), ("rt_2", Some(0)), ("rt_3", None)] {
            ledger.issue(format!(r#"{{"refresh_token":"{name}"}}"#).as_bytes(), parent, asked, 0);
        }
        (Judge { locks: true, atomic: true, now: 100_000, ..Judge::default() }, ledger)
    }

    fn live(generation: u64, refresh: usize) -> Found {
        Found { generation, refresh: Some(refresh), ..Found::default() }
    }

    fn ended(generation: u64, reason: &str) -> Found {
        Found { generation, ended: Some(reason.into()), ..Found::default() }
    }

    fn broken(judge: &Judge) -> Option<Invariant> {
        judge.violation.as_ref().map(|violation| violation.invariant)
    }

    #[test]
    fn i1_two_tabs_must_not_have_the_same_refresh_in_the_air() {
        let (mut judge, ledger) = world();
        judge.sends(1, 1, 0, 0, &live(1, 0), &ledger);
        assert_eq!(broken(&judge), None);
        judge.sends(2, 2, 1, 0, &live(1, 0), &ledger);
        assert_eq!(broken(&judge), Some(Invariant::I1));
    }

    #[test]
    fn i1_a_frozen_tab_holds_nobody_up() {
        let (mut judge, ledger) = world();
        judge.sends(1, 1, 0, 0, &live(1, 0), &ledger);
        judge.freezes(1);
        judge.sends(2, 2, 1, 0, &live(1, 0), &ledger);
        assert_eq!(broken(&judge), None);
    }

    #[test]
    fn i2_a_record_is_replaced_by_its_own_successor_only() {
        let (mut judge, ledger) = world();
        judge.writes(1, 0, Some(&live(1, 0)), Some(&live(2, 1)), &ledger);
        judge.writes(1, 0, Some(&live(2, 1)), Some(&live(3, 3)), &ledger);
        assert_eq!(broken(&judge), None, "a successor, then a new login");
        judge.writes(2, 1, Some(&live(2, 1)), Some(&live(3, 2)), &ledger);
        assert_eq!(broken(&judge), Some(Invariant::I2), "a sibling");
    }

    #[test]
    fn i2_generations_only_grow() {
        let (mut judge, ledger) = world();
        judge.writes(1, 0, Some(&live(5, 0)), Some(&live(4, 1)), &ledger);
        assert_eq!(broken(&judge), Some(Invariant::I2));
    }

    #[test]
    fn i3_a_tab_that_has_not_looked_must_not_send_what_is_replaced() {
        let (mut judge, ledger) = world();
        judge.reads(1, &live(1, 0));
        judge.sends(1, 1, 0, 0, &live(2, 1), &ledger);
        assert_eq!(broken(&judge), None, "it has looked a moment ago");
        judge.resolves(1, false);
        judge.sends(2, 1, 0, 0, &live(2, 1), &ledger);
        assert_eq!(broken(&judge), Some(Invariant::I3));
    }

    #[test]
    fn i4_only_the_tab_that_was_refused_that_very_token_may_clear_it() {
        let (mut judge, ledger) = world();
        judge.sends(1, 1, 0, 0, &live(1, 0), &ledger);
        judge.resolves(1, true);
        judge.writes(1, 0, Some(&live(1, 0)), Some(&ended(2, "refresh-rejected")), &ledger);
        assert_eq!(broken(&judge), None);
        judge.writes(1, 0, Some(&live(2, 1)), Some(&ended(3, "refresh-rejected")), &ledger);
        assert_eq!(broken(&judge), Some(Invariant::I4), "R1 was never refused");
    }

    #[test]
    fn i5_what_was_signed_out_does_not_come_back() {
        let (mut judge, ledger) = world();
        judge.signs_out(1, &ledger);
        judge.writes(1, 0, Some(&live(1, 0)), Some(&ended(2, "signed-out")), &ledger);
        judge.writes(1, 0, Some(&ended(2, "signed-out")), Some(&live(3, 3)), &ledger);
        assert_eq!(broken(&judge), None, "a new login");
        judge.writes(2, 1, Some(&ended(2, "signed-out")), Some(&live(3, 1)), &ledger);
        assert_eq!(broken(&judge), Some(Invariant::I5));
    }

    #[test]
    fn i10_a_token_in_a_text_for_all_is_found() {
        let (mut judge, _) = world();
        judge.check_public("a log line", "signed in as nova");
        assert_eq!(broken(&judge), None);
        judge.check_public("a log line", "signed in with rt_abc");
        assert_eq!(broken(&judge), Some(Invariant::I10));
    }
}
