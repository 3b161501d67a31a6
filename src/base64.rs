//! Base64 (RFC 4648) as far as it is needed: a crate for it is a kilobyte more in the wasm.

/// The alphabet for URLs; the standard one has `+` and `/` at the end.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The standard alphabet with padding, as HTTP Basic wants it, appended to `out`.
pub(crate) fn encode(bytes: &[u8], out: &mut String) {
    for group in bytes.chunks(3) {
        let word = (0..3).fold(0, |word, at| (word << 8) | usize::from(group.get(at).copied().unwrap_or(0)));
        for at in 0..4 {
            out.push(match ALPHABET.get((word >> (18 - 6 * at)) & 63) {
                _ if at > group.len() => '=',
                Some(b'-') => '+',
                Some(b'_') => '/',
                symbol => char::from(*symbol.unwrap_or(&b'=')),
            });
        }
    }
}

/// The alphabet for URLs, appended to `out`; for a multiple of three bytes, which needs no padding.
pub(crate) fn encode_url(bytes: &[u8], out: &mut String) {
    let mut text = String::new();
    encode(bytes, &mut text);
    for symbol in text.bytes() {
        out.push(match symbol {
            b'+' => '-',
            b'/' => '_',
            symbol => char::from(symbol),
        });
    }
}

/// The alphabet for URLs without padding, as in a JWT; `None` for anything else, also for bits left over.
pub(crate) fn decode_url(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut rest, mut length) = (0, 0);
    for symbol in text.bytes() {
        rest = (rest << 6) | ALPHABET.iter().position(|other| *other == symbol)?;
        length += 6;
        if length >= 8 {
            length -= 8;
            bytes.push((rest >> length) as u8);
            rest &= (1 << length) - 1;
        }
    }
    (length < 6 && rest == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_rfc_are_encoded_with_padding() {
        for (bytes, text) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE=")]
        {
            let mut out = String::new();
            encode(bytes.as_bytes(), &mut out);
            assert_eq!(out, text);
        }
        let mut out = String::from("Basic ");
        encode(&[0xfb, 0xef, 0xff], &mut out);
        assert_eq!(out, "Basic ++//");
    }

    #[test]
    fn every_byte_comes_back_from_the_url_alphabet() {
        let bytes: Vec<u8> = (0..=255).collect();
        for length in 250..=256 {
            let mut text = String::new();
            encode(&bytes[..length], &mut text);
            let text = text.replace('+', "-").replace('/', "_");
            assert_eq!(decode_url(text.trim_end_matches('=')).as_deref(), Some(&bytes[..length]));
        }
        let mut text = String::new();
        encode_url(&bytes[..255], &mut text);
        assert_eq!(decode_url(&text).as_deref(), Some(&bytes[..255]));
        assert_eq!(decode_url("").as_deref(), Some(&[][..]));
    }

    #[test]
    fn what_is_no_base64url_is_refused() {
        for text in ["A", "AAAAA", "AB", "AAB", "AA==", "A+", "A/A", "A A", "é", "AA\n"] {
            assert_eq!(decode_url(text), None, "{text}");
        }
    }
}
