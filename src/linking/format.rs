//! How linking codes of a title look: which characters, how many, how they are cut for reading and spoken. The code itself
//! stays what the service gave; one that does not fit is shown whole and reported.

use crate::error::{Error, Result};

/// Longest code a format may have.
pub const MAX_LENGTH: usize = 32;

/// How codes of a title look.
///
/// ```
/// use playerlink::linking::format::Format;
///
/// let format = Format::digits6();
/// let shown = format.show("123456");
/// assert_eq!(shown.groups, ["123", "456"]);
/// assert!(!shown.mismatch);
/// assert!(format.show("53LRH2").mismatch); // shown all the same, as `53L` and `RH2`
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Format {
    alphabet: String,
    length: usize,
    groups: Vec<usize>,
    check_digit: bool,
}

const DIGITS: &str = "0123456789";
/// The consonants of RFC 8628 §6.1: no vowels, so no words, and no look-alikes.
const BASE20: &str = "BCDFGHJKLMNPQRSTVWXZ";
const LEGACY: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// The presets, by the word each has in every language.
const PRESETS: [(&str, &str, &[usize]); 5] = [
    ("digits6", DIGITS, &[3, 3]),
    ("digits8", DIGITS, &[4, 4]),
    ("digits10", DIGITS, &[3, 3, 4]),
    ("base20x8", BASE20, &[4, 4]),
    ("xsolla-legacy6", LEGACY, &[3, 3]),
];

/// A code as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Cut for reading. Joined with nothing, they are the code.
    pub groups: Vec<String>,
    /// The code does not fit the format: other characters, another length, or a wrong check digit.
    pub mismatch: bool,
}

impl Format {
    /// Six digits, `123 456`.
    pub fn digits6() -> Self {
        Self::of("digits6")
    }

    /// Eight digits, `1234 5678`.
    pub fn digits8() -> Self {
        Self::of("digits8")
    }

    /// Ten digits, `012 345 6789`.
    pub fn digits10() -> Self {
        Self::of("digits10")
    }

    /// Eight of the 20 consonants of RFC 8628 §6.1, `WDJB MJHT`.
    pub fn base20x8() -> Self {
        Self::of("base20x8")
    }

    /// Six of A to Z and 0 to 9: what an older call of Xsolla documents, `53L RH2`.
    pub fn xsolla_legacy6() -> Self {
        Self::of("xsolla-legacy6")
    }

    /// A preset by its word: `digits6`, `digits8`, `digits10`, `base20x8` or `xsolla-legacy6`.
    pub fn preset(word: &str) -> Option<Self> {
        let (_, alphabet, groups) = PRESETS.iter().find(|(name, ..)| *name == word)?;
        let length = groups.iter().sum();
        Some(Self { alphabet: (*alphabet).to_owned(), length, groups: groups.to_vec(), check_digit: false })
    }

    /// A format of one's own: `alphabet` of ASCII letters and digits without repeats, 1 to 32 characters, cut into
    /// `groups`, whose sum is `length`; none: by the length.
    ///
    /// # Errors
    /// `misuse` when the alphabet, the length or the groups are not like that.
    pub fn custom(alphabet: &str, length: usize, groups: &[usize]) -> Result<Self> {
        Self::checked(alphabet, length, groups).map_err(Error::misuse)
    }

