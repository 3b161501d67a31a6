//! Telling the companion site that a link happened. Xsolla tells nobody, and the page that shows the code cannot see it:
//! the main account's own token stays as it was.

use playerlink::Secret;
use playerlink::host::{Host as _, NativeHost};
use playerlink::http::{Method, Request};
use serde_json::json;

use crate::log;
use crate::platform::VerifiedPlayer;

/// Waits before each try, in milliseconds: the site keeps a report once, however often it gets it.
const TRIES_MS: [u64; 4] = [0, 1_000, 4_000, 15_000];
const DEADLINE_MS: u64 = 5_000;

/// The companion site, and what this server proves itself with there.
pub(crate) struct Companion {
    url: String,
    secret: Secret,
}

impl Companion {
    pub(crate) fn new(site: &str, secret: Secret) -> Self {
        Self { url: format!("{}/api/links", site.trim_end_matches('/')), secret }
    }

    /// Reports that the player's platform account is now `main_account`'s. Returns at once: a site that is away must not
    /// keep the player on the console waiting.
    pub(crate) fn report(&self, host: &NativeHost, player: &VerifiedPlayer, main_account: &str) {
        let body =
            json!({ "accountId": main_account, "platform": player.platform, "displayName": player.display_name });
        let mut request = Request::new(Method::Post, &self.url);
        request.headers.push(("content-type", "application/json".into()));
        request.headers.push(("authorization", format!("Bearer {}", self.secret.expose())));
        request.body = Some(body.to_string().into_bytes());
        request.timeout_ms = DEADLINE_MS;
        let (host, player) = (host.clone(), player.clone());
        host.clone().spawn(async move {
            for wait_ms in TRIES_MS {
                host.sleep(wait_ms).await;
                let outcome = match host.send(request.clone()).await {
                    Ok(answer) if answer.is_success() => return log("report", &player, "ok"),
                    Ok(answer) => format!("the companion site answers {}", answer.status),
                    Err(_) => "the companion site cannot be reached".to_owned(),
                };
                log("report", &player, &outcome);
            }
        });
    }
}
