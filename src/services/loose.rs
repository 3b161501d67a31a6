//! Values that services write in more than one JSON type.

use serde::de::{self, Deserialize, Deserializer, Visitor};

/// A text that may arrive as a number: error codes, linking codes, path steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LooseText(String);

impl LooseText {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn into_string(self) -> String {
        self.0
    }
}

impl<'de> Deserialize<'de> for LooseText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = LooseText;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a text or a whole number")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<LooseText, E> {
                Ok(LooseText(text.to_owned()))
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<LooseText, E> {
                Ok(LooseText(number.to_string()))
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<LooseText, E> {
                Ok(LooseText(number.to_string()))
            }
        }
        deserializer.deserialize_any(Text)
    }
}
