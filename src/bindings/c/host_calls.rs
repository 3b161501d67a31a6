//! The host's callbacks, as the client has copied them.

use core::ptr::null;

use super::input::{self, UserData};
use super::output::{OurTexts, Texts, size};
use super::refusal::Fallible;
#[cfg(not(feature = "system-random"))]
use super::refusal::Refusal;
use super::types::*;
use crate::host::LogLevel;
use crate::host::engine::{RandomSource, StorageKind};
use crate::http::Request;

/// A copy of `playerlink_host`.
#[derive(Clone, Copy)]
pub(super) struct HostCalls {
    user_data: UserData,
    http_send: playerlink_http_send_fn,
    http_cancel: playerlink_http_cancel_fn,
    storage: playerlink_storage_fn,
    random: playerlink_random_fn,
    log: playerlink_log_fn,
}

impl HostCalls {
    /// # Safety
    /// As [`input::read`]; the functions are what their types say.
    pub(super) unsafe fn read(from: *const playerlink_host) -> Fallible<Self> {
        // SAFETY: the caller's word.
        let host = unsafe { input::read(from) }?;
        input::is_zero(host.reserved)?;
        Ok(Self {
            user_data: UserData(host.user_data),
            http_send: host.http_send,
            http_cancel: host.http_cancel,
            storage: host.storage,
            random: host.random,
            log: host.log,
        })
    }

    pub(super) fn has_storage(&self) -> bool {
        self.storage.is_some()
    }

    pub(super) fn has_http(&self) -> bool {
        self.http_send.is_some()
    }

    pub(super) fn has_log(&self) -> bool {
        self.log.is_some()
    }

    pub(super) fn random_source(&self) -> Fallible<RandomSource> {
        let Self { random, user_data, .. } = *self;
        match random {
            Some(random) => Ok(Box::new(move |out: &mut [u8]| {
                let data = user_data;
                // SAFETY: the host's word; `out` is writable for its length.
                unsafe { random(data.0, out.as_mut_ptr(), out.len()) == 0 }
            })),
            #[cfg(feature = "system-random")]
            None => Ok(Box::new(|out: &mut [u8]| getrandom::fill(out).is_ok())),
            #[cfg(not(feature = "system-random"))]
            None => Err(Refusal::null("`random` is NULL, and this library has no source of its own")),
        }
    }

    /// `false`: the host does not send it.
    pub(super) fn send(&self, client: playerlink_client, id: u64, request: &Request) -> bool {
        let Some(send) = self.http_send else { return false };
        let mut texts = OurTexts::default();
        let headers: Vec<playerlink_header> = (request.headers.iter())
            .map(|(name, value)| playerlink_header { name: texts.text(name), value: texts.text(value) })
            .collect();
        let body = request.body.as_deref().unwrap_or_default();
        let view = playerlink_http_request {
            struct_size: size::<playerlink_http_request>(),
            timeout_ms: u32::try_from(request.timeout_ms).unwrap_or(u32::MAX),
            id,
            method: texts.text(request.method.as_str()),
            url: texts.text(&request.url),
            headers: if headers.is_empty() { null() } else { headers.as_ptr() },
            header_count: headers.len(),
            body: bytes_of(body),
        };
        // SAFETY: the host's word; all pointers live until the call is over.
        unsafe { send(self.user_data.0, client, &raw const view) == 0 }
    }

    pub(super) fn cancel(&self, client: playerlink_client, id: u64) {
        if let Some(cancel) = self.http_cancel {
            // SAFETY: the host's word.
            unsafe { cancel(self.user_data.0, client, id) };
        }
    }

    /// `false`: the host cannot.
    pub(super) fn store(&self, client: playerlink_client, id: u64, kind: StorageKind, key: &str, value: &[u8]) -> bool {
        let Some(storage) = self.storage else { return false };
        let mut texts = OurTexts::default();
        let view = playerlink_storage_request {
            struct_size: size::<playerlink_storage_request>(),
            kind: match kind {
                StorageKind::Load => super::constants::PLAYERLINK_STORAGE_LOAD,
                StorageKind::Store => super::constants::PLAYERLINK_STORAGE_STORE,
                StorageKind::Delete => super::constants::PLAYERLINK_STORAGE_DELETE,
            },
            id,
            key: texts.text(key),
            value: bytes_of(value),
        };
        // SAFETY: the host's word; all pointers live until the call is over.
        unsafe { storage(self.user_data.0, client, &raw const view) == 0 }
    }

    pub(super) fn log(&self, level: LogLevel, line: &str) {
        let Some(log) = self.log else { return };
        let mut texts = OurTexts::default();
        let text = texts.text(line);
        let level = match level {
            LogLevel::Error => super::constants::PLAYERLINK_LOG_ERROR,
            LogLevel::Warn => super::constants::PLAYERLINK_LOG_WARN,
            LogLevel::Info => super::constants::PLAYERLINK_LOG_INFO,
            LogLevel::Debug => super::constants::PLAYERLINK_LOG_DEBUG,
        };
        // SAFETY: the host's word; the text lives until the call is over.
        unsafe { log(self.user_data.0, level, &raw const text) };
    }
}

fn bytes_of(bytes: &[u8]) -> playerlink_bytes {
    if bytes.is_empty() {
        return playerlink_bytes { ptr: null(), len: 0 };
    }
    playerlink_bytes { ptr: bytes.as_ptr(), len: bytes.len() }
}
