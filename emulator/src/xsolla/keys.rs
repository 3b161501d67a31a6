//! `/projects/{id}/keys`: the public keys of a project, as the vendor writes them: a bare array, `n` and `e` in hexadecimal.

use serde_json::{Value, json};

use super::failure::Failure;
use super::state::Algorithm;
use super::wire::hex;
use super::{Answer, Call, Xsolla};
use crate::{Context, Response};

impl Xsolla {
    /// An unknown project → `404 003-019`; a project that signs with HS256 publishes nothing.
    pub(super) fn published_keys(&mut self, context: &mut Context<'_>, project: &str) -> Answer {
        let project = self.state.project(project).ok_or(Failure::PROJECT_NOT_FOUND)?;
        let keys: Vec<Value> = match project.algorithm {
            Algorithm::RS256 => project.key_ids.iter().map(|kid| published(context, kid)).collect(),
            Algorithm::HS256 => Vec::new(),
        };
        Ok(Response::json(200, &Value::Array(keys)))
    }

    /// Order: server token (`401`, undocumented here); project → `404 003-019`; both test keys already published → `400 0`.
    /// The new key signs from now on; the old one stays published.
    pub(super) fn generate_key(&mut self, context: &mut Context<'_>, call: &Call<'_>, project: &str) -> Answer {
        self.server(context, call.request)?;
        let kid = self.rotate_key(context.keys, project)?;
        Ok(Response::json(200, &published(context, &kid)))
    }
}

fn published(context: &Context<'_>, kid: &str) -> Value {
    let number = |bytes: &[u8]| {
        let digits = hex(bytes);
        digits.trim_start_matches('0').to_owned()
    };
    json!({
        "alg": "RS256",
        "e": number(&context.keys.exponent(kid)),
        "kid": kid,
        "kty": "RSA",
        "n": number(&context.keys.modulus(kid)),
        "use": "sig",
    })
}
