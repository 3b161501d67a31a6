//! What a service, and the app behind it, can tell about linking codes. Drives the words on the screen and the steps of
//! the machine; what nobody says is unknown here, and not guessed.

/// Whether a link can be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Undo {
    /// By the player.
    Player,
    /// By the service's support.
    Support,
    /// By nobody.
    Never,
    /// Nobody says.
    #[default]
    Unknown,
}

impl Undo {
    /// The word used for this in every language.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Player => "player",
            Self::Support => "support",
            Self::Never => "never",
            Self::Unknown => "unknown",
        }
    }

    /// By its word; what is unknown is [`Undo::Unknown`].
    pub fn from_word(word: &str) -> Self {
        [Self::Player, Self::Support, Self::Never].into_iter().find(|undo| undo.as_str() == word).unwrap_or_default()
    }
}

/// What can be told, and what can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Whether the service makes linking codes at all.
    pub codes: bool,
    /// Whether it says how long a code lives.
    pub lifetime: bool,
    /// Whether it says what became of a code.
    pub status: bool,
    /// Whether a code can be taken back.
    pub cancel: bool,
    /// Whether the player can list their platform links.
    pub link_list: bool,
    /// Whether a link can be undone.
    pub undo: Undo,
    /// Most codes an account may have alive, where that is known.
    pub live_codes: Option<u32>,
    /// A code without a told lifetime leaves the screen after this long. `None`: 5 minutes, a guess of ours.
    pub max_age_hint_ms: Option<u64>,
}

impl Capabilities {
    /// Xsolla Login: a code and nothing about it. Its documentation says that a platform account cannot be unlinked from
    /// the main account.
    pub const XSOLLA: Self = Self { codes: true, undo: Undo::Never, ..Self::NONE };
    /// RallyHere: no codes; two tokens link two accounts, and the player may unlink and list them.
    pub const RALLYHERE: Self = Self { link_list: true, undo: Undo::Player, ..Self::NONE };
    /// PlayFab: no codes; a signed-in player links and unlinks.
    pub const PLAYFAB: Self = Self { link_list: true, undo: Undo::Player, ..Self::NONE };
    /// Nothing is known: the start for a service of one's own.
    pub const NONE: Self = Self {
        codes: false,
        lifetime: false,
        status: false,
        cancel: false,
        link_list: false,
        undo: Undo::Unknown,
        live_codes: None,
        max_age_hint_ms: None,
    };

    /// Of a service by its word, `xsolla`, `rallyhere` or `playfab`.
    pub fn of_service(service: &str) -> Self {
        match service {
            "xsolla" => Self::XSOLLA,
            "rallyhere" => Self::RALLYHERE,
            "playfab" => Self::PLAYFAB,
            _ => Self::NONE,
        }
    }
}

impl Default for Capabilities {
    fn default() -> Self {
        Self::NONE
    }
}
