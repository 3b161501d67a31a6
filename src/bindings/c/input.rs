//! Reading what C hands in: structures of any size that makes sense, texts of any length that does.

use core::ffi::{c_char, c_void};
use core::mem::{MaybeUninit, size_of};

use super::refusal::{Fallible, Refusal};
use super::result::playerlink_result;
use super::types::*;
use crate::Secret;

/// The longest text that is taken, in bytes.
const LONGEST_TEXT: usize = 64 * 1024;
/// The largest structure that a newer caller may have, in bytes.
const LARGEST_STRUCT: usize = 4096;

/// A structure that comes in, beginning with its size.
///
/// # Safety
/// Every pattern of bits is a valid value: integers, raw pointers and `Option`s of functions only.
pub(super) unsafe trait Inbound: Copy {
    /// Its size in the first version that had it.
    const FIRST_SIZE: usize;
}

pub(super) const fn size_of_field<T, F>(_: fn(&T) -> &F) -> usize {
    size_of::<F>()
}

/// `type, last field of the first version`: what comes behind it later may be missing.
macro_rules! inbound {
    ($($type:ident, $last:ident;)*) => {$(
        // SAFETY: made of integers, raw pointers and options of functions.
        unsafe impl Inbound for $type {
            const FIRST_SIZE: usize =
                core::mem::offset_of!($type, $last) + size_of_field(|value: &$type| &value.$last);
        }
    )*};
}

inbound! {
    playerlink_allocator, free;
    playerlink_client_options, event_user_data;
    playerlink_code_format, alphabet;
    playerlink_credential, email;
    playerlink_host, log;
    playerlink_http_response, reserved;
    playerlink_identity, platform_user_id;
    playerlink_link_by_code_request, platform_ticket;
    playerlink_link_request, credential;
    playerlink_linking_news, display_name;
    playerlink_linking_options, companion_url;
    playerlink_unlink_request, platform_user_id;
}

/// Copies a structure in. What an older caller does not know is zero; what a newer one knows must be.
///
/// # Safety
/// `from` is NULL, or `*from` is readable for as many bytes as its first four say.
pub(super) unsafe fn read<T: Inbound>(from: *const T) -> Fallible<T> {
    if from.is_null() {
        return Err(Refusal::null("a structure that is needed is NULL"));
    }
    let bytes: *const u8 = from.cast();
    // SAFETY: the caller's word; it may be unaligned.
    let size = unsafe { bytes.cast::<u32>().read_unaligned() } as usize;
    if !(T::FIRST_SIZE..=LARGEST_STRUCT).contains(&size) {
        return Err(Refusal::new(
            playerlink_result::PLAYERLINK_E_STRUCT_SIZE,
            "struct_size is none of this structure; set it to sizeof",
        ));
    }
    let known = size.min(size_of::<T>());
    for at in known..size {
        // SAFETY: inside of what the caller says is readable.
        if unsafe { bytes.add(at).read() } != 0 {
            return Err(Refusal::new(
                playerlink_result::PLAYERLINK_E_STRUCT_SIZE,
                "the structure says something that this version does not know",
            ));
        }
    }
    let mut value = MaybeUninit::<T>::zeroed();
    // SAFETY: `known` bytes are readable there and writable here; every pattern of bits is a `T`.
    Ok(unsafe {
        core::ptr::copy_nonoverlapping(bytes, value.as_mut_ptr().cast(), known);
        value.assume_init()
    })
}

/// The same for a structure that may be left out.
///
/// # Safety
/// As [`read`].
pub(super) unsafe fn read_maybe<T: Inbound>(from: *const T) -> Fallible<Option<T>> {
    if from.is_null() {
        return Ok(None);
    }
    // SAFETY: the caller's word.
    unsafe { read(from) }.map(Some)
}

/// Copies a text in.
///
/// # Safety
/// `text.ptr` is NULL, or readable for `text.len` bytes, or to its NUL when `len` is all ones.
pub(super) unsafe fn text(text: playerlink_str) -> Fallible<String> {
    // SAFETY: the caller's word.
    unsafe { text_at(text.ptr, text.len) }
}

/// The same of its parts.
///
/// # Safety
/// As [`text`].
pub(super) unsafe fn text_at(ptr: *const c_char, len: usize) -> Fallible<String> {
    if len == 0 {
        return Ok(String::new());
    }
    if ptr.is_null() {
        return Err(Refusal::null("a text is NULL and has a length"));
    }
    let bytes: *const u8 = ptr.cast();
    let len = if len == usize::MAX {
        // SAFETY: the caller's word; no byte behind the NUL is looked at.
        (0..=LONGEST_TEXT).find(|at| unsafe { bytes.add(*at).read() } == 0).unwrap_or(usize::MAX)
    } else {
        len
    };
    if len > LONGEST_TEXT {
        return Err(Refusal::argument("a text is longer than 64 KiB"));
    }
    // SAFETY: the caller's word.
    let bytes = unsafe { core::slice::from_raw_parts(bytes, len) };
    let text = core::str::from_utf8(bytes).map_err(|_| Refusal::argument("a text is not UTF-8"))?;
    if bytes.contains(&0) {
        return Err(Refusal::argument("a text holds a NUL"));
    }
    Ok(text.to_owned())
}

/// The same for what must not be printed.
///
/// # Safety
/// As [`text`].
pub(super) unsafe fn secret(from: playerlink_str) -> Fallible<Secret> {
    // SAFETY: the caller's word.
    unsafe { text(from) }.map(Secret::from)
}

/// The same for a text that may be left out: an empty one is none.
///
/// # Safety
/// As [`text`].
pub(super) unsafe fn maybe_text(from: playerlink_str) -> Fallible<Option<String>> {
    // SAFETY: the caller's word.
    Ok(Some(unsafe { text(from) }?).filter(|text| !text.is_empty()))
}

/// Borrows bytes, at most `most` of them; `None`: there are more.
///
/// # Safety
/// `from.ptr` is NULL or readable for `from.len` bytes as long as what is returned is used.
pub(super) unsafe fn bytes<'a>(from: playerlink_bytes, most: usize) -> Fallible<Option<&'a [u8]>> {
    if from.len == 0 {
        return Ok(Some(&[]));
    }
    if from.ptr.is_null() {
        return Err(Refusal::null("bytes are NULL and have a length"));
    }
    if from.len > most {
        return Ok(None);
    }
    // SAFETY: the caller's word.
    Ok(Some(unsafe { core::slice::from_raw_parts(from.ptr, from.len) }))
}

/// A pointer of the caller's that is only handed back.
#[derive(Clone, Copy, Debug)]
pub(super) struct UserData(pub(super) *mut c_void);

// SAFETY: never followed here; the contract says in which calls and on which threads it is handed back.
unsafe impl Send for UserData {}
// SAFETY: the same.
unsafe impl Sync for UserData {}

/// Fails for flags that this version does not know.
pub(super) fn known_flags(flags: u32, known: u32) -> Fallible<()> {
    if flags & !known == 0 { Ok(()) } else { Err(Refusal::argument("a flag is unknown here")) }
}

/// Fails for a field that must be 0.
pub(super) fn is_zero(reserved: u32) -> Fallible<()> {
    if reserved == 0 { Ok(()) } else { Err(Refusal::argument("a reserved field is not 0")) }
}
