//! Every token the service has issued, which one it replaced, and who has had it. The judge's memory: the session under
//! test never sees it. A token is named by its number (`R3`, `A3`), never by its text.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

/// A refresh token.
#[derive(Debug)]
pub(crate) struct Refresh {
    pub(crate) text: String,
    /// The one it replaced; `None`: a login's.
    pub(crate) parent: Option<usize>,
    /// When another one was issued for it, the last time.
    pub(crate) replaced: Option<u64>,
    /// It has been in the store.
    pub(crate) stored: bool,
}

/// An access token.
#[derive(Debug)]
pub(crate) struct Access {
    pub(crate) issued: u64,
    pub(crate) ttl_ms: u64,
    pub(crate) player: String,
    /// The machine's wall clock when the request that brought it was sent.
    pub(crate) sent_wall: u64,
    /// Which client's request brought it.
    pub(crate) life: u32,
    /// The refresh token that came with it.
    pub(crate) refresh: Option<usize>,
    /// It came with a login, not with a refresh.
    pub(crate) is_login: bool,
    /// It has been in the store.
    pub(crate) stored: bool,
}

/// What a tab can know about a token's age: so much at a moment of the monotonic clock.
#[derive(Clone, Copy, Debug)]
struct Anchor {
    age: u64,
    monotonic: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) refresh: Vec<Refresh>,
    pub(crate) access: Vec<Access>,
    by_text: HashMap<String, Token>,
    anchors: BTreeMap<(u32, usize), Anchor>,
    /// What texts of the store were found to be: tokens in them have been issued before.
    texts: RefCell<HashMap<String, Option<Found>>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    Refresh(usize),
    Access(usize),
}

/// What a stored text is.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Found {
    pub(crate) generation: u64,
    pub(crate) refresh: Option<usize>,
    pub(crate) access: Option<usize>,
    /// It is the mark of an end, for this reason.
    pub(crate) ended: Option<String>,
    /// Until when the service wants to be left alone, by the wall clock.
    pub(crate) pause_until: u64,
}

impl Found {
    pub(crate) fn is_live(&self) -> bool {
        self.refresh.is_some() || self.access.is_some()
    }
}

/// Who asked for tokens, and when, by the machine's clocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    pub(crate) life: u32,
    pub(crate) wall: u64,
    pub(crate) monotonic: u64,
}

impl Ledger {
    /// Writes down what an answer of the service issues.
    pub(crate) fn issue(&mut self, body: &[u8], parent: Option<usize>, asked: Asked, now: u64) -> Vec<Token> {
        let Ok(body) = serde_json::from_slice::<Value>(body) else { return Vec::new() };
        let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        let mut issued = Vec::new();
        if let Some(token) = text("access_token") {
            let ttl_ms = body.get("expires_in").and_then(Value::as_u64).unwrap_or(0) * 1_000;
            let player = text("active_player_uuid").unwrap_or_default();
            let (life, is_login) = (asked.life, parent.is_none());
            let sent_wall = asked.wall;
            let refresh = text("refresh_token").map(|_| self.refresh.len());
            self.access.push(Access { issued: now, ttl_ms, player, sent_wall, life, refresh, is_login, stored: false });
            let token = self.name(token, Token::Access(self.access.len() - 1));
            issued.push(token);
        }
        if let Some(token) = text("refresh_token") {
            if let Some(parent) = parent.and_then(|parent| self.refresh.get_mut(parent)) {
                parent.replaced = Some(now);
            }
            let text = token.clone();
            self.refresh.push(Refresh { text, parent, replaced: None, stored: false });
            let token = self.name(token, Token::Refresh(self.refresh.len() - 1));
            issued.push(token);
        }
        issued
    }

    fn name(&mut self, text: String, token: Token) -> Token {
        self.by_text.insert(text, token);
        token
    }

    pub(crate) fn token(&self, text: &str) -> Option<Token> {
        self.by_text.get(text).copied()
    }

    pub(crate) fn refresh_of(&self, text: &str) -> Option<usize> {
        match self.token(text) {
            Some(Token::Refresh(index)) => Some(index),
            _ => None,
        }
    }

    /// Whether `old` is `new` or was replaced by it, directly or not.
    pub(crate) fn is_ancestor(&self, old: usize, new: usize) -> bool {
        let mut at = Some(new);
        while let Some(index) = at {
            if index == old {
                return true;
            }
            at = self.refresh.get(index).and_then(|token| token.parent);
        }
        false
    }