    /// [`custom`](Self::custom), with only the reason when it cannot be: in the linking module errors are nothing more.
    pub(crate) fn checked(alphabet: &str, length: usize, groups: &[usize]) -> Result<Self, &'static str> {
        let repeats = |at: usize, c: char| alphabet.chars().take(at).any(|other| other == c);
        if alphabet.len() < 2
            || alphabet.chars().enumerate().any(|(at, c)| !c.is_ascii_alphanumeric() || repeats(at, c))
        {
            return Err("a code's alphabet must be different ASCII letters and digits, two at least");
        }
        if length == 0 || length > MAX_LENGTH {
            return Err("a code's length must be 1 to 32");
        }
        if groups.contains(&0) || (!groups.is_empty() && groups.iter().sum::<usize>() != length) {
            return Err("a code's groups must be positive, and their sum must be its length");
        }
        let groups = if groups.is_empty() { sizes(length).to_vec() } else { groups.to_vec() };
        Ok(Self { alphabet: alphabet.to_owned(), length, groups, check_digit: false })
    }

    /// The same with a last digit that checks the others ([`check_digit`]). Only for codes that your own server makes.
    ///
    /// # Errors
    /// `misuse` when the alphabet is not exactly the ten digits.
    pub fn with_check_digit(self) -> Result<Self> {
        self.checking().map_err(Error::misuse)
    }

    pub(crate) fn checking(mut self) -> Result<Self, &'static str> {
        if self.alphabet != DIGITS || self.length < 2 {
            return Err("a check digit needs an alphabet of 0123456789 and two digits at least");
        }
        self.check_digit = true;
        Ok(self)
    }

    fn of(word: &str) -> Self {
        // Every word here is in the table.
        Self::preset(word).unwrap_or(Self {
            alphabet: String::new(),
            length: 0,
            groups: Vec::new(),
            check_digit: false,
        })
    }

    /// Every character a code may have.
    pub fn alphabet(&self) -> &str {
        &self.alphabet
    }

    /// Characters in a code.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Whether the last digit checks the others.
    pub fn has_check_digit(&self) -> bool {
        self.check_digit
    }

    /// Whether a number pad is enough.
    pub fn is_numeric(&self) -> bool {
        self.alphabet.bytes().all(|c| c.is_ascii_digit())
    }

    /// How many codes there are. A check digit adds none.
    pub fn space(&self) -> f64 {
        let free = self.length - usize::from(self.check_digit);
        (0..free).fold(1.0, |space, _| space * self.alphabet.len() as f64)
    }

    /// Whether `code` is one, exactly as it is written.
    pub fn fits(&self, code: &str) -> bool {
        code.chars().count() == self.length
            && code.chars().all(|c| self.alphabet.contains(c))
            && (!self.check_digit || is_checked(code))
    }

    /// A code as it is shown. Nothing is dropped: what is left over is a last group of its own.
    pub fn show(&self, code: &str) -> Shown {
        Shown { groups: cut(code, &self.groups), mismatch: !self.fits(code) }
    }
}

/// Cuts a code into groups of three or four characters: `123456` → `123`, `456`; `WDJBMJHT` → `WDJB`, `MJHT`.
/// Nothing is dropped: joined, the groups are the code.
///
/// ```
/// assert_eq!(playerlink::linking::format::groups("0123456789"), ["012", "345", "6789"]);
/// assert_eq!(playerlink::linking::format::groups("12345"), ["12345"]);
/// ```
pub fn groups(code: &str) -> Vec<String> {
    cut(code, sizes(code.chars().count()))
}

fn sizes(length: usize) -> &'static [usize] {
    match length {
        6 => &[3, 3],
        7 => &[3, 4],
        8 => &[4, 4],
        9 => &[3, 3, 3],
        10 => &[3, 3, 4],
        12 => &[4, 4, 4],
        _ => &[],
    }
}

fn cut(code: &str, sizes: &[usize]) -> Vec<String> {
    let mut rest = code;
    let mut groups = Vec::with_capacity(sizes.len() + 1);
    for size in sizes {
        let end = rest.char_indices().nth(*size).map_or(rest.len(), |(at, _)| at);
        let (group, tail) = rest.split_at_checked(end).unwrap_or((rest, ""));
        if !group.is_empty() {
            groups.push(group.to_owned());
        }
        rest = tail;
    }
    if !rest.is_empty() || groups.is_empty() {
        groups.push(rest.to_owned());
    }
    groups
}

/// A code for speaking: one entry a character. `words`: a word to follow a letter, e.g. `Q` → `Quebec`, in the player's
/// language; characters without one are spoken alone.
///
/// ```
/// use playerlink::linking::format::spell;
///
/// assert_eq!(spell("07Q", |c| (c == 'Q').then(|| "Quebec".to_owned())), ["0", "7", "Q Quebec"]);
/// ```
pub fn spell(code: &str, words: impl Fn(char) -> Option<String>) -> Vec<String> {
    let one = |c: char| match words(c) {
        Some(word) => {
            let mut spoken = String::from(c);
            spoken.push(' ');
            spoken.push_str(&word);
            spoken
        }
        None => String::from(c),
    };
    code.chars().map(one).collect()
}

