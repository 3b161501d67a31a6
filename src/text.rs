//! Searching and joining texts. The standard library's own are made for long texts, and their code weighs accordingly.

/// Where `part`, which is not empty, begins in `text`.
#[inline(never)]
pub(crate) fn place_of(text: &str, part: &str) -> Option<usize> {
    text.as_bytes().windows(part.len().max(1)).position(|window| window == part.as_bytes())
}

/// The text with `new` in each place of `part`, which is not empty; `None` when it is in none.
pub(crate) fn replaced(text: &str, part: &str, new: &str) -> Option<String> {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(at) = place_of(rest, part) {
        out.push_str(rest.get(..at)?);
        out.push_str(new);
        rest = rest.get(at + part.len()..)?;
    }
    if out.is_empty() {
        return None;
    }
    out.push_str(rest);
    Some(out)
}

/// The bytes as a text, when they are UTF-8.
pub(crate) fn utf8(bytes: &[u8]) -> Option<&str> {
    match bytes.utf8_chunks().next() {
        Some(chunk) => chunk.invalid().is_empty().then_some(chunk.valid()),
        None => Some(""),
    }
}

/// The parts with `between` between them. What they hold may be secret, and is copied once only.
#[inline(never)]
pub(crate) fn join(parts: &[&str], between: &str) -> String {
    let mut text = String::with_capacity(parts.iter().map(|part| part.len() + between.len()).sum());
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            text.push_str(between);
        }
        text.push_str(part);
    }
    text
}

/// A byte in hexadecimal, with `a` or `A` for ten.
#[inline(never)]
pub(crate) fn push_hex(out: &mut String, byte: u8, ten: u8) {
    let digit = |nibble: u8| char::from(if nibble < 10 { b'0' + nibble } else { ten - 10 + nibble });
    out.push(digit(byte >> 4));
    out.push(digit(byte & 15));
}

/// One text of several.
pub(crate) fn concat(parts: &[&str]) -> String {
    join(parts, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_do_what_the_standard_library_does() {
        let texts = ["", "a", "aab", "aaab", "é😀é", "ab😀ab", "aabaab aab"];
        for text in texts {
            for part in ["a", "aab", "é", "😀", "b", "aabaab aab!"] {
                assert_eq!(place_of(text, part), text.find(part), "{part} in {text}");
                let wanted = text.contains(part).then(|| text.replace(part, "[redacted]"));
                assert_eq!(replaced(text, part, "[redacted]"), wanted, "{part} in {text}");
            }
        }
        for byte in 0..=255 {
            let mut out = String::new();
            push_hex(&mut out, byte, b'a');
            push_hex(&mut out, byte, b'A');
            assert_eq!(out, format!("{byte:02x}{byte:02X}"));
        }
        for parts in [&texts[..], &texts[..1], &[]] {
            assert_eq!(concat(parts), parts.concat());
            assert_eq!(join(parts, "/"), parts.join("/"));
        }
    }
}
