//! What players type, paste or scan, read as a code: one function for consoles, pages and servers. It spends no guess;
//! what is wrong is said with its place.

use super::format::{Format, is_checked};

/// Texts longer than this are no codes, in code points.
pub const MAX_TYPED: usize = 64;

/// What a text is, read as a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The characters that count, in the format's case; ASCII. Empty for a text over [`MAX_TYPED`] code points.
    pub normalized: String,
    /// The same, cut for reading.
    pub groups: Vec<String>,
    /// Why it cannot be sent; `None`: it can.
    pub problem: Option<Problem>,
}

/// Why a text is not a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Nothing was typed, or only separators.
    Empty,
    /// So many characters are missing.
    TooShort {
        /// How many.
        missing: usize,
    },
    /// So many characters are too many. Nothing is cut off silently.
    TooLong {
        /// How many.
        extra: usize,
    },
    /// A character that no code has.
    BadCharacter {
        /// How many characters of the code come before it: the cell it would be in, from 0.
        position: usize,
        /// What was typed.
        character: char,
    },
    /// The last digit does not check the others: something is mistyped.
    BadCheckDigit,
    /// A link, but not one of the game's own page.
    ForeignLink,
}

impl Problem {
    /// The word used for this in every language.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooShort { .. } => "too-short",
            Self::TooLong { .. } => "too-long",
            Self::BadCharacter { .. } => "bad-character",
            Self::BadCheckDigit => "bad-check-digit",
            Self::ForeignLink => "foreign-link",
        }
    }
}

/// What a field for a code tells the keyboard of the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryHints {
    /// A number pad is enough.
    pub numeric: bool,
    /// Room for the code with a separator between its groups.
    pub max_length: usize,
    /// Never hidden while it is typed: players compare it with the other screen.
    pub secure: bool,
}

/// What a field for codes of `format` tells the keyboard.
///
/// ```
/// use playerlink::linking::{entry, format::Format};
///
/// let hints = entry::hints(&Format::digits6());
/// assert!(hints.numeric && !hints.secure);
/// assert_eq!(hints.max_length, 7); // `123 456`
/// ```
pub fn hints(format: &Format) -> EntryHints {
    let groups = format.show(&"0".repeat(format.length())).groups.len();
    EntryHints { numeric: format.is_numeric(), max_length: format.length() + groups - 1, secure: false }
}

/// Reads a text as a code of `format`: separators, digits of any script and look-alikes are what players mean by them.
///
/// ```
/// use playerlink::linking::entry::{Problem, read};
/// use playerlink::linking::format::Format;
///
/// let six = Format::digits6();
/// assert_eq!(read(" 12O-45l ", &six).normalized, "120451");
/// assert_eq!(read("٠١٢ ٣٤٥", &six).normalized, "012345");
/// assert_eq!(read("1234", &six).problem, Some(Problem::TooShort { missing: 2 }));
/// ```
pub fn read(text: &str, format: &Format) -> Entry {
    let typed = text.chars().count();
    if typed > MAX_TYPED {
        let extra = typed - format.length();
        return Entry { normalized: String::new(), groups: Vec::new(), problem: Some(Problem::TooLong { extra }) };
    }
    let mut normalized = String::new();
    let mut bad = None;
    for typed in text.chars().filter(|c| !is_separator(*c)) {
        match meant(typed, format.alphabet()) {
            Some(c) => normalized.push(c),
            None if bad.is_none() => {
                bad = Some(Problem::BadCharacter { position: normalized.len(), character: typed });
            }
            None => {}
        }
    }
    let (length, wanted) = (normalized.len(), format.length());
    let problem = if bad.is_some() {
        bad
    } else if length == 0 {
        Some(Problem::Empty)
    } else if length < wanted {
        Some(Problem::TooShort { missing: wanted - length })
    } else if length > wanted {
        Some(Problem::TooLong { extra: length - wanted })
    } else if format.has_check_digit() && !is_checked(&normalized) {
        Some(Problem::BadCheckDigit)
    } else {
        None
    };
    let groups = if normalized.is_empty() { Vec::new() } else { format.show(&normalized).groups };
    Entry { normalized, groups, problem }
}

/// Where the code is in a link of the game's own page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkRule {
    /// Scheme, host and port, compared exactly: `https://link.example`.
    pub origin: String,
    /// The name before the code, e.g. `code`.
    pub parameter: String,
    /// In the query instead of the fragment. A query lands in histories and server logs, a fragment does not.
    pub in_query: bool,
}

