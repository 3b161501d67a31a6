//! The hand-off from Xsolla Launcher, which starts a game with the player's token among its arguments.

use super::{UserToken, Xsolla, XsollaSession};
use crate::error::Result;
use crate::host::Host;

/// The argument whose successor is the user token. Launchers can be configured to another name.
pub const LAUNCHER_ARGUMENT: &str = "xsolla-login-token";

impl<H: Host> Xsolla<H> {
    /// The session of the player who started the game from Xsolla Launcher; `None` when no token was handed over. As one
    /// [`from a token`](Self::session_from_token) it is not stored and cannot be refreshed.
    ///
    /// `arguments` are those of the program; `name` is [`LAUNCHER_ARGUMENT`] unless your launcher uses another. The token
    /// is what follows the first argument that contains the name, or what follows `=` in it.
    ///
    /// ```no_run
    /// # async fn example(xsolla: playerlink::xsolla::Xsolla<playerlink::host::SimHost>) -> playerlink::Result<()> {
    /// use playerlink::xsolla::LAUNCHER_ARGUMENT;
    ///
    /// let session = xsolla.session_from_launcher(std::env::args(), LAUNCHER_ARGUMENT).await?;
    /// # let _ = session; Ok(()) }
    /// ```
    ///
    /// # Errors
    /// `misuse` when what was handed over is no user token, `session-over` when it has expired.
    pub async fn session_from_launcher(
        &self,
        arguments: impl IntoIterator<Item = String>,
        name: &str,
    ) -> Result<Option<XsollaSession<H>>> {
        match handed_over(arguments, name) {
            Some(token) => Ok(Some(self.session_from_token(token).await?)),
            None => Ok(None),
        }
    }
}

pub(crate) fn handed_over(arguments: impl IntoIterator<Item = String>, name: &str) -> Option<UserToken> {
    if name.is_empty() {
        return None;
    }
    let holds = |text: &str| crate::text::place_of(text, name).is_some();
    let mut arguments = arguments.into_iter();
    let found = arguments.find(|argument| holds(argument))?;
    let token = match crate::http::cut(&found, "=") {
        (option, Some(token)) if holds(option) => Some(token.to_owned()),
        _ => arguments.next().filter(|next| !next.starts_with('-')),
    };
    token.filter(|token| !token.is_empty()).map(UserToken::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: &str) -> Option<String> {
        let arguments = line.split(' ').map(str::to_owned);
        handed_over(arguments, LAUNCHER_ARGUMENT).map(|token| token.expose().to_owned())
    }

    #[test]
    fn the_token_follows_the_launchers_argument() {
        for line in
            ["game.exe --xsolla-login-token a.b.c", "game -x -xsolla-login-token a.b.c -y", "xsolla-login-token=a.b.c"]
        {
            assert_eq!(found(line).as_deref(), Some("a.b.c"), "{line}");
        }
    }

    #[test]
    fn nothing_handed_over_is_no_token() {
        for line in
            ["game.exe", "game --xsolla-login-token", "game --xsolla-login-token --fullscreen", "game --token a.b.c"]
        {
            assert_eq!(found(line), None, "{line}");
        }
        assert!(handed_over(["a".to_owned(), "b".to_owned()], "").is_none());
    }
}
