//! The server token: got by client credentials, kept until shortly before it ends, never refreshed but asked for anew.

use super::{ServerToken, XsollaServer};
use crate::error::Result;
use crate::guarded::Guard;
use crate::host::Host;
use crate::http::{Method, encode_pairs};
use crate::services::xsolla::token::bearer;
use crate::services::xsolla::wire;
use crate::services::{self, read_object};
use crate::session::flight::Flight;
use crate::session::policy::margin_ms;

/// What is kept between calls.
#[derive(Default)]
pub(super) struct Kept {
    cached: Option<Cached>,
    /// The request in the air, which all callers wait for.
    flight: Option<Flight>,
}

struct Cached {
    token: ServerToken,
    /// Monotonic.
    renew_at: u64,
}

/// Xsolla's default life of a server token, used when the answer does not tell (xsolla.md §3.1).
const DEFAULT_LIFE_MS: u64 = 3_600_000;

impl<H: Host> XsollaServer<H> {
    pub(super) async fn token(&self) -> Result<ServerToken> {
        loop {
            let flight = {
                let kept = self.kept();
                let now = self.0.host.monotonic();
                if let Some(cached) = kept.cached.as_ref().filter(|cached| now < cached.renew_at) {
                    return Ok(cached.token.clone());
                }
                self.join(kept)
            };
            (&flight).await?;
            // Also one that lives so shortly that it is due again already: it was got for this call.
            if let Some(cached) = &self.kept().cached {
                return Ok(cached.token.clone());
            }
        }
    }

    /// The request in the air, or a new one; it goes on when its first caller gives up. One that has landed and is
    /// still here was ended by a panic.
    fn join(&self, mut kept: Guard<'_, Kept>) -> Flight {
        if let Some(flight) = kept.flight.as_ref().filter(|flight| !flight.has_landed()) {
            return flight.clone();
        }
        let (flight, pilot) = Flight::take_off();
        kept.flight = Some(flight.clone());
        // A host may poll at once what it is given.
        drop(kept);
        let server = self.clone();
        self.0.host.spawn(async move {
            let result = server.fetch().await;
            let result = {
                let mut kept = server.kept();
                kept.flight = None;
                result.map(|cached| kept.cached = Some(cached))
            };
            pilot.land(result);
        });
        flight
    }

    async fn fetch(&self) -> Result<Cached> {
        let now = self.0.host.monotonic();
        let config = &self.0.config;
        let form = encode_pairs(&[
            ("grant_type", "client_credentials"),
            ("client_id", &config.client_id),
            ("client_secret", config.client_secret.expose()),
        ]);
        let mut request = config.request(Method::Post, "/oauth2/token");
        request.body = Some(form.into_bytes());
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let response = services::send(&self.0.host, request).await?;
        if !response.is_success() {
            return Err(wire::error(&response, self.0.host.now()));
        }
        let answer = read_object(&response)?;
        let Some(token) = bearer(&answer) else { return Err(services::not_understood(&response)) };
        let life = services::seconds_to_ms(answer.whole("expires_in")).unwrap_or(DEFAULT_LIFE_MS);
        Ok(Cached {
            token: ServerToken::new(token),
            renew_at: now.saturating_add(life.saturating_sub(margin_ms(life, 128))),
        })
    }

    pub(super) fn drop_token(&self, refused: &ServerToken) {
        self.kept().cached.take_if(|cached| cached.token == *refused);
    }

    fn kept(&self) -> Guard<'_, Kept> {
        self.0.token.lock()
    }
}
