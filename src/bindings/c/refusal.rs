//! Why a call did not even begin.

use std::borrow::Cow;

use super::result::{of, playerlink_result};
use crate::error::Error;

/// A result below zero, with a text for developers that holds no secret.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) result: playerlink_result,
    text: Cow<'static, str>,
}

pub(super) type Fallible<T> = Result<T, Refusal>;

impl Refusal {
    pub(super) fn new(result: playerlink_result, text: impl Into<Cow<'static, str>>) -> Self {
        Self { result, text: text.into() }
    }

    pub(super) fn argument(text: &'static str) -> Self {
        Self::new(playerlink_result::PLAYERLINK_E_ARGUMENT, text)
    }

    pub(super) fn unsupported(text: &'static str) -> Self {
        Self::new(playerlink_result::PLAYERLINK_E_UNSUPPORTED, text)
    }

    pub(super) fn state(text: &'static str) -> Self {
        Self::new(playerlink_result::PLAYERLINK_E_STATE, text)
    }

    pub(super) fn null(text: &'static str) -> Self {
        Self::new(playerlink_result::PLAYERLINK_E_NULL, text)
    }

    pub(super) fn bad_handle() -> Self {
        Self::new(playerlink_result::PLAYERLINK_E_BAD_HANDLE, "no such client or operation")
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

impl From<&Error> for Refusal {
    fn from(error: &Error) -> Self {
        Self::new(of(error), error.to_string())
    }
}
