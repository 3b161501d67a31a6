//! The one table of PlayFab's sign-ins: which calls each has and which fields those take (playfab.md §4). The calls are
//! alike, so a filled-in row is all there is to one: [`Filled`] checks it and writes its body.

use crate::Secret;
use crate::error::{Error, ErrorKind, Result};
use crate::http::digits;
use crate::json::{Json, Object};

/// A way to sign in and its calls, e.g. `LoginWithSteam`, `LinkSteamAccount`, `UnlinkSteamAccount`.
#[derive(Debug)]
pub(crate) struct Provider {
    /// The word for it in JavaScript, and in errors.
    pub(crate) word: &'static str,
    /// The calls it has: [`LOGIN`], [`LINK`], [`UNLINK`], [`REGISTER`].
    pub(crate) calls: u8,
    /// The login is `LoginWith…` this, the registration `Register…` this.
    pub(crate) login: &'static str,
    /// The others are `Link…` and `Unlink…` this.
    pub(crate) link: &'static str,
    pub(crate) fields: &'static [Field],
}

/// A field of a call's body.
#[derive(Debug)]
pub(crate) struct Field {
    /// As PlayFab spells it.
    name: &'static str,
    what: What,
    /// The calls that take it, and the calls that fail without it.
    takes: u8,
    needs: u8,
    /// Characters; 0: no documented limit.
    min: u16,
    max: u16,
    /// The player types it, so that a wrong one is no mistake of the caller's.
    typed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Text,
    Flag,
    Number,
    Object,
}

pub(crate) const LOGIN: u8 = 1;
pub(crate) const LINK: u8 = 2;
pub(crate) const UNLINK: u8 = 4;
pub(crate) const REGISTER: u8 = 8;
const PRESENT: u8 = LOGIN | LINK;
pub(crate) const ALL: u8 = PRESENT | UNLINK;

impl Field {
    const fn new(name: &'static str, what: What, takes: u8) -> Self {
        Self { name, what, takes, needs: 0, min: 0, max: 0, typed: false }
    }

    /// A text that login and link fail without. PlayFab's schema calls some of these optional, because an encrypted
    /// request can stand in for them; this client sends none.
    pub(crate) const fn needed(name: &'static str) -> Self {
        Self::new(name, What::Text, PRESENT).needed_in(PRESENT)
    }

    pub(crate) const fn text(name: &'static str) -> Self {
        Self::new(name, What::Text, PRESENT)
    }

    pub(crate) const fn flag(name: &'static str) -> Self {
        Self::new(name, What::Flag, PRESENT)
    }

    pub(crate) const fn number(name: &'static str) -> Self {
        Self::new(name, What::Number, PRESENT)
    }

    /// Only these calls take it.
    pub(crate) const fn only(mut self, calls: u8) -> Self {
        self.takes = calls;
        self.needs &= calls;
        self
    }

    /// These calls take it as well.
    pub(crate) const fn and(mut self, calls: u8) -> Self {
        self.takes |= calls;
        self
    }

    pub(crate) const fn needed_in(mut self, calls: u8) -> Self {
        self.takes |= calls;
        self.needs |= calls;
        self
    }

    pub(crate) const fn max(mut self, characters: u16) -> Self {
        self.max = characters;
        self
    }

    /// What the player types; 0: no documented limit.
    pub(crate) const fn typed(mut self, min: u16, max: u16) -> Self {
        (self.min, self.max, self.typed) = (min, max, true);
        self
    }
}

/// `NAME = "word" "Login…" "Link…" CALLS [fields];` a line: the rows, and the table of them all.
macro_rules! providers {
    ($(#[$meta:meta])* $table:ident: $(
        $name:ident = $word:literal $login:literal $link:literal $calls:ident [$($field:expr),*];
    )*) => {
        $(
            pub(crate) static $name: $crate::services::playfab::table::Provider =
                $crate::services::playfab::table::Provider {
                    word: $word,
                    calls: $calls,
                    login: $login,
                    link: $link,
                    fields: &[$($field),*],
                };
        )*
        $(#[$meta])*
        pub(crate) static $table: $crate::services::playfab::table::Table = &[$(&$name),*];
    };
}
pub(crate) use providers;

/// The rows of one side, the client's or the server's.
pub(crate) type Table = &'static [&'static Provider];

