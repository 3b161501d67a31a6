//! The two calls a console makes. Both carry the platform's ticket and no user id; neither answer nor log ever holds a
//! ticket or a code.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use playerlink::host::{Host as _, NativeHost};
use playerlink::xsolla::server::{CustomIdLogin, LinkByCode, PlatformAccount, XsollaServer};
use playerlink::{Error, ErrorKind, Secret};
use serde::{Deserialize, Deserializer, Serialize};

use crate::attempts::Attempts;
use crate::companion::Companion;
use crate::log;
use crate::platform::{self, VerifiedPlayer};

struct Game {
    xsolla: XsollaServer<NativeHost>,
    companion: Option<Companion>,
    host: NativeHost,
    attempts: Attempts,
}

pub(crate) fn router(xsolla: XsollaServer<NativeHost>, companion: Option<Companion>, host: NativeHost) -> Router {
    let game = Arc::new(Game { xsolla, companion, host, attempts: Attempts::default() });
    Router::new().route("/sign-in", post(sign_in)).route("/link", post(link)).with_state(game)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SignIn {
    #[serde(deserialize_with = "secret")]
    platform_ticket: Secret,
}

/// Reads a text straight into the type that never prints it.
fn secret<'de, D: Deserializer<'de>>(input: D) -> Result<Secret, D::Error> {
    String::deserialize(input).map(Secret::from)
}

/// Signs the console's player in and hands the platform token to the game.
async fn sign_in(State(game): State<Arc<Game>>, Json(body): Json<SignIn>) -> Result<Response, Refusal> {
    let player = platform::verify(&body.platform_ticket).ok_or_else(Refusal::ticket)?;
    let login = CustomIdLogin::new(player.custom_id()).social_profile(player.platform, player.user_id);
    match game.xsolla.login_with_custom_id(&login).await {
        Ok(answer) => {
            log("sign-in", &player, "ok");
            let body = serde_json::json!({ "token": answer.token.expose() });
            Ok((StatusCode::OK, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response())
        }
        Err(error) => {
            log("sign-in", &player, &error.to_string());
            Err(Refusal::from(&error))
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Link {
    #[serde(deserialize_with = "secret")]
    platform_ticket: Secret,
    #[serde(deserialize_with = "secret")]
    code: Secret,
}

/// Links the player's platform account to the main account that showed the code. 204, or why not.
async fn link(State(game): State<Arc<Game>>, Json(body): Json<Link>) -> Result<StatusCode, Refusal> {
    let player = platform::verify(&body.platform_ticket).ok_or_else(Refusal::ticket)?;
    if let Err(wait_ms) = game.attempts.begin(&player, game.host.monotonic()) {
        log("link", &player, "busy: too many tries");
        return Err(Refusal::too_many_tries(wait_ms));
    }
    let code: String = body.code.expose().chars().filter(|letter| !letter.is_whitespace() && *letter != '-').collect();
    let link = LinkByCode {
        code: Secret::new(code),
        platform: player.platform.to_owned(),
        user_id: player.user_id.to_owned(),
    };
    match game.xsolla.link_by_code(&link).await {
        Ok(()) => {
            game.attempts.forgive(&player);
            log("link", &player, "ok");
            tell_companion(&game, &player).await;
            Ok(StatusCode::NO_CONTENT)
        }
        Err(error) => {
            if error.kind() != ErrorKind::NotFound {
                game.attempts.forgive(&player);
            }
            log("link", &player, &error.to_string());
            Err(Refusal::from(&error))
        }
    }
}

/// Tells the page that showed the code. Xsolla does not say whose code it was, but now it says whose the player is. What
/// fails here is no failure of the link: the page then learns of it when the player looks.
async fn tell_companion(game: &Game, player: &VerifiedPlayer) {
    let Some(companion) = &game.companion else { return };
    let account = PlatformAccount { platform: player.platform.to_owned(), user_id: player.user_id.to_owned() };
    match game.xsolla.linking_info(&[account]).await {
        Ok(infos) => match infos.into_iter().next().and_then(|info| info.user_id) {
            Some(main_account) => companion.report(&game.host, player, &main_account),
            None => log("report", player, "Xsolla knows no such account"),
        },
        Err(error) => log("report", player, &error.to_string()),
    }
}

/// What the console is told: enough to say the right thing to the player, nothing about our set-up.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Refusal {
    #[serde(skip)]
    status: StatusCode,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    player_message: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u64>,
}

impl Refusal {
    fn ticket() -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            kind: ErrorKind::PlatformTicket.as_str(),
            code: None,
            player_message: "Your console's sign-in has expired. Please sign in again.",
            retry_after_ms: None,
        }
    }

    fn too_many_tries(wait_ms: u64) -> Self {
        Self {
            status: StatusCode::TOO_MANY_REQUESTS,
            kind: ErrorKind::Busy.as_str(),
            code: None,
            player_message: "Too many tries. Please wait a few minutes, then get a new code.",
            retry_after_ms: Some(wait_ms),
        }
    }
}

impl From<&Error> for Refusal {
    fn from(error: &Error) -> Self {
        let (status, tell_code) = match error.kind() {
            ErrorKind::NotFound => (StatusCode::NOT_FOUND, true),
            ErrorKind::Conflict => (StatusCode::CONFLICT, true),
            ErrorKind::Restricted => (StatusCode::FORBIDDEN, true),
            ErrorKind::Busy => (StatusCode::TOO_MANY_REQUESTS, false),
            // Ours to fix, not the player's; the log has the details.
            _ => (StatusCode::BAD_GATEWAY, false),
        };
        let message = error.player_message().filter(|_| tell_code);
        Self {
            status,
            kind: error.kind().as_str(),
            code: error.code().filter(|_| tell_code).map(|code| code.as_str().to_owned()),
            player_message: message.unwrap_or("That did not work just now. Please try again in a moment."),
            retry_after_ms: error.retry_after_ms(),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status, [(header::CACHE_CONTROL, "no-store")], Json(&self)).into_response();
        if let Some(wait_ms) = self.retry_after_ms {
            response.headers_mut().insert(header::RETRY_AFTER, wait_ms.div_ceil(1000).into());
        }
        response
    }
}
