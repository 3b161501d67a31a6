//! The console's line to its game server: two calls over the SDK's own host, so that the game needs no second HTTP stack.

use playerlink::Secret;
use playerlink::host::{Host as _, NativeHost};
use playerlink::http::{Method, Request, Response};
use serde::{Deserialize, Serialize};

pub(crate) struct GameServer {
    host: NativeHost,
    url: String,
    ticket: Secret,
}

/// Why the server said no, in words that may be shown to the player.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Refusal {
    #[serde(skip)]
    pub(crate) status: u16,
    pub(crate) kind: String,
    pub(crate) code: Option<String>,
    pub(crate) player_message: String,
}

impl Default for Refusal {
    fn default() -> Self {
        Self {
            status: 0,
            kind: "network".into(),
            code: None,
            player_message: "The game server cannot be reached. Please try again in a moment.".into(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    platform_ticket: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
}

impl GameServer {
    pub(crate) fn new(host: NativeHost, url: String, ticket: Secret) -> Self {
        Self { host, url, ticket }
    }

    /// The platform token.
    pub(crate) async fn sign_in(&self) -> Result<Secret, Refusal> {
        #[derive(Deserialize)]
        struct Answer {
            token: String,
        }
        let response = self.post("/sign-in", None).await?;
        let answer: Answer = serde_json::from_slice(&response.body).map_err(|_| Refusal::default())?;
        Ok(answer.token.into())
    }

    /// Links this console's player to the main account that showed the code.
    pub(crate) async fn link(&self, code: &Secret) -> Result<(), Refusal> {
        self.post("/link", Some(code)).await.map(|_| ())
    }

    async fn post(&self, path: &str, code: Option<&Secret>) -> Result<Response, Refusal> {
        let body = Body { platform_ticket: self.ticket.expose(), code: code.map(Secret::expose) };
        let mut request = Request::new(Method::Post, format!("{}{path}", self.url));
        request.headers.push(("content-type", "application/json".into()));
        request.body = serde_json::to_vec(&body).ok();
        let response = self.host.send(request).await.map_err(|_| Refusal::default())?;
        if response.is_success() {
            return Ok(response);
        }
        let refusal = serde_json::from_slice(&response.body).unwrap_or_default();
        Err(Refusal { status: response.status, ..refusal })
    }
}
