//! What the tests of platform sign-ins share: the client of the shadow project, platform tickets, query fields.

use emulator::xsolla::{SHADOW_PROJECT_ID, Ticket, TicketOrder};
use playerlink::host::{Host, SimHost};
use playerlink::xsolla::{self, Oauth, SignIn, SilentLogin, Xsolla, XsollaSession};

use crate::support::world::{Sent, World};

pub(crate) const CALLBACK: &str = "https://companion.example/callback";
pub(crate) const STEAM_ID: &str = "76561198000000001";

/// The client a game uses: the shadow project and its public OAuth client.
pub(crate) fn shadow(world: &World) -> Xsolla<SimHost> {
    let config = xsolla::Config::project(SHADOW_PROJECT_ID).oauth("60", CALLBACK);
    Xsolla::new(config, world.host.clone()).unwrap()
}

pub(crate) fn minted(world: &World, order: TicketOrder) -> Ticket {
    world.emulator().with_xsolla(world.now(), |xsolla, context| xsolla.mint_ticket(context, order))
}

pub(crate) fn steam_ticket(world: &World) -> Ticket {
    minted(world, TicketOrder { app_id: Some("480".into()), ..TicketOrder::new("steam", STEAM_ID) })
}

/// A sign-in of that Steam player with a fresh ticket.
pub(crate) fn steam(world: &World) -> SilentLogin {
    SilentLogin::steam("480", xsolla::Ticket::base64(steam_ticket(world).bytes()))
}

pub(crate) fn signed_in(world: &World, login: SilentLogin) -> XsollaSession<SimHost> {
    session_of(world.run(shadow(world).silent_login(login, Oauth::new())).expect("the sign-in works"))
}

pub(crate) fn session_of<H: Host>(came: SignIn<H>) -> XsollaSession<H> {
    came.session().expect("signed in at once")
}

/// A field of the request's query.
pub(crate) fn asked(sent: &Sent, name: &str) -> Option<String> {
    emulator::http::form_decode(&sent.query).into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
}
