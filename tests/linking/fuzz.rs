//! A million texts that nobody would type, read here and in WebAssembly: `tests/js/linking/parity.test.mjs` makes the
//! same ones and must come to the same digests, which lie in `tests/linking/fuzz.json`.
//!
//! `LINKING_FUZZ=1000000` reads all of them; else the first tenth. `LINKING_FUZZ_WRITE=1` writes the file.

use playerlink::linking::entry::{Entry, Problem, read};
use playerlink::linking::format::Format;

/// Texts in one digest.
const CHUNK: usize = 100_000;
const CHUNKS: usize = 10;

/// Xorshift32, as in the JavaScript of the same test.
struct Random(u32);

impl Random {
    fn next(&mut self, below: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 % below
    }
}

/// Where mistakes would be: separators, look-alikes, cases that are no ASCII, edges of the tables.
const POOL: [u32; 24] = [
    0x20, 0x2d, 0x2e, 0x2f, 0x3a, 0x5f, 0x4f, 0x6f, 0x49, 0x6c, 0x7c, 0x130, 0x131, 0x17f, 0x212a, 0x200b, 0x202e,
    0xfeff, 0x660, 0x6f9, 0xff10, 0xff2f, 0x1d7ff, 0x1fbf9,
];

fn text(random: &mut Random) -> String {
    let length = if random.next(64) == 0 { random.next(80) } else { random.next(14) };
    (0..length)
        .map(|_| {
            let code = match random.next(8) {
                0..=3 => 0x30 + random.next(10),
                4 => 0x20 + random.next(95),
                5 => POOL[random.next(24) as usize],
                6 => random.next(0xd800),
                _ => 0xe000 + random.next(0x10_2000),
            };
            char::from_u32(code).unwrap()
        })
        .collect()
}

fn formats() -> [Format; 6] {
    let checked = Format::custom("0123456789", 6, &[]).unwrap().with_check_digit().unwrap();
    [Format::digits6(), Format::digits8(), Format::digits10(), Format::base20x8(), Format::xsolla_legacy6(), checked]
}

/// What two implementations must agree on.
fn words(entry: &Entry) -> String {
    let problem = match &entry.problem {
        None => String::new(),
        Some(problem) => {
            let more = match problem {
                Problem::TooShort { missing } => missing.to_string(),
                Problem::TooLong { extra } => extra.to_string(),
                Problem::BadCharacter { position, character } => format!("{position},{}", u32::from(*character)),
                _ => String::new(),
            };
            format!("{} {more}", problem.as_str())
        }
    };
    format!("{}|{}|{problem}\n", entry.normalized, entry.groups.join(" "))
}

fn digest(before: u32, text: &str) -> u32 {
    text.bytes().fold(before, |digest, byte| (digest ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[test]
fn a_million_texts_are_read_without_harm_and_as_in_webassembly() {
    let inputs: usize = std::env::var("LINKING_FUZZ").map_or(CHUNK, |count| count.parse().unwrap());
    let formats = formats();
    let mut random = Random(0x2545_f491);
    let mut digests = Vec::new();
    for _ in 0..(inputs / CHUNK).min(CHUNKS) {
        let mut sum = 0x811c_9dc5;
        for _ in 0..CHUNK {
            let format = &formats[random.next(6) as usize];
            let text = text(&mut random);
            let entry = read(&text, format);
            assert!(entry.normalized.chars().all(|c| format.alphabet().contains(c)), "{text:?}");
            assert_eq!(entry.groups.concat(), entry.normalized);
            let again = read(&entry.normalized, format);
            assert_eq!(again.normalized, entry.normalized, "{text:?}");
            if entry.problem.is_none() {
                assert!(format.fits(&entry.normalized) && again == entry, "{text:?}");
            }
            sum = digest(sum, &words(&entry));
        }
        digests.push(sum);
    }
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz.json");
    if std::env::var_os("LINKING_FUZZ_WRITE").is_some() {
        let json = serde_json::json!({ "seed": 0x2545_f491_u32, "chunk": CHUNK, "digests": digests });
        std::fs::write(file, format!("{json}\n")).unwrap();
    }
    let known: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let known: Vec<u32> = serde_json::from_value(known["digests"].clone()).unwrap();
    assert_eq!(digests, known[..digests.len()]);
    assert_eq!(known.len(), CHUNKS);
}
