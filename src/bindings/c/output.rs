//! Writing what C reads: texts with a NUL behind them, in memory of ours for a callback or in the caller's buffer.

use core::ffi::c_char;
use core::mem::size_of;
use core::ptr::null;

use zeroize::Zeroize;

use super::constants::*;
use super::input::size_of_field;
use super::ledger::{Links, Outcome};
use super::refusal::{Fallible, Refusal};
use super::result::{code_number, of, over, playerlink_result};
use super::types::*;
use crate::Secret;
use crate::error::Error;
use crate::services::{Agreements, Player, Restriction, ServiceCode};
use crate::session::{Account, Durability, Snapshot, Status};

/// Where texts go.
pub(super) trait Texts {
    fn put(&mut self, bytes: &[u8]) -> *const c_char;

    fn text(&mut self, text: &str) -> playerlink_str {
        playerlink_str { ptr: self.put(text.as_bytes()), len: text.len() }
    }

    fn maybe(&mut self, text: Option<&str>) -> playerlink_str {
        self.text(text.unwrap_or_default())
    }
}

/// Texts of ours, wiped when they go. Each is a piece of memory of its own, which stays where it is.
#[derive(Default)]
pub(super) struct OurTexts(Vec<Vec<u8>>);

impl Texts for OurTexts {
    fn put(&mut self, bytes: &[u8]) -> *const c_char {
        if bytes.is_empty() {
            return c"".as_ptr();
        }
        let mut owned = Vec::with_capacity(bytes.len() + 1);
        owned.extend_from_slice(bytes);
        owned.push(0);
        let ptr = owned.as_ptr();
        self.0.push(owned);
        ptr.cast()
    }
}

