//! JSON as a small untyped tree, and writing objects. One parser for everything that comes in (answers, stored records,
//! claims, arguments) instead of a generated one for each shape: in the published wasm the generated ones weighed
//! more than the rest of the crate's logic (`cargo xtask size`).
//!
//! Readers are lenient where the contracts are (null equals absent, unknown fields are ignored, a field of another
//! type reads as absent) and numbers keep their text, so that nothing is lost to floating point.

use crate::Secret;
use crate::http;

/// A JSON value.
#[derive(Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Flag(bool),
    /// As written.
    Number(String),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// Deeper nesting is refused, so that no answer can exhaust the stack.
const MAX_DEPTH: usize = 128;

impl Json {
    /// Reads a whole text; `None` for anything that is not one JSON value in UTF-8.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let mut parser = Parser { rest: crate::text::utf8(bytes)? };
        let value = parser.value(0)?;
        parser.skip_space();
        parser.rest.is_empty().then_some(value)
    }

    /// Reads a whole text that is an object.
    pub(crate) fn parse_object(bytes: &[u8]) -> Option<Self> {
        Self::parse(bytes).filter(|json| matches!(json, Self::Object(_)))
    }

    /// A member; `Null` when there is none. Of several with one name the last counts.
    #[inline(never)]
    pub(crate) fn get(&self, name: &str) -> &Self {
        match self {
            Self::Object(members) => members.iter().rev().find(|(key, _)| key == name).map_or(&Self::Null, |(_, v)| v),
            _ => &Self::Null,
        }
    }

    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// A text.
    #[inline(never)]
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.get(name).as_text().map(str::to_owned)
    }

    /// A text that is not empty.
    #[inline(never)]
    pub(crate) fn filled(&self, name: &str) -> Option<String> {
        self.text(name).filter(|text| !text.is_empty())
    }

    /// A text that may have been written as a number.
    pub(crate) fn loose(&self, name: &str) -> Option<String> {
        match self.get(name) {
            Self::Text(text) | Self::Number(text) => Some(text.clone()),
            _ => None,
        }
    }

    /// A secret that is not empty.
    #[inline(never)]
    pub(crate) fn secret(&self, name: &str) -> Option<Secret> {
        self.filled(name).map(Secret::from)
    }

    #[inline(never)]
    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        match self.get(name) {
            Self::Flag(flag) => Some(*flag),
            _ => None,
        }
    }

    /// A whole number.
    #[inline(never)]
    pub(crate) fn whole(&self, name: &str) -> Option<i64> {
        match self.get(name) {
            Self::Number(text) => match text.strip_prefix('-') {
                Some(digits) => http::whole(digits).and_then(|number| 0_i64.checked_sub_unsigned(number)),
                None => http::whole(text).and_then(|number| i64::try_from(number).ok()),
            },
            _ => None,
        }
    }

    /// A whole number that is not negative.
    pub(crate) fn count(&self, name: &str) -> Option<u64> {
        self.whole(name).and_then(|number| u64::try_from(number).ok())
    }

    /// The texts of a list.
    #[inline(never)]
    pub(crate) fn texts(&self, name: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for item in self.get(name).items() {
            if let Self::Text(text) = item {
                texts.push(text.clone());
            }
        }
        texts
    }

    /// The same object without these members.
    pub(crate) fn without(mut self, names: &[&str]) -> Self {
        if let Self::Object(members) = &mut self {
            members.retain(|(key, _)| !names.contains(&key.as_str()));
        }
        self
    }

    /// These texts under other names; `None` when one that is needed is missing or empty.
    #[inline(never)]
    pub(crate) fn renamed(&self, fields: &[Field]) -> Option<Object> {
        let mut object = Object::new();
        for (name, new_name, need) in fields {
            match self.get(name) {
                Self::Text(text) if *need == Need::Text || !text.is_empty() => {
                    object.text(new_name, text);
                }
                _ if *need == Need::Needed => return None,
                _ => {}
            }
        }
        Some(object)
    }

    /// A list of what is made of `items`. By a loop: collecting is more code in the wasm.
    pub(crate) fn list_of<T>(items: &[T], make: fn(&T) -> Option<Self>) -> Vec<Self> {
        let mut list = Vec::new();
        for item in items {
            if let Some(json) = make(item) {
                list.push(json);
            }
        }
        list
    }

    /// As JSON text.
    #[inline(never)]
    pub(crate) fn to_text(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Flag(flag) => out.push_str(if *flag { "true" } else { "false" }),
            Self::Number(text) => out.push_str(text),
            Self::Text(text) => quote(text, out),
            Self::List(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (at, (name, value)) in members.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    quote(name, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

/// By loops, as `list_of`: the derived one is half as much again.
impl Clone for Json {
    fn clone(&self) -> Self {
        match self {
            Self::Null => Self::Null,
            Self::Flag(flag) => Self::Flag(*flag),
            Self::Number(text) => Self::Number(text.clone()),
            Self::Text(text) => Self::Text(text.clone()),
            Self::List(items) => Self::List(Self::list_of(items, |item| Some(item.clone()))),
            Self::Object(members) => {
                let mut copy = Object::new();
                for (name, value) in members {
                    copy.json(name, value.clone());
                }
                copy.take()
            }
        }
    }
}

/// A text to be carried over under another name: its name, its new one, and whether it must be there.
pub(crate) type Field = (&'static str, &'static str, Need);

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Need {
    /// Without it, or with an empty one, nothing is understood.
    Needed,
    /// Left out when it is empty.
    Filled,
    /// Carried over also when it is empty.
    Text,
}

/// An object to be written, member by member. The members are added through a reference and by functions that are
/// not generic, since each use of this is code in the wasm.
#[derive(Default)]
pub(crate) struct Object(Vec<(String, Json)>);

impl Object {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// A text.
    #[inline(never)]
    pub(crate) fn text(&mut self, name: &str, text: &str) -> &mut Self {
        self.json(name, Json::Text(text.to_owned()))
    }

    /// A text that is left out when there is none.
    #[inline(never)]
    pub(crate) fn maybe_text(&mut self, name: &str, text: Option<&str>) -> &mut Self {
        match text {
            Some(text) => self.text(name, text),
            None => self,
        }
    }

    /// A text that is left out when it is empty.
    pub(crate) fn filled(&mut self, name: &str, text: &str) -> &mut Self {
        self.maybe_text(name, Some(text).filter(|text| !text.is_empty()))
    }

    #[inline(never)]
    pub(crate) fn flag(&mut self, name: &str, flag: bool) -> &mut Self {
        self.json(name, Json::Flag(flag))
    }

    /// A flag that is left out when it is not set.
    #[inline(never)]
    pub(crate) fn set(&mut self, name: &str, flag: bool) -> &mut Self {
        if flag { self.flag(name, true) } else { self }
    }

    #[inline(never)]
    pub(crate) fn number(&mut self, name: &str, number: u64) -> &mut Self {
        self.json(name, Json::Number(crate::http::digits(number)))
    }

    /// A number that is left out when there is none.
    #[inline(never)]
    pub(crate) fn maybe_number(&mut self, name: &str, number: Option<u64>) -> &mut Self {
        match number {
            Some(number) => self.number(name, number),
            None => self,
        }
    }

    /// A list that is left out when it is empty.
    #[cfg_attr(not(any(feature = "web", feature = "server")), allow(dead_code))]
    #[inline(never)]
    pub(crate) fn list(&mut self, name: &str, items: Vec<Json>) -> &mut Self {
        if items.is_empty() { self } else { self.json(name, Json::List(items)) }
    }

    #[inline(never)]
    pub(crate) fn json(&mut self, name: &str, value: Json) -> &mut Self {
        self.0.push((name.to_owned(), value));
        self
    }

    /// The object, which is empty afterwards.
    #[inline(never)]
    pub(crate) fn take(&mut self) -> Json {
        Json::Object(std::mem::take(&mut self.0))
    }

    /// The object as a request's body; it is empty afterwards.
    #[inline(never)]
    pub(crate) fn body(&mut self) -> Vec<u8> {
        self.take().to_text().into_bytes()
    }
}

fn quote(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text;
    while let (plain, Some((special, behind))) = cut_special(rest) {
        out.push_str(plain);
        out.push('\\');
        if special < b' ' {
            out.push_str("u00");
            crate::text::push_hex(out, special, b'a');
        } else {
            out.push(char::from(special));
        }
        rest = behind;
    }
    out.push_str(rest);
    out.push('"');
}

/// What is before the first character that cannot stand in a text as it is, that character, and what is behind it.
#[inline(never)]
fn cut_special(text: &str) -> (&str, Option<(u8, &str)>) {
    for (at, byte) in text.bytes().enumerate() {
        if byte < b' ' || byte == b'"' || byte == b'\\' {
            let behind = text.get(at + 1..).unwrap_or_default();
            return (text.get(..at).unwrap_or_default(), Some((byte, behind)));
        }
    }
    (text, None)
}

struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    /// An ASCII character: of others, which are in texts only, there is nothing to be read one by one.
    fn next(&mut self) -> Option<u8> {
        let first = self.peek()?;
        self.rest = self.rest.get(1..)?;
        Some(first)
    }

    fn peek(&self) -> Option<u8> {
        self.rest.as_bytes().first().copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.next();
        }
    }

    fn expect(&mut self, text: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(text)?;
        Some(())
    }

    fn value(&mut self, depth: usize) -> Option<Json> {
        if depth > MAX_DEPTH {
            return None;
        }
        self.skip_space();
        match self.peek()? {
            b'n' => self.expect("null").map(|()| Json::Null),
            b't' => self.expect("true").map(|()| Json::Flag(true)),
            b'f' => self.expect("false").map(|()| Json::Flag(false)),
            b'"' => self.text().map(Json::Text),
            b'[' => self.series(depth, b']'),
            b'{' => self.series(depth, b'}'),
            _ => self.number(),
        }
    }

    /// A list or an object, by its end.
    fn series(&mut self, depth: usize, end: u8) -> Option<Json> {
        let is_object = end == b'}';
        let (mut items, mut members) = (Vec::new(), Vec::new());
        self.next();
        self.skip_space();
        if self.peek()? == end {
            self.next();
        } else {
            loop {
                self.skip_space();
                if is_object {
                    let name = self.text()?;
                    self.skip_space();
                    self.expect(":")?;
                    members.push((name, self.value(depth + 1)?));
                } else {
                    items.push(self.value(depth + 1)?);
                }
                self.skip_space();
                match self.next()? {
                    b',' => {}
                    other if other == end => break,
                    _ => return None,
                }
            }
        }
        Some(if is_object { Json::Object(members) } else { Json::List(items) })
    }

    fn number(&mut self) -> Option<Json> {
        let start = self.rest;
        if self.peek() == Some(b'-') {
            self.next();
        }
        match self.next()? {
            b'0' => {}
            b'1'..=b'9' => self.digits(),
            _ => return None,
        }
        if self.peek() == Some(b'.') {
            self.next();
            self.some_digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.next();
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.next();
            }
            self.some_digits()?;
        }
        Some(Json::Number(start.get(..start.len() - self.rest.len())?.to_owned()))
    }

    fn digits(&mut self) {
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.next();
        }
    }

    fn some_digits(&mut self) -> Option<()> {
        if !self.peek()?.is_ascii_digit() {
            return None;
        }
        self.digits();
        Some(())
    }

    fn text(&mut self) -> Option<String> {
        self.expect("\"")?;
        let mut text = String::new();
        loop {
            let (plain, special) = cut_special(self.rest);
            text.push_str(plain);
            let (special, behind) = special?;
            self.rest = behind;
            match special {
                b'"' => return Some(text),
                b'\\' => text.push(self.escape()?),
                _ => return None,
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        Some(match self.next()? {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.unit()?;
                if !(0xd800..0xdc00).contains(&first) {
                    return char::from_u32(first);
                }
                self.expect("\\u")?;
                let second = self.unit()?;
                if !(0xdc00..0xe000).contains(&second) {
                    return None;
                }
                char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00))?
            }
            _ => return None,
        })
    }

    fn unit(&mut self) -> Option<u32> {
        let mut unit = 0;
        for _ in 0..4 {
            unit = unit * 16 + char::from(self.next()?).to_digit(16)?;
        }
        Some(unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    /// The same tree as a library's.
    fn same(ours: &Json, theirs: &Value) -> bool {
        match (ours, theirs) {
            (Json::Null, Value::Null) => true,
            (Json::Flag(a), Value::Bool(b)) => a == b,
            (Json::Number(a), Value::Number(b)) => {
                // The library rounds numbers of many digits a little differently than `f64` does.
                let (a, b) = (a.parse::<f64>().unwrap(), b.as_f64().unwrap());
                (a - b).abs() <= a.abs() * 4.0 * f64::EPSILON
            }
            (Json::Text(a), Value::String(b)) => a == b,
            (Json::List(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
            (Json::Object(_), Value::Object(b)) => b.iter().all(|(name, value)| same(ours.get(name), value)),
            _ => false,
        }
    }

    const SAMPLES: [&str; 6] = [
        r#"{"access_token":"a.b.c","expires_in":3600,"restrictions":[{"type":"ban","expiration":null}],"x":{"y":[1,2.5,-3e+7]}}"#,
        r#" [ "\u00e9\ud83d\ude00\n\t\"\\\/\b\f\r" , true , false , null , 0 , -0.5e-10 , {} , [] , "é😀" ] "#,
        r#""just a text""#,
        "123456789012345678901234567890",
        "{\"error\":{\"code\":\"003-061\",\"description\":\"Object not found.\",\"details\":{}}}",
        "[[[[[[1]]]]]]",
    ];

    #[test]
    fn it_reads_what_the_library_reads_and_refuses_what_the_library_refuses() {
        // Every sample, cut at every place, and with every byte replaced by each of these.
        let replacements = b"\"\\{}[],:0-.eEu\x00\x1f\xff nx";
        let mut cases = 0;
        for sample in SAMPLES {
            let bytes = sample.as_bytes();
            for at in 0..=bytes.len() {
                let mut inputs = vec![bytes[..at].to_vec()];
                for replacement in replacements {
                    let mut changed = bytes.to_vec();
                    if let Some(byte) = changed.get_mut(at) {
                        *byte = *replacement;
                    }
                    inputs.push(changed);
                }
                for input in inputs {
                    cases += 1;
                    let theirs: Result<Value, _> = serde_json::from_slice(&input);
                    match (Json::parse(&input), theirs) {
                        (Some(ours), Ok(theirs)) => {
                            assert!(same(&ours, &theirs), "{}", String::from_utf8_lossy(&input))
                        }
                        (None, Err(_)) => {}
                        // The library refuses numbers beyond f64; ours keep their text.
                        (Some(Json::Number(text)), Err(_)) if text.parse::<f64>().is_ok_and(f64::is_infinite) => {}
                        (ours, theirs) => {
                            let huge = String::from_utf8_lossy(&input).contains('e') && ours.is_some();
                            assert!(
                                huge && theirs.is_err_and(|error| error.to_string().contains("out of range")),
                                "{}",
                                String::from_utf8_lossy(&input)
                            );
                        }
                    }
                }
            }
        }
        assert!(cases > 5_000);
    }

    #[test]
    fn what_it_writes_the_library_reads_back_the_same() {
        for sample in SAMPLES {
            let ours = Json::parse(sample.as_bytes()).unwrap();
            let theirs: Value = serde_json::from_str(&ours.to_text()).unwrap();
            assert!(same(&ours, &theirs), "{sample}");
            assert_eq!(Json::parse(ours.to_text().as_bytes()), Some(ours));
        }
        let every: String = (0..0x3000).filter_map(char::from_u32).collect();
        let text = Json::Text(every.clone()).to_text();
        assert_eq!(serde_json::from_str::<String>(&text).unwrap(), every);
    }

    #[test]
    fn depth_is_limited() {
        let deep = |n: usize| [vec![b'['; n], vec![b']'; n]].concat();
        assert!(Json::parse(&deep(128)).is_some());
        assert!(Json::parse(&deep(100_000)).is_none());
    }

    #[test]
    fn fields_of_another_type_read_as_absent_and_null_as_missing() {
        let json = Json::parse(br#"{"a":null,"b":5,"c":"","d":"5","e":1.5,"f":-1,"b2":true}"#).unwrap();
        assert_eq!(json.text("a"), None);
        assert_eq!(json.text("b"), None);
        assert_eq!(json.loose("b").as_deref(), Some("5"));
        assert_eq!(json.filled("c"), None);
        assert_eq!(json.whole("d"), None);
        assert_eq!(json.whole("e"), None);
        assert_eq!(json.count("f"), None);
        assert_eq!(json.whole("b"), Some(5));
        assert_eq!(json.flag("b2"), Some(true));
        assert_eq!(json.text("zzz"), None);
    }
}
