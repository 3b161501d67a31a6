//! The three services behind the C ABI, played by the emulator: sign in, links, cross-progression, linking codes, and a
//! console that links by code at the game's own server.
#![cfg(feature = "ffi")]
#![allow(unsafe_code, reason = "plays a C program")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "test code")]

mod accounts;
mod linking_codes;

use std::ptr::{null, null_mut};
use std::sync::{Arc, Mutex};

use emulator::xsolla::{
    MAIN_PROJECT_ID, PASSWORD, PUBLISHER_PROJECT_ID, SERVER_SECRET, SHADOW_PROJECT_ID, TicketOrder,
};
use emulator::{Delivery, Emulator};
use native_abi::*;

const CALLBACK: &str = "https://companion.example/callback";
const START: u64 = 1_767_225_600_000;

type Services = Arc<Mutex<Emulator>>;

fn services() -> Services {
    Arc::new(Mutex::new(Emulator::new(7)))
}

fn ask(services: &Services, sent: &Sent) -> Reply {
    let (_, rest) = sent.url.split_once("://").unwrap();
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let request = emulator::Request {
        method: sent.method.clone(),
        path: path[path.find('/').unwrap_or(path.len())..].to_owned(),
        query: query.to_owned(),
        headers: sent.headers.clone(),
        body: sent.body.clone(),
    };
    let response = services.lock().unwrap().handle(START, request);
    match response.delivery {
        Delivery::Whole => Reply::Answer(response.status, response.headers, response.body),
        Delivery::Hang => Reply::Hangs,
        Delivery::Close => Reply::Fails(PLAYERLINK_HTTP_NETWORK),
        Delivery::Truncate(_) => Reply::Fails(PLAYERLINK_HTTP_TRUNCATED),
    }
}

/// A game whose services are the emulator, and whose own server is `answers`.
fn play(game: &Game, services: &Services, mut server: impl FnMut(&Sent) -> Option<Reply> + Send + 'static) {
    let services = services.clone();
    game.answers(move |sent| server(sent).unwrap_or_else(|| ask(&services, sent)));
}

fn rallyhere(services: &Services) -> Game {
    let game = Game::rallyhere();
    play(&game, services, |_| None);
    game
}

fn xsolla(services: &Services, project: &'static str, client: &'static str) -> Game {
    let game = Game::with(|options| {
        options.service = PLAYERLINK_SERVICE_XSOLLA;
        options.project_id = text(project);
        options.client_id = text(client);
        options.redirect_uri = text(CALLBACK);
        options.game_server_url = text("https://games.example/v1");
    });
    play(&game, services, |_| None);
    game
}

fn playfab(services: &Services) -> Game {
    let game = Game::with(|options| {
        options.service = PLAYERLINK_SERVICE_PLAYFAB;
        options.title_id = text(emulator::playfab::TITLE_ID);
    });
    play(&game, services, |_| None);
    game
}

/// Starts, settles, and answers how it ended.
fn run(
    game: &mut Game,
    call: impl FnOnce(playerlink_client, playerlink_done_fn, *mut std::ffi::c_void, *mut playerlink_op) -> playerlink_result,
) -> Done {
    let op = game.start(call).unwrap_or_else(|result| panic!("{result:?}: {}", last_error(game.client)));
    game.settle();
    if !game.has_ended(op) {
        game.pass(3_000);
    }
    game.ended(op)
}

fn login(game: &mut Game, credential: &playerlink_credential) -> Done {
    let credential = std::ptr::from_ref(credential);
    run(game, |client, done, data, op| unsafe { playerlink_login(client, credential, done, data, op) })
}

fn steam(token: &str) -> playerlink_credential {
    playerlink_credential { token: text(token), ..credential(PLAYERLINK_CREDENTIAL_STEAM) }
}
