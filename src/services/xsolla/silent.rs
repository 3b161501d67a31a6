//! Silent authentication, `cross_auth`: a platform's ticket becomes a session without a word from the player
//! (xsolla.md §6.4, §6.5).

use super::arrival::{Attempt, SignIn};
use super::ticket::Ticket;
use super::{Protocol, Xsolla};
use crate::Secret;
use crate::error::{Error, Result};
use crate::host::Host;
use crate::http::percent_encode;

/// What a platform proves of a player. Of one use: never sent twice, whatever became of it.
#[derive(Clone, Debug)]
pub struct SilentLogin {
    platform: String,
    app_id: Option<String>,
    ticket: Option<Ticket>,
    code: Option<Secret>,
    deployment_id: Option<String>,
    no_user_creation: bool,
    may_redirect: bool,
}

impl SilentLogin {
    /// Steam: the app id and the session ticket. Xsolla's demo waits a second after getting the ticket, because Steam
    /// needs that long to know it.
    pub fn steam(app_id: impl Into<String>, ticket: Ticket) -> Self {
        Self { app_id: Some(app_id.into()), ..Self::platform("steam", ticket) }
    }

    /// Xbox: the Xbox user id, the user hash and the XSTS token.
    ///
    /// # Errors
    /// `misuse` when one of them is empty.
    pub fn xbox(xid: &str, user_hash: &str, xsts_token: &Secret) -> Result<Self> {
        Ok(Self::platform("xbox", Ticket::xbox(xid, user_hash, xsts_token)?))
    }

    /// Epic Games: the exchange code.
    pub fn epic(exchange_code: &Secret) -> Self {
        Self::platform("epicgames", Ticket::base64(exchange_code.expose().as_bytes()))
    }

    /// Any platform by its name in Xsolla's address, e.g. `steam`, `xbox`, `epicgames`.
    pub fn platform(name: impl Into<String>, ticket: Ticket) -> Self {
        Self { ticket: Some(ticket), ..Self::empty(name.into()) }
    }

    /// Any platform, by a code it gave instead of a ticket.
    pub fn by_code(name: impl Into<String>, code: impl Into<Secret>) -> Self {
        Self { code: Some(code.into()), ..Self::empty(name.into()) }
    }

    fn empty(platform: String) -> Self {
        Self {
            platform,
            app_id: None,
            ticket: None,
            code: None,
            deployment_id: None,
            no_user_creation: false,
            may_redirect: false,
        }
    }

    /// The app's id on the platform.
    #[must_use]
    pub fn app_id(mut self, id: impl Into<String>) -> Self {
        self.app_id = Some(id.into());
        self
    }

    /// A code from the platform, beside the ticket.
    #[must_use]
    pub fn code(mut self, code: impl Into<Secret>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// Epic's deployment; private ones let entitled players in only.
    #[must_use]
    pub fn deployment_id(mut self, id: impl Into<String>) -> Self {
        self.deployment_id = Some(id.into());
        self
    }

    /// Only players who have an account already (`no_user_creation`); for others the error is `not-found`.
    #[must_use]
    pub fn existing_only(mut self) -> Self {
        self.no_user_creation = true;
        self
    }

    /// Asks for the answer as a redirect (`is_redirect=true`), which is Xsolla's own default, instead of as JSON, which is
    /// ours. The outcome is the same, but for errors: they come without a status. Native programs only, since browsers
    /// hide where a redirect leads to.
    #[cfg(not(target_family = "wasm"))]
    #[must_use]
    pub fn by_redirect(mut self) -> Self {
        self.may_redirect = true;
        self
    }

    pub(crate) fn attempt(self) -> Result<Attempt> {
        let is_set = |text: Option<&str>| text.is_some_and(|text| !text.is_empty());
        let proven = is_set(self.ticket.as_ref().map(Ticket::text)) || is_set(self.code.as_ref().map(Secret::expose));
        if self.platform.is_empty() || !proven {
            return Err(Error::misuse("silent authentication needs a platform, and its ticket or its code"));
        }
        if self.platform == "steam" && !is_set(self.app_id.as_deref()) {
            return Err(Error::misuse("Steam needs the `app_id` too; it is the number in the game's store address"));
        }
        let mut query = Vec::new();
        query.extend(self.app_id.map(|id| ("app_id", id)));
        query.extend(self.ticket.map(|ticket| ("session_ticket", ticket.text().to_owned())));
        query.extend(self.code.map(|code| ("code", code.expose().to_owned())));
        query.push(("is_redirect", self.may_redirect.to_string()));
        if self.no_user_creation {
            query.push(("no_user_creation", "true".to_owned()));
        }
        query.extend(self.deployment_id.map(|id| ("deployment_id", id)));
        let path = ["/social/", &percent_encode(&self.platform), "/cross_auth"].concat();
        Ok(Attempt { path, query, may_redirect: self.may_redirect, ..Attempt::default() })
    }
}

impl<H: Host> Xsolla<H> {
    /// Signs a platform's player in, and stores the session. For cross-platform accounts the client's project is the
    /// shadow project; once linked, the session is the main account's.
    ///
    /// ```no_run
    /// # async fn example(host: playerlink::host::SimHost, steam_ticket: &[u8]) -> playerlink::Result<()> {
    /// use playerlink::xsolla::{Config, Oauth, SignIn, SilentLogin, Ticket, Xsolla};
    ///
    /// let config = Config::project("0b2d3c4e-5f60-4718-92a3-b4c5d6e7f809").oauth("60", "https://game.example/callback");
    /// let xsolla = Xsolla::new(config, host)?;
    /// match xsolla.silent_login(SilentLogin::steam("480", Ticket::base64(steam_ticket)), Oauth::new()).await? {
    ///     SignIn::SignedIn(session) => println!("playing as {}", session.player().player_id),
    ///     SignIn::NeedsUserData(needs) => println!("open {}", needs.url.expose()),
    ///     _ => {}
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `platform-ticket` (get a new ticket: this one is spent), `not-found` (no such player, and none is to be made),
    /// `restricted`, `configuration` (the platform is not connected, the callback is not registered), `busy`. A failed
    /// call is not tried again by itself, and a network error or a timeout may have spent the ticket as well.
    pub async fn silent_login(&self, login: SilentLogin, protocol: impl Into<Protocol>) -> Result<SignIn<H>> {
        self.attempt(login.attempt()?, protocol.into()).await
    }
}
