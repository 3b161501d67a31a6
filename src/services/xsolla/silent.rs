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

    pub(super) fn attempt(&self) -> Result<Box<Attempt>> {
        let proof = (self.ticket.as_ref().map(Ticket::text), self.code.as_ref().map(Secret::expose));
        let mut attempt = attempt(&self.platform, self.app_id.as_deref(), proof, self.may_redirect)?;
        attempt.ask("no_user_creation", self.no_user_creation.then_some("true"));
        attempt.ask("deployment_id", self.deployment_id.as_deref());
        Ok(attempt)
    }
}

/// `proof`: the ticket as it goes over the wire, and the code.
pub(crate) fn attempt(
    platform: &str,
    app_id: Option<&str>,
    proof: (Option<&str>, Option<&str>),
    may_redirect: bool,
) -> Result<Box<Attempt>> {
    let is_empty = |text: Option<&str>| text.unwrap_or_default().is_empty();
    if platform.is_empty() || (is_empty(proof.0) && is_empty(proof.1)) {
        return Err(Error::misuse("silent authentication needs a platform, and its ticket or its code"));
    }
    if platform == "steam" && is_empty(app_id) {
        return Err(Error::misuse("Steam needs the `app_id` too; it is the number in the game's store address"));
    }
    let path = crate::text::concat(&["/social/", &percent_encode(platform), "/cross_auth"]);
    let mut attempt = Box::new(Attempt { path, may_redirect, ..Attempt::default() });
    attempt.ask("app_id", app_id);
    attempt.ask("session_ticket", proof.0);
    attempt.ask("code", proof.1);
    attempt.ask("is_redirect", Some(if may_redirect { "true" } else { "false" }));
    Ok(attempt)
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
        self.sign_in(login.attempt(), protocol.into()).await
    }
}