impl Drop for OurTexts {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// The caller's buffer: counts what is needed, and writes as long as there is room.
pub(super) struct CallersTexts {
    buffer: *mut u8,
    room: usize,
    needed: usize,
}

impl Texts for CallersTexts {
    fn put(&mut self, bytes: &[u8]) -> *const c_char {
        let at = self.needed;
        self.needed = at + bytes.len() + 1;
        if self.buffer.is_null() || self.needed > self.room {
            return null();
        }
        // SAFETY: `room` bytes are the caller's to give, and this lies inside of them.
        unsafe {
            let to = self.buffer.add(at);
            core::ptr::copy_nonoverlapping(bytes.as_ptr(), to, bytes.len());
            to.add(bytes.len()).write(0);
            to.cast()
        }
    }
}

/// Has `fill` put its texts into the caller's buffer, if all of them fit. `*inout_size` becomes what is needed, in both
/// outcomes; with too little room nothing else is written.
///
/// # Safety
/// `inout_size` is NULL or writable; `buffer` is NULL or writable for `*inout_size` bytes.
pub(super) unsafe fn copy_out<T>(
    buffer: *mut c_char,
    inout_size: *mut usize,
    mut fill: impl FnMut(&mut dyn Texts) -> T,
) -> Fallible<T> {
    if inout_size.is_null() {
        return Err(Refusal::null("the size of the buffer is NULL"));
    }
    let mut count = CallersTexts { buffer: core::ptr::null_mut(), room: 0, needed: 0 };
    fill(&mut count);
    // SAFETY: the caller's word; it may be unaligned.
    let room = unsafe { inout_size.read_unaligned() };
    // SAFETY: the same.
    unsafe { inout_size.write_unaligned(count.needed) };
    if buffer.is_null() || room < count.needed {
        return Err(Refusal::new(playerlink_result::PLAYERLINK_E_BUFFER, "the buffer is too small for the texts"));
    }
    Ok(fill(&mut CallersTexts { buffer: buffer.cast(), room, needed: 0 }))
}

/// A structure that the caller has filled.
pub(super) trait Outbound: Copy {
    /// Its size in the first version that had it.
    const FIRST_SIZE: usize;
}

macro_rules! outbound {
    ($($type:ident, $last:ident;)*) => {$(
        impl Outbound for $type {
            const FIRST_SIZE: usize =
                core::mem::offset_of!($type, $last) + size_of_field(|value: &$type| &value.$last);
        }
    )*};
}

outbound! {
    playerlink_code_entry, grouped;
    playerlink_completion, accounts;
    playerlink_linking_snapshot, reserved;
    playerlink_session, display_name;
}

/// The size the caller has set in a structure to be filled.
///
/// # Safety
/// `out` is NULL, or its first four bytes are readable.
pub(super) unsafe fn size_wanted<T: Outbound>(out: *const T) -> Fallible<usize> {
    if out.is_null() {
        return Err(Refusal::null("the structure to be filled is NULL"));
    }
    // SAFETY: the caller's word; it may be unaligned.
    let size = unsafe { out.cast::<u32>().read_unaligned() } as usize;
    if (T::FIRST_SIZE..=4096).contains(&size) {
        return Ok(size);
    }
    Err(Refusal::new(
        playerlink_result::PLAYERLINK_E_STRUCT_SIZE,
        "struct_size is none of this structure; set it to sizeof",
    ))
}

/// Fills the caller's structure, as much of it as the caller knows.
///
/// # Safety
/// `out` is writable for `size` bytes; `value` begins with its size.
pub(super) unsafe fn write_out<T: Copy>(out: *mut T, size: usize, value: &T) {
    let known = size.min(size_of::<T>());
    let filled = known as u32;
    // SAFETY: the caller's word, and `known` is no more than either has; it may be unaligned.
    unsafe {
        core::ptr::copy_nonoverlapping(core::ptr::from_ref(value).cast::<u8>(), out.cast::<u8>(), known);
        out.cast::<u32>().write_unaligned(filled);
    }
}

pub(super) fn size<T>() -> u32 {
    size_of::<T>() as u32
}

pub(super) fn session(texts: &mut (impl Texts + ?Sized), snapshot: &Snapshot) -> playerlink_session {
    let Player { player_id, person_id, platform, platform_user_id, display_name } = &snapshot.player;
    let (status, reason) = match snapshot.status {
        Status::SignedIn => (PLAYERLINK_SESSION_SIGNED_IN, None),
        Status::SignedOut(reason) => (PLAYERLINK_SESSION_OVER, Some(reason)),
    };
    playerlink_session {
        struct_size: size::<playerlink_session>(),
        flags: if snapshot.durability == Durability::Durable { PLAYERLINK_SESSION_STORED } else { 0 },
        status,
        over_reason: over(reason),
        revision: snapshot.revision,
        player_id: texts.text(player_id),
        person_id: texts.maybe(person_id.as_deref()),
        platform: texts.maybe(platform.as_deref()),
        platform_user_id: texts.maybe(platform_user_id.as_deref()),
        display_name: texts.maybe(display_name.as_deref()),
    }
}

/// What is seen where there is no session.
pub(super) fn no_session(texts: &mut (impl Texts + ?Sized)) -> playerlink_session {
    playerlink_session {
        struct_size: size::<playerlink_session>(),
        flags: 0,
        status: PLAYERLINK_SESSION_NONE,
        over_reason: PLAYERLINK_OVER_NOT,
        revision: 0,
        player_id: texts.text(""),
        person_id: texts.text(""),
        platform: texts.text(""),
        platform_user_id: texts.text(""),
        display_name: texts.text(""),
    }
}

fn agreements(wanted: Agreements) -> u32 {
    let bit = |is: bool, bit: u32| if is { bit } else { 0 };
    bit(wanted.eula, PLAYERLINK_AGREEMENT_EULA)
        | bit(wanted.terms_of_service, PLAYERLINK_AGREEMENT_TERMS_OF_SERVICE)
        | bit(wanted.privacy_policy, PLAYERLINK_AGREEMENT_PRIVACY_POLICY)
}

/// A completion and all that it points at.
pub(super) struct View {
    completion: playerlink_completion,
    // What `completion` points at: at most one of each, in memory that stays where it is when this is moved (a `Box` would
    // have to be the only way to it).
    _session: Vec<playerlink_session>,
    _error: Vec<playerlink_error>,
    _restrictions: Vec<playerlink_restriction>,
    _links: Vec<playerlink_links>,
    _accounts: Vec<playerlink_linked_account>,
    _linking: Vec<playerlink_linking_snapshot>,
    _user_data: Vec<playerlink_user_data_request>,
    _stored: Vec<playerlink_accounts>,
    _each_stored: Vec<playerlink_account>,
    _texts: OurTexts,
}

// SAFETY: the pointers lead to what the view owns, and to static texts.
unsafe impl Send for View {}

impl View {
    pub(super) fn new(kind: u32, op: playerlink_op, outcome: &Outcome, now: Option<&Snapshot>) -> Self {
        let mut texts = OurTexts::default();
        let session: Vec<_> = now.iter().map(|snapshot| session(&mut texts, snapshot)).collect();
        let restrictions: Vec<_> = match &outcome.error {
            Some(error) => error.restrictions().iter().map(|one| restriction(&mut texts, one)).collect(),
            None => Vec::new(),
        };
        let error: Vec<_> = outcome.error.iter().map(|error| failure(&mut texts, error, &restrictions)).collect();
        let accounts: Vec<_> = match &outcome.links {
            Some(links) => links.accounts.iter().map(|account| linked_account(&mut texts, account)).collect(),
            None => Vec::new(),
        };
        let links: Vec<_> = outcome.links.iter().map(|links| links_of(&mut texts, links, &accounts)).collect();
        let linking: Vec<_> = outcome.linking.iter().map(|shown| shown.to_c(&mut texts)).collect();
        let each_stored: Vec<_> = match &outcome.stored {
            Some(stored) => stored.iter().map(|account| stored_account(&mut texts, account)).collect(),
            None => Vec::new(),
        };
        let stored = |accounts: &Vec<Account>| playerlink_accounts {
            struct_size: size::<playerlink_accounts>(),
            has_active: accounts.first().map_or(0, |first| u32::from(first.active)),
            accounts: array(&each_stored),
            account_count: each_stored.len(),
        };
        let stored: Vec<_> = outcome.stored.iter().map(stored).collect();
        let asked = |url: &Secret| playerlink_user_data_request {
            struct_size: size::<playerlink_user_data_request>(),
            reserved: 0,
            url: texts.text(url.expose()),
        };
        let user_data: Vec<_> = outcome.asked_at.iter().map(asked).collect();
        Self {
            completion: playerlink_completion {
                struct_size: size::<playerlink_completion>(),
                kind,
                op,
                result: outcome.result,
                flags: outcome.flags,
                session: array(&session),
                error: array(&error),
                links: array(&links),
                linking: array(&linking),
                user_data_request: array(&user_data),
                accounts: array(&stored),
            },
            _session: session,
            _error: error,
            _restrictions: restrictions,
            _links: links,
            _accounts: accounts,
            _linking: linking,
            _user_data: user_data,
            _stored: stored,
            _each_stored: each_stored,
            _texts: texts,
        }
    }