/// The digit that makes `digits` checkable (Damm): it catches every single wrong digit and every swap of neighbours.
/// `None` when there is anything else than digits.
///
/// ```
/// assert_eq!(playerlink::linking::format::check_digit("572"), Some('4'));
/// ```
pub fn check_digit(digits: &str) -> Option<char> {
    let interim = damm(digits)?;
    char::from_digit(interim as u32, 10)
}

/// Whether the last digit checks the others.
pub fn is_checked(digits: &str) -> bool {
    !digits.is_empty() && damm(digits) == Some(0)
}

fn damm(digits: &str) -> Option<usize> {
    /// H. Michael Damm's quasigroup of order 10 with zeros on its diagonal.
    const TABLE: [&[u8; 10]; 10] = [
        b"0317598642",
        b"7092154863",
        b"4206871359",
        b"1750983426",
        b"6123045978",
        b"3674209581",
        b"5869720134",
        b"8945362017",
        b"9438617205",
        b"2581436790",
    ];
    digits.chars().try_fold(0, |interim: usize, c| {
        let digit = c.to_digit(10)? as usize;
        TABLE.get(interim)?.get(digit).map(|next| usize::from(next - b'0'))
    })
}

/// The chance that one of `guesses` hits any of `live` codes out of `space`: 1 − (1 − live/space)^guesses. A code alone
/// picks the account, so each guess is tried against all of them.
///
/// ```
/// use playerlink::linking::format::{Format, guess_risk};
///
/// let risk = guess_risk(Format::digits6().space(), 1_000.0, 5.0);
/// assert!((risk - 0.005).abs() < 1e-4);
/// ```
pub fn guess_risk(space: f64, live: f64, guesses: f64) -> f64 {
    if space <= 0.0 || live >= space {
        return 1.0;
    }
    // Like this small chances keep their digits.
    -f64::exp_m1(guesses * f64::ln_1p(-live / space))
}

/// Keys on a screen that a controller walks over, as rows of characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pad {
    rows: Vec<Vec<char>>,
    wraps: bool,
}

impl Pad {
    /// Rows of keys; `wraps`: left of the first key is the last one of the row, and above the first row the last.
    pub fn new(rows: &[&str], wraps: bool) -> Self {
        Self { rows: rows.iter().map(|row| row.chars().collect()).collect(), wraps }
    }

    /// `123`, `456`, `789` and `0` below the 8.
    pub fn numbers() -> Self {
        Self::new(&["123", "456", "789", " 0 "], false)
    }

    /// Letters and digits in the order of the alphabet, ten in a row.
    pub fn alphabet() -> Self {
        Self::new(&["ABCDEFGHIJ", "KLMNOPQRST", "UVWXYZ0123", "456789"], false)
    }

    fn find(&self, wanted: char) -> Option<(usize, usize)> {
        let in_row = |row: &Vec<char>| row.iter().position(|key| *key == wanted);
        self.rows.iter().enumerate().find_map(|(y, row)| in_row(row).map(|x| (x, y)))
    }

    fn steps(&self, from: (usize, usize), to: (usize, usize)) -> usize {
        let width = self.rows.iter().map(Vec::len).max().unwrap_or(1);
        self.along(from.0, to.0, width) + self.along(from.1, to.1, self.rows.len())
    }

    fn along(&self, from: usize, to: usize, size: usize) -> usize {
        let direct = from.abs_diff(to);
        if self.wraps { direct.min(size - direct) } else { direct }
    }
}