impl Provider {
    /// Whether the player types it: such accounts are registered, not made by a login.
    pub(crate) fn is_typed(&self) -> bool {
        self.fields.iter().any(|field| field.typed)
    }

    /// The row without values yet.
    pub(crate) fn filled(&'static self) -> Filled {
        Filled { provider: self, values: Vec::new(), insists: false, tags: Vec::new() }
    }
}

/// The row of that word.
pub(crate) fn provider(table: Table, word: &str) -> Result<&'static Provider> {
    table.iter().find(|row| row.word == word).copied().ok_or_else(|| {
        let words: Vec<&str> = table.iter().map(|row| row.word).collect();
        Error::misuse(crate::text::concat(&["`provider` must be one of ", &crate::text::join(&words, ", ")]))
    })
}

/// A row with its values: what a player presents, or what is to be unlinked.
#[derive(Clone, Debug)]
pub(crate) struct Filled {
    pub(crate) provider: &'static Provider,
    values: Vec<(&'static str, Value)>,
    /// `CreateAccount` of a login, `ForceLink` of a link.
    pub(crate) insists: bool,
    tags: Vec<(String, String)>,
}

#[derive(Clone, Debug)]
enum Value {
    Text(Secret),
    Flag(bool),
    /// As written in JSON.
    Number(String),
}

impl Filled {
    pub(crate) fn with(mut self, name: &'static str, text: Secret) -> Self {
        self.values.push((name, Value::Text(text)));
        self
    }

    pub(crate) fn with_flag(mut self, name: &'static str, flag: bool) -> Self {
        self.values.push((name, Value::Flag(flag)));
        self
    }

    pub(crate) fn with_number(mut self, name: &'static str, number: i32) -> Self {
        let sign = if number < 0 { "-" } else { "" };
        self.values.push((name, Value::Number(crate::text::concat(&[sign, &digits(number.unsigned_abs().into())]))));
        self
    }

    /// Whether it has a value that is not empty.
    pub(crate) fn has(&self, name: &str) -> bool {
        let filled = |value: &Value| !matches!(value, Value::Text(text) if text.is_empty());
        self.values.iter().any(|(other, value)| *other == name && filled(value))
    }

    pub(crate) fn tag(&mut self, key: String, value: String) {
        self.tags.push((key, value));
    }

    /// The first value that tells which of several is meant when unlinking.
    pub(crate) fn with_which(self, text: Secret) -> Self {
        let field = self.provider.fields.iter().find(|field| field.takes & UNLINK != 0);
        match field.map(|field| field.name) {
            Some(name) => self.with(name, text),
            None => self,
        }
    }

    /// Reads a caller's object: each field by its JavaScript name, `createAccount` or `forceLink`, `customTags`.
    #[cfg_attr(not(feature = "web"), allow(dead_code))]
    pub(crate) fn from_json(table: Table, json: &Json) -> Result<Self> {
        let mut filled = provider(table, json.get("provider").as_text().unwrap_or_default())?.filled();
        for field in filled.provider.fields {
            let value = match (json.get(&js_name(field.name)), field.what) {
                (Json::Null, _) => continue,
                (Json::Text(text), What::Text) => Value::Text(text.as_str().into()),
                (Json::Flag(flag), What::Flag) => Value::Flag(*flag),
                (Json::Number(number), What::Number)
                    if json.whole(&js_name(field.name)).is_some_and(|number| i32::try_from(number).is_ok()) =>
                {
                    Value::Number(number.clone())
                }
                (_, what) => return Err(wrong_type(&js_name(field.name), what)),
            };
            filled.values.push((field.name, value));
        }
        for name in ["createAccount", "forceLink"] {
            match json.get(name) {
                Json::Null => {}
                Json::Flag(flag) => filled.insists |= flag,
                _ => return Err(wrong_type(name, What::Flag)),
            }
        }
        filled.tags = tags_from_json(json)?;
        Ok(filled)
    }

    /// `LoginWithSteam` and its like.
    ///
    /// # Errors
    /// `misuse` when the provider has no such call.
    pub(crate) fn operation(&self, call: u8) -> Result<String> {
        let Provider { word, calls, login, link, .. } = self.provider;
        let (verb, noun) = match call {
            LOGIN => ("LoginWith", login),
            LINK => ("Link", link),
            REGISTER => ("Register", login),
            _ => ("Unlink", link),
        };
        if calls & call != 0 {
            return Ok(crate::text::concat(&[verb, noun]));
        }
        Err(Error::misuse(crate::text::concat(&[
            "PlayFab has no call that does this with `",
            word,
            "`; use another of its calls",
        ])))
    }

