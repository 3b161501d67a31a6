//! The linking code on the screen, as C sees it.

use super::constants::*;
use super::output::{Texts, size};
use super::result::playerlink_result;
use super::types::{playerlink_bytes, playerlink_linking_snapshot};
use crate::Secret;
use crate::linking::format;

/// A linking code on a screen.
#[derive(Clone)]
pub(super) struct Shown {
    code: Secret,
    state: u32,
    revision: u64,
}

impl Shown {
    pub(super) fn new(code: Secret) -> Self {
        Self { code, state: PLAYERLINK_LINKING_ACTIVE, revision: 1 }
    }

    pub(super) fn to_c(&self, texts: &mut (impl Texts + ?Sized)) -> playerlink_linking_snapshot {
        let groups = format::groups(self.code.expose());
        let spelled: Vec<String> = groups.iter().map(|group| spell(group)).collect();
        let (grouped, spelled) = (Secret::new(groups.join(" ")), Secret::new(spelled.join(", ")));
        playerlink_linking_snapshot {
            struct_size: size::<playerlink_linking_snapshot>(),
            state: self.state,
            revision: self.revision,
            expires_in_ms: 0,
            age_ms: 0,
            flags: 0,
            renewals_used: 0,
            result: playerlink_result::PLAYERLINK_OK,
            retry_after_ms: 0,
            code: texts.text(self.code.expose()),
            grouped: texts.text(grouped.expose()),
            spelled: texts.text(spelled.expose()),
            url: texts.text(""),
            linked_platform: texts.text(""),
            linked_display_name: texts.text(""),
            qr_modules: playerlink_bytes { ptr: core::ptr::null(), len: 0 },
            qr_size: 0,
            reserved: 0,
        }
    }
}

fn spell(group: &str) -> String {
    let letters: Vec<String> = group.chars().map(String::from).collect();
    letters.join(" ")
}
