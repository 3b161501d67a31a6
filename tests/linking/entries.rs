//! What players really type, paste and scan.

use playerlink::linking::entry::{LinkRule, MAX_TYPED, Problem, hints, read, read_scanned};
use playerlink::linking::format::{Format, check_digit};

const PRESETS: [&str; 5] = ["digits6", "digits8", "digits10", "base20x8", "xsolla-legacy6"];

fn bad(position: usize, character: char) -> Result<&'static str, Problem> {
    Err(Problem::BadCharacter { position, character })
}

#[test]
fn c11_sixty_dirty_inputs_are_what_players_mean() {
    let short = |missing| Err(Problem::TooShort { missing });
    let long = |extra| Err(Problem::TooLong { extra });
    let table: Vec<(&str, &str, Result<&str, Problem>)> = vec![
        // Space and separators.
        ("digits6", "123456", Ok("123456")),
        ("digits6", "123 456", Ok("123456")),
        ("digits6", "  123456  ", Ok("123456")),
        ("digits6", "123-456", Ok("123456")),
        ("digits6", "123–456", Ok("123456")),
        ("digits6", "123—456", Ok("123456")),
        ("digits6", "123‑456", Ok("123456")),
        ("digits6", "123−456", Ok("123456")),
        ("digits6", "123ー456", Ok("123456")),
        ("digits6", "1.2.3.4.5.6", Ok("123456")),
        ("digits6", "123_456", Ok("123456")),
        ("digits6", "123·456", Ok("123456")),
        ("digits6", "12:34:56", Ok("123456")),
        ("digits6", "123/456", Ok("123456")),
        ("digits6", "123\t456\r\n", Ok("123456")),
        ("digits6", "123\u{a0}456", Ok("123456")),
        ("digits6", "123\u{202f}456", Ok("123456")),
        ("digits6", "123\u{3000}456", Ok("123456")),
        ("digits6", "1 2 3 4 5 6", Ok("123456")),
        // Without width, and direction.
        ("digits6", "\u{200b}123\u{200b}456", Ok("123456")),
        ("digits6", "\u{feff}123456", Ok("123456")),
        ("digits6", "\u{202a}123456\u{202c}", Ok("123456")),
        ("digits6", "\u{2068}123\u{2069} 456", Ok("123456")),
        ("digits6", "\u{200f}123456", Ok("123456")),
        ("digits6", "123\u{ad}456", Ok("123456")),
        ("digits6", "1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣", Ok("123456")),
        // Digits of other scripts.
        ("digits6", "٠١٢٣٤٥", Ok("012345")),
        ("digits6", "۰۱۲۳۴۵", Ok("012345")),
        ("digits6", "०१२३४५", Ok("012345")),
        ("digits6", "০১২৩৪৫", Ok("012345")),
        ("digits6", "０１２３４５", Ok("012345")),
        ("digits6", "๐๑๒๓๔๕", Ok("012345")),
        ("digits6", "𝟎𝟏𝟐𝟑𝟒𝟓", Ok("012345")),
        ("digits6", "١٢٣-456", Ok("123456")),
        // Zeros.
        ("digits6", "000000", Ok("000000")),
        ("digits6", "001234", Ok("001234")),
        // Look-alikes.
        ("digits6", "12O456", Ok("120456")),
        ("digits6", "12o456", Ok("120456")),
        ("digits6", "I23456", Ok("123456")),
        ("digits6", "l23456", Ok("123456")),
        ("digits6", "|23456", Ok("123456")),
        ("digits6", "ｌ２３４５６", Ok("123456")),
        ("digits6", "i23456", bad(0, 'i')),
        ("digits6", "ı23456", bad(0, 'ı')),
        ("digits6", "12S456", bad(2, 'S')),
        ("digits6", "12 O45б", bad(5, 'б')),
        ("digits6", "12²456", bad(2, '²')),
        ("digits6", "½23456", bad(0, '½')),
        // Lengths.
        ("digits6", "", Err(Problem::Empty)),
        ("digits6", " - ", Err(Problem::Empty)),
        ("digits6", "12345", short(1)),
        ("digits6", "1234567", long(1)),
        ("digits10", "012-345-6789", Ok("0123456789")),
        ("digits6", "code: 123456", bad(0, 'c')),
        // Letters.
        ("base20x8", "wdjb-mjht", Ok("WDJBMJHT")),
        ("base20x8", "ＷＤＪＢ ＭＪＨＴ", Ok("WDJBMJHT")),
        ("base20x8", "WDJB0JHT", bad(4, '0')),
        ("base20x8", "WDJB1JHT", bad(4, '1')),
        ("base20x8", "WDJBAJHT", bad(4, 'A')),
        ("xsolla-legacy6", "53lrh2", Ok("53LRH2")),
        ("xsolla-legacy6", "53lrıh", bad(4, 'ı')),
        ("xsolla-legacy6", "53lrİh", bad(4, 'İ')),
        ("xsolla-legacy6", "O0l1|x", bad(4, '|')),
        ("xsolla-legacy6", "53ſrh2", bad(2, 'ſ')),
    ];
    assert!(table.len() >= 60, "{}", table.len());
    for (format, typed, expected) in table {
        let entry = read(typed, &Format::preset(format).unwrap());
        match expected {
            Ok(code) => assert_eq!((entry.problem, entry.normalized.as_str()), (None, code), "{typed:?}"),
            Err(problem) => assert_eq!(entry.problem, Some(problem), "{typed:?}"),
        }
    }
}