    /// The members of the call's body, checked.
    ///
    /// # Errors
    /// `misuse` (or `credentials` for what the player types) for a value that is missing or over its limit.
    pub(crate) fn body(&self, call: u8) -> Result<Object> {
        let mut body = Object::new();
        for field in self.provider.fields.iter().filter(|field| field.takes & call != 0) {
            match self.values.iter().rev().find(|(name, _)| *name == field.name).map(|(_, value)| value) {
                Some(Value::Flag(flag)) => body.flag(field.name, *flag),
                Some(Value::Number(number)) => body.json(field.name, Json::Number(number.clone())),
                Some(Value::Text(text)) => {
                    check(field, text.expose(), call)?;
                    body.filled(field.name, text.expose())
                }
                None => {
                    check(field, "", call)?;
                    &mut body
                }
            };
        }
        match call {
            LOGIN => body.set("CreateAccount", self.insists && !self.provider.is_typed()),
            LINK => body.set("ForceLink", self.insists),
            // PlayFab wants both unless it is told otherwise.
            REGISTER => body.flag("RequireBothUsernameAndEmail", false),
            _ => &mut body,
        };
        custom_tags(&mut body, &self.tags);
        Ok(body)
    }
}

/// `CustomTags`, which every call takes.
pub(crate) fn custom_tags(body: &mut Object, tags: &[(String, String)]) {
    if tags.is_empty() {
        return;
    }
    let mut object = Object::new();
    for (key, value) in tags {
        object.text(key, value);
    }
    body.json("CustomTags", object.take());
}

/// `customTags` of a caller's object.
#[cfg_attr(not(feature = "web"), allow(dead_code))]
pub(crate) fn tags_from_json(json: &Json) -> Result<Vec<(String, String)>> {
    let members = match json.get("customTags") {
        Json::Null => return Ok(Vec::new()),
        Json::Object(members) => members,
        _ => return Err(wrong_type("customTags", What::Object)),
    };
    let read = |(key, value): &(String, Json)| Some((key.clone(), value.as_text()?.to_owned()));
    members.iter().map(|tag| read(tag).ok_or_else(|| wrong_type("customTags", What::Object))).collect()
}

fn check(field: &Field, text: &str, call: u8) -> Result<()> {
    let missing = text.is_empty() && field.needs & call != 0;
    let length = text.chars().count();
    let outside = length < usize::from(field.min) || (field.max > 0 && length > usize::from(field.max));
    if !missing && (!outside || text.is_empty()) {
        return Ok(());
    }
    let mut sentence =
        crate::text::concat(&["`", field.name, if missing { "` is missing" } else { "` has a wrong length" }]);
    if field.max > 0 {
        let bounds = ["; write ", &digits(field.min.max(1).into()), " to ", &digits(field.max.into()), " characters"];
        sentence.push_str(&crate::text::concat(&bounds));
    }
    sentence.push_str(if field.typed { "; ask the player" } else { "; pass it as it was issued" });
    Err(Error::new(if field.typed { ErrorKind::Credentials } else { ErrorKind::Misuse }, sentence))
}

fn wrong_type(name: &str, wanted: What) -> Error {
    let wanted = match wanted {
        What::Text => "` must be a text",
        What::Flag => "` must be true or false",
        What::Number => "` must be a whole number",
        What::Object => "` must be an object of texts",
    };
    Error::misuse(crate::text::concat(&["`", name, wanted]))
}

/// How JavaScript spells a field: `SteamTicket` as `steamTicket`, `PSNUserId` as `psnUserId`, `OS` as `os`. Game Center's
/// id of the player has one name there, though PlayFab's link calls it otherwise than its login.
fn js_name(name: &str) -> String {
    let name = if name == "GameCenterId" { "PlayerId" } else { name };
    let capitals = name.bytes().take_while(u8::is_ascii_uppercase).count();
    let small = if capitals > 1 && capitals < name.len() { capitals - 1 } else { capitals };
    let lower = |(at, c): (usize, char)| if at < small { c.to_ascii_lowercase() } else { c };
    name.chars().enumerate().map(lower).collect()
}
