//! The QR code of a companion page's link. Never of a linking code: a console has no camera, so it is the page that is
//! opened by it.

use qrcodegen_no_heap::{QrCode, QrCodeEcc, Version};

/// Longer texts are refused, in bytes: their symbols are too fine for a television seen from a sofa.
pub const MAX_TEXT: usize = 120;

/// The largest symbol that [`MAX_TEXT`] needs, 45 modules wide.
const LARGEST: Version = Version::new(7);

/// A QR code (Model 2, error correction M or better), without its quiet zone. Draw it dark on light, in every theme, with
/// four light modules around it: no tried decoder read an inverted one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Qr {
    /// What it holds: exactly what was given.
    pub text: String,
    /// Modules in a row, 21 to 45.
    pub size: usize,
    /// Row by row, `true` is dark; `size` × `size`.
    pub modules: Vec<bool>,
}

/// The QR code of `text`; `None` when it is empty or longer than [`MAX_TEXT`]. Upper-case links give smaller symbols.
///
/// ```
/// let qr = playerlink::linking::qr::encode("HTTPS://LINK.EXAMPLE/XBOX").unwrap();
/// assert_eq!((qr.size, qr.modules.len()), (25, 625));
/// ```
pub fn encode(text: &str) -> Option<Qr> {
    if text.is_empty() || text.len() > MAX_TEXT {
        return None;
    }
    let (mut work, mut out) = ([0; LARGEST.buffer_len()], [0; LARGEST.buffer_len()]);
    let code =
        QrCode::encode_text(text, &mut work, &mut out, QrCodeEcc::Medium, Version::MIN, LARGEST, None, true).ok()?;
    let size = code.size();
    let mut modules = Vec::new();
    for y in 0..size {
        for x in 0..size {
            modules.push(code.get_module(x, y));
        }
    }
    Some(Qr { text: text.to_owned(), size: usize::try_from(size).ok()?, modules })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Read back by a decoder that shares nothing with the encoder.
    fn decoded(qr: &Qr) -> String {
        let grid = rqrr::SimpleGrid::from_func(qr.size, |x, y| qr.modules[y * qr.size + x]);
        rqrr::Grid::new(grid).decode().unwrap().1
    }

    #[test]
    fn c30_the_symbol_holds_the_same_text_as_the_link() {
        for length in 1..=MAX_TEXT {
            let text: String =
                "https://link.example/?platform=xbox&title=Nova#a".chars().cycle().take(length).collect();
            let qr = encode(&text).unwrap();
            assert_eq!(decoded(&qr), text);
            assert_eq!(qr.text, text);
        }
        let upper = encode("HTTPS://LINK.EXAMPLE/XBOX/NOVA/12").unwrap();
        assert_eq!(decoded(&upper), "HTTPS://LINK.EXAMPLE/XBOX/NOVA/12");
        assert!(upper.size < encode("https://link.example/xbox/nova/12").unwrap().size);
    }

    #[test]
    fn what_is_too_long_is_refused_and_never_cut() {
        assert_eq!(encode(""), None);
        assert_eq!(encode(&"a".repeat(MAX_TEXT + 1)), None);
        assert_eq!(encode(&"é".repeat(61)), None);
        assert_eq!(decoded(&encode(&"é".repeat(60)).unwrap()), "é".repeat(60));
    }
}