    /// What was issued, and what these clients know of its age.
    #[cfg(feature = "mutants")]
    pub(crate) fn digest(&self, lives: &[u32]) -> u64 {
        let refresh: Vec<_> = self.refresh.iter().map(|token| (token.parent, token.replaced, token.stored)).collect();
        let access: Vec<_> = self
            .access
            .iter()
            .map(|token| (token.issued, token.sent_wall, token.stored, token.refresh, lives.contains(&token.life)))
            .collect();
        // Both grow together.
        let anchors: Vec<_> = self
            .anchors
            .iter()
            .filter(|((life, _), _)| lives.contains(life))
            .map(|(of, anchor)| (of, anchor.age.wrapping_sub(anchor.monotonic)))
            .collect();
        crate::digest::digest((refresh, access, anchors))
    }

    /// The login a refresh token comes from.
    pub(crate) fn root(&self, mut index: usize) -> usize {
        while let Some(parent) = self.refresh.get(index).and_then(|token| token.parent) {
            index = parent;
        }
        index
    }

    /// Reads a stored text. Knows tokens when it sees them, not where they stand.
    pub(crate) fn read(&self, text: &str) -> Option<Found> {
        if let Some(found) = self.texts.borrow().get(text) {
            return found.clone();
        }
        let found = self.parse(text);
        self.texts.borrow_mut().insert(text.to_owned(), found.clone());
        found
    }

    fn parse(&self, text: &str) -> Option<Found> {
        let value: Value = serde_json::from_str(text).ok()?;
        let generation = value.get("generation").and_then(Value::as_u64)?;
        let pause_until = value.pointer("/session/pause_until").and_then(Value::as_u64).unwrap_or(0);
        let mut found = Found { generation, pause_until, ..Found::default() };
        self.find_tokens(&value, &mut found);
        if !found.is_live() {
            found.ended = Some(value.get("reason").and_then(Value::as_str).unwrap_or("signed-out").to_owned());
        }
        Some(found)
    }

    fn find_tokens(&self, value: &Value, found: &mut Found) {
        match value {
            Value::String(text) => match self.token(text) {
                Some(Token::Refresh(index)) => found.refresh = found.refresh.max(Some(index)),
                Some(Token::Access(index)) => found.access = found.access.max(Some(index)),
                None => {}
            },
            Value::Array(list) => list.iter().for_each(|one| self.find_tokens(one, found)),
            Value::Object(fields) => fields.values().for_each(|one| self.find_tokens(one, found)),
            _ => {}
        }
    }

    /// A tab meets an access token: it can know from now on that so much of its life is over.
    pub(crate) fn meets(&mut self, life: u32, access: usize, age: u64, monotonic: u64) {
        let anchor = self.anchors.entry((life, access)).or_insert(Anchor { age, monotonic });
        let known = anchor.age.saturating_add(monotonic.saturating_sub(anchor.monotonic));
        if age > known {
            *anchor = Anchor { age, monotonic };
        }
    }

    /// A tab's session is gone, and with it what it knew.
    pub(crate) fn forgets(&mut self, life: u32) {
        self.anchors.retain(|(of, _), _| *of != life);
    }

    /// Another session begins in a tab: what the one before knew of older tokens is gone.
    pub(crate) fn begins(&mut self, life: u32) {
        let newest = self.anchors.keys().filter(|(of, _)| *of == life).map(|(_, access)| *access).max();
        self.anchors.retain(|(of, access), _| *of != life || Some(*access) == newest);
    }

    /// The wall clock is set: whoever has met a token in this very moment has not looked at the clock yet.
    pub(crate) fn jumps(&mut self, monotonic: u64) {
        self.anchors.retain(|_, anchor| anchor.monotonic != monotonic);
    }

    /// How old a tab can know an access token to be.
    pub(crate) fn known_age(&self, life: u32, access: usize, wall: u64, monotonic: u64) -> u64 {
        let by_wall = self.access.get(access).map_or(0, |token| wall.saturating_sub(token.sent_wall));
        let by_monotonic = self
            .anchors
            .get(&(life, access))
            .map_or(0, |anchor| anchor.age.saturating_add(monotonic.saturating_sub(anchor.monotonic)));
        by_wall.max(by_monotonic)
    }
}

/// Whether a text holds a token, or looks as if it did.
pub(crate) fn leaks(text: &str) -> bool {
    text.contains("rt_") || text.contains("eyJ")
}