#[test]
fn what_is_shown_reads_back_in_every_preset_grouping_and_script() {
    // Zeros of scripts whose digits players type.
    let zeros =
        ['0', '٠', '۰', '०', '০', '੦', '૦', '୦', '௦', '౦', '೦', '൦', '๐', '໐', '༠', '၀', '០', '᠐', '０', '𝟎', '🯰'];
    for word in PRESETS {
        let format = Format::preset(word).unwrap();
        let letters: Vec<char> = format.alphabet().chars().collect();
        for start in 0..letters.len() {
            let code: String = letters.iter().cycle().skip(start).step_by(7).take(format.length()).collect();
            for separator in ["", " ", "-", "\u{2009}", " – ", "."] {
                let shown = format.show(&code).groups.join(separator);
                let entry = read(&shown, &format);
                assert_eq!((entry.normalized.as_str(), entry.problem), (code.as_str(), None), "{shown}");
                assert_eq!(entry.groups.concat(), code);
            }
            for zero in zeros {
                let written =
                    |c: char| c.to_digit(10).and_then(|digit| char::from_u32(u32::from(zero) + digit)).unwrap_or(c);
                let shown: String = code.chars().map(written).collect();
                assert_eq!(read(&shown, &format).normalized, code, "{shown}");
            }
            assert_eq!(read(&code.to_lowercase(), &format).normalized, code);
        }
    }
}

#[test]
fn two_different_codes_never_become_one() {
    let six = Format::digits6();
    for number in 0..1_000_000_u32 {
        let code = format!("{number:06}");
        assert_eq!(read(&code, &six).normalized, code);
    }
    // Of a format of both cases neither is changed.
    let both = Format::custom("abcABC", 2, &[]).unwrap();
    for (a, b) in [("ab", "aB"), ("ab", "AB"), ("Ab", "aB")] {
        assert_ne!(read(a, &both).normalized, read(b, &both).normalized);
    }
    // What looks like two characters of the alphabet is neither.
    let tricky = Format::custom("0Oab", 2, &[]).unwrap();
    assert_eq!(read("o0", &tricky).problem, Some(Problem::BadCharacter { position: 0, character: 'o' }));
}

#[test]
fn a_wrong_check_digit_is_told_before_a_guess_is_spent() {
    let format = Format::custom("0123456789", 6, &[3, 3]).unwrap().with_check_digit().unwrap();
    let mut code = "57240".to_owned();
    code.push(check_digit(&code).unwrap());
    assert_eq!(read(&code, &format).problem, None);
    let swapped: String = [1, 0, 2, 3, 4, 5].map(|at| code.chars().nth(at).unwrap()).iter().collect();
    assert_eq!(read(&swapped, &format).problem, Some(Problem::BadCheckDigit));
}

#[test]
fn texts_over_64_code_points_are_refused_whatever_they_hold() {
    let six = Format::digits6();
    let padded = |count: usize| format!("{}123456", " ".repeat(count - 6));
    assert_eq!(read(&padded(MAX_TYPED), &six).problem, None);
    let over = read(&padded(MAX_TYPED + 1), &six);
    assert_eq!((over.problem, over.normalized.as_str()), (Some(Problem::TooLong { extra: 59 }), ""));
    assert_eq!(read(&"😀".repeat(10_000), &six).problem, Some(Problem::TooLong { extra: 9_994 }));
}

#[test]
fn c31_a_code_in_a_link_counts_only_from_the_games_own_page() {
    let rule = |in_query| LinkRule { origin: "https://link.example".into(), parameter: "code".into(), in_query };
    let six = Format::digits6();
    for good in [
        "https://link.example/#code=123456",
        "https://link.example#code=123-456",
        "https://link.example/a?b=c#x=y&code=123456",
    ] {
        assert_eq!(read_scanned(good, &six, &rule(false)).normalized, "123456", "{good}");
    }
    assert_eq!(read_scanned("https://link.example/?a=1&code=123456#top", &six, &rule(true)).normalized, "123456");
    for foreign in [
        "https://evil.example/#code=123456",
        "http://link.example/#code=123456",
        "https://link.example.evil.example/#code=123456",
        "https://link.example@evil.example/#code=123456",
        "https://link.example:444/#code=123456",
        "https://evil.example/https://link.example/#code=123456",
        "https://link.example/?code=123456",
        "https://link.example/#xcode=123456",
        "https://link.example/#code=123456&code=654321",
        "https://link.example/#code=%31%32%33456",
        "HTTPS://LINK.EXAMPLE/#code=123456",
    ] {
        assert_eq!(read_scanned(foreign, &six, &rule(false)).problem, Some(Problem::ForeignLink), "{foreign}");
    }
    assert_eq!(read_scanned(" 123 456 ", &six, &rule(false)).normalized, "123456");
    // Without the rule no link is taken apart at all.
    assert!(read("https://link.example/#code=123456", &six).problem.is_some());
    assert!(read("https://link.example/123456", &Format::xsolla_legacy6()).problem.is_some());
}

#[test]
fn keyboards_are_told_what_is_typed() {
    assert!(hints(&Format::digits10()).numeric && !hints(&Format::base20x8()).numeric);
    assert_eq!(hints(&Format::digits10()).max_length, 12);
}