/// [`read`], for fields that also take what a QR code held: a link counts only from exactly that origin, and only its
/// one parameter is read. A code in any other link is not taken: somebody else made it.
///
/// ```
/// use playerlink::linking::entry::{LinkRule, Problem, read_scanned};
/// use playerlink::linking::format::Format;
///
/// let rule = LinkRule { origin: "https://link.example".into(), parameter: "code".into(), in_query: false };
/// let six = Format::digits6();
/// assert_eq!(read_scanned("https://link.example/go#code=123456", &six, &rule).normalized, "123456");
/// let foreign = read_scanned("https://evil.example/go#code=123456", &six, &rule);
/// assert_eq!(foreign.problem, Some(Problem::ForeignLink));
/// ```
pub fn read_scanned(text: &str, format: &Format, rule: &LinkRule) -> Entry {
    let trimmed = text.trim();
    if !is_link(trimmed) {
        return read(text, format);
    }
    match from_link(trimmed, rule) {
        Some(code) => read(code, format),
        None => Entry { normalized: String::new(), groups: Vec::new(), problem: Some(Problem::ForeignLink) },
    }
}

/// Searching for text of several characters is two kilobytes of the wasm, so it is done by hand.
fn is_link(text: &str) -> bool {
    text.split(':').skip(1).any(|rest| rest.starts_with("//"))
}

fn from_link<'a>(link: &'a str, rule: &LinkRule) -> Option<&'a str> {
    let rest = link.strip_prefix(&rule.origin)?;
    if rule.origin.is_empty() || !rest.starts_with(['/', '?', '#']) {
        return None; // `https://link.example.evil.com`, or a name and password before another host
    }
    let (before, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let pairs = if rule.in_query { before.split_once('?')?.1 } else { fragment };
    let mut values =
        pairs.split('&').filter_map(|pair| pair.split_once('=')).filter(|(name, _)| *name == rule.parameter);
    let (_, value) = values.next()?;
    // Twice, or with escapes: no page of ours writes it like that.
    (values.next().is_none() && !value.contains('%')).then_some(value)
}

/// What is between the characters of a code: space of any kind, characters without width, marks of direction, dashes, and
/// the punctuation that people write codes with.
fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || matches!(c,
            // No width, and marks of direction; what keycap emoji are made of.
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{20e3}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            // Every dash (Unicode's Pd), the minus, and what Japanese keyboards give for one.
            | '-' | '\u{58a}' | '\u{5be}' | '\u{1400}' | '\u{1806}' | '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}'
            | '\u{2e17}' | '\u{2e1a}' | '\u{2e3a}' | '\u{2e3b}' | '\u{2e40}' | '\u{2e5d}' | '\u{301c}' | '\u{3030}'
            | '\u{30a0}' | '\u{30fc}' | '\u{fe31}' | '\u{fe32}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' | '\u{ff70}'
            | '\u{10d6e}' | '\u{10ead}'
            | '.' | '_' | '\u{b7}' | ':' | '/' | '\u{ff0e}' | '\u{ff3f}' | '\u{ff1a}' | '\u{ff0f}' | '\u{30fb}')
}

/// The character of the alphabet that is meant by what was typed.
fn meant(typed: char, alphabet: &str) -> Option<char> {
    let plain = to_ascii(typed);
    let has = |c: &char| alphabet.contains(*c);
    let (upper, lower) =
        (alphabet.bytes().any(|c| c.is_ascii_uppercase()), alphabet.bytes().any(|c| c.is_ascii_lowercase()));
    // Only ASCII changes its case: a Turkish ı is no I.
    let cased = match (upper, lower) {
        (true, false) => plain.to_ascii_uppercase(),
        (false, true) => plain.to_ascii_lowercase(),
        _ => plain,
    };
    if has(&cased) {
        return Some(cased);
    }
    // What looks like it, where exactly one thing does.
    let alike: &[char] = match plain {
        '0' | 'O' | 'o' => &['0', 'O', 'o'],
        '1' | 'I' | 'l' | '|' => &['1', 'I', 'l'],
        _ => &[],
    };
    let mut targets = alike.iter().copied().filter(has);
    let target = targets.next();
    if targets.next().is_some() { None } else { target }
}

/// Digits of any script and full-width letters as ASCII.
fn to_ascii(c: char) -> char {
    let code = u32::from(c);
    match code {
        0..=0x7f => c,
        0xff21..=0xff3a | 0xff41..=0xff5a | 0xff5c => char::from_u32(code - 0xfee0).unwrap_or(c),
        _ => {
            let after = ZEROS.partition_point(|zero| *zero <= code);
            let zero = after.checked_sub(1).and_then(|at| ZEROS.get(at));
            zero.and_then(|zero| char::from_digit(code - zero, 10)).unwrap_or(c)
        }
    }
}

/// The zero of each script's decimal digits (Unicode 17, general category Nd), which come ten in a row.
const ZEROS: [u32; 76] = [
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0, 0xf20,
    0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0,
    0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30, 0x10d40, 0x11066, 0x110f0, 0x11136, 0x111d0,
    0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x116d0, 0x116da, 0x11730, 0x118e0, 0x11950, 0x11bf0, 0x11c50,
    0x11d50, 0x11da0, 0x11de0, 0x11f50, 0x16130, 0x16a60, 0x16ac0, 0x16b50, 0x16d70, 0x1ccf0, 0x1d7ce, 0x1d7d8,
    0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e4f0, 0x1e5f1, 0x1e950, 0x1fbf0,
];