/// Button presses to enter an average code of `format` on `pad` with a controller, with one press for each key and the
/// walk between them, from the pad's first key. `None` when the pad lacks a character.
///
/// ```
/// use playerlink::linking::format::{Format, Pad, entry_cost};
///
/// let digits = entry_cost(&Format::digits6(), &Pad::numbers()).unwrap();
/// let letters = entry_cost(&Format::xsolla_legacy6(), &Pad::alphabet()).unwrap();
/// assert!(digits < 20.0 && letters > 30.0);
/// ```
pub fn entry_cost(format: &Format, pad: &Pad) -> Option<f64> {
    let places: Vec<_> = format.alphabet.chars().map(|c| pad.find(c)).collect::<Option<_>>()?;
    let first = pad.rows.iter().flatten().find(|key| **key != ' ').and_then(|key| pad.find(*key))?;
    let keys = places.len() as f64;
    let start = places.iter().map(|to| pad.steps(first, *to)).sum::<usize>() as f64 / keys;
    let pairs = places.iter().flat_map(|from| places.iter().map(move |to| pad.steps(*from, *to)));
    let step = pairs.sum::<usize>() as f64 / (keys * keys);
    let length = format.length as f64;
    Some(length + start + step * (length - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joined_groups_are_the_code_whatever_its_length_or_alphabet() {
        for length in 0..40 {
            let code: String = "aé1😀Z".chars().cycle().take(length).collect();
            assert_eq!(groups(&code).concat(), code);
            for (word, ..) in PRESETS {
                assert_eq!(Format::preset(word).unwrap().show(&code).groups.concat(), code);
            }
        }
    }

    #[test]
    fn a_code_that_does_not_fit_is_shown_whole_and_reported() {
        let six = Format::digits6();
        assert_eq!(six.show("12345678").groups, ["123", "456", "78"]);
        assert_eq!(six.show("12").groups, ["12"]);
        assert_eq!(six.show("").groups, [""]);
        for (code, mismatch) in
            [("123456", false), ("000000", false), ("12345", true), ("1234567", true), ("12345O", true)]
        {
            assert_eq!(six.show(code).mismatch, mismatch, "{code}");
        }
    }

    #[test]
    fn formats_that_cannot_be_are_refused() {
        for (alphabet, length, groups) in [
            ("", 6, &[][..]),
            ("0", 6, &[]),
            ("00", 6, &[]),
            ("01-", 6, &[]),
            ("0é", 6, &[]),
            ("01", 0, &[]),
            ("01", 33, &[]),
            ("01", 6, &[3, 2]),
            ("01", 6, &[6, 0]),
        ] {
            assert!(Format::custom(alphabet, length, groups).is_err(), "{alphabet} {length} {groups:?}");
        }
        assert!(Format::base20x8().with_check_digit().is_err());
        assert_eq!(Format::custom(DIGITS, 6, &[]).unwrap(), Format::digits6());
    }

    #[test]
    fn a_check_digit_catches_each_wrong_digit_and_each_swap_of_neighbours() {
        for number in 0..10_000 {
            let mut code = format!("{number:04}");
            code.push(check_digit(&code).unwrap());
            assert!(is_checked(&code));
            let digits: Vec<char> = code.chars().collect();
            for at in 0..digits.len() {
                for other in '0'..='9' {
                    let mut wrong = digits.clone();
                    wrong[at] = other;
                    assert_eq!(is_checked(&wrong.iter().collect::<String>()), other == digits[at]);
                }
                if at > 0 && digits[at] != digits[at - 1] {
                    let mut swapped = digits.clone();
                    swapped.swap(at, at - 1);
                    assert!(!is_checked(&swapped.iter().collect::<String>()));
                }
            }
        }
    }

    #[test]
    fn the_risk_of_being_guessed_is_the_table_of_the_documentation() {
        let risk = |format: Format, live: f64, guesses: f64| guess_risk(format.space(), live, guesses);
        let near = |a: f64, b: f64| assert!((a / b - 1.0).abs() < 0.05, "{a} is not {b}");
        near(risk(Format::digits6(), 1.0, 5.0), 5e-6);
        near(risk(Format::digits6(), 1e3, 1e4), 1.0);
        near(risk(Format::digits8(), 1e3, 1e4), 0.095);
        near(risk(Format::digits8(), 2e4, 1e4), 0.87);
        near(risk(Format::digits10(), 2e4, 1e4), 0.02);
        near(risk(Format::base20x8(), 1e3, 1e4), 4e-4);
        // RFC 8628 §5.1 aims at 2^-32 with five guesses.
        assert!(risk(Format::base20x8(), 1.0, 5.0) < 2_f64.powi(-32));
        assert!(risk(Format::digits10(), 1.0, 5.0) > 2_f64.powi(-32));
    }

    #[test]
    fn fewer_keys_cost_fewer_presses_and_a_pad_without_a_key_has_no_cost() {
        let numbers = entry_cost(&Format::digits6(), &Pad::numbers()).unwrap();
        assert!((16.0..19.0).contains(&numbers), "{numbers}");
        let wrapped = Pad::new(&["123", "456", "789", " 0 "], true);
        assert!(entry_cost(&Format::digits6(), &wrapped).unwrap() < numbers);
        assert_eq!(entry_cost(&Format::base20x8(), &Pad::numbers()), None);
    }
}
