//! How a linking code is cut into groups for reading and typing. The code itself stays what the service gave.

/// Cuts a code into groups of three or four characters: `123456` → `123`, `456`; `WDJBMJHT` → `WDJB`, `MJHT`.
/// Nothing is dropped: joined, the groups are the code.
///
/// ```
/// assert_eq!(playerlink::linking::format::groups("0123456789"), ["012", "345", "6789"]);
/// assert_eq!(playerlink::linking::format::groups("12345"), ["12345"]);
/// ```
pub fn groups(code: &str) -> Vec<String> {
    let letters: Vec<char> = code.chars().collect();
    let sizes: &[usize] = match letters.len() {
        6 => &[3, 3],
        7 => &[3, 4],
        8 => &[4, 4],
        9 => &[3, 3, 3],
        10 => &[3, 3, 4],
        12 => &[4, 4, 4],
        _ => &[],
    };
    if sizes.is_empty() {
        return vec![code.to_owned()];
    }
    let mut rest = letters.as_slice();
    let mut groups = Vec::with_capacity(sizes.len());
    for size in sizes {
        let (group, tail) = rest.split_at_checked(*size).unwrap_or((rest, &[]));
        groups.push(group.iter().collect());
        rest = tail;
    }
    groups
}

#[cfg(test)]
mod tests {
    #[test]
    fn joined_groups_are_the_code_whatever_its_length_or_alphabet() {
        for length in 0..40 {
            let code: String = "aé1😀Z".chars().cycle().take(length).collect();
            assert_eq!(super::groups(&code).concat(), code);
        }
    }
}