    pub(super) fn completion(&self) -> &playerlink_completion {
        &self.completion
    }
}

fn array<T>(items: &[T]) -> *const T {
    if items.is_empty() { null() } else { items.as_ptr() }
}

fn failure(texts: &mut OurTexts, error: &Error, restrictions: &[playerlink_restriction]) -> playerlink_error {
    let code = error.code();
    playerlink_error {
        struct_size: size::<playerlink_error>(),
        result: of(error),
        http_status: error.status().map_or(0, u32::from),
        retry_after_ms: error.retry_after_ms().map_or(0, |ms| u32::try_from(ms).unwrap_or(u32::MAX)),
        service_code_number: error.code_number().or_else(|| code_number(code?)).unwrap_or(0),
        over_reason: over(error.reason()),
        agreements: error.agreements().copied().map_or(0, agreements),
        reserved: 0,
        service_code: texts.maybe(code.map(ServiceCode::as_str)),
        message: texts.text(error.message()),
        player_message: texts.maybe(error.player_message()),
        request_id: texts.maybe(error.request_id()),
        restrictions: array(restrictions),
        restriction_count: restrictions.len(),
    }
}

fn restriction(texts: &mut OurTexts, restriction: &Restriction) -> playerlink_restriction {
    playerlink_restriction {
        kind: texts.text(&restriction.kind),
        reason: texts.maybe(restriction.reason.as_deref()),
        expires_at_ms: restriction.expires_at.unwrap_or(0),
    }
}

fn linked_account(texts: &mut OurTexts, account: &super::ledger::LinkedAccount) -> playerlink_linked_account {
    playerlink_linked_account {
        platform: texts.text(&account.platform),
        platform_user_id: texts.maybe(account.platform_user_id.as_deref()),
        display_name: texts.maybe(account.display_name.as_deref()),
        player_id: texts.maybe(account.player_id.as_deref()),
    }
}

fn stored_account(texts: &mut OurTexts, account: &Account) -> playerlink_account {
    playerlink_account {
        account_id: texts.text(&account.id),
        player_id: texts.text(&account.player.player_id),
        platform: texts.maybe(account.player.platform.as_deref()),
        display_name: texts.maybe(account.player.display_name.as_deref()),
    }
}

fn links_of(texts: &mut OurTexts, links: &Links, accounts: &[playerlink_linked_account]) -> playerlink_links {
    playerlink_links {
        struct_size: size::<playerlink_links>(),
        reserved: 0,
        player_id: texts.text(&links.player_id),
        person_id: texts.maybe(links.person_id.as_deref()),
        active_player_id: texts.maybe(links.active_player_id.as_deref()),
        accounts: array(accounts),
        account_count: accounts.len(),
    }
}

/// Writes a handle out, if somebody wants it.
///
/// # Safety
/// `out` is NULL or writable.
pub(super) unsafe fn put_op(out: *mut playerlink_op, op: playerlink_op) {
    if !out.is_null() {
        // SAFETY: the caller's word; it may be unaligned.
        unsafe { out.write_unaligned(op) };
    }
}
