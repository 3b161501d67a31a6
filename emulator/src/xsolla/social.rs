//! `login_with_token`: signing in with a social network's own access token.

use serde_json::json;

use super::failure::Failure;
use super::sign_in::sign_in;
use super::state::{How, Social, User};
use super::tickets::Shown;
use super::wire::{needed_text, object};
use super::{Answer, Call, Protocol, Xsolla};
use crate::{Context, Response};

const PROVIDERS: [&str; 11] = [
    "xsolla",
    "facebook",
    "google",
    "linkedin",
    "twitter",
    "discord",
    "naver",
    "baidu",
    "battlenet",
    "wechat",
    "qq_mobile",
];

impl Xsolla {
    /// Order: body not a JSON object → `400 0`; project or client, as in every sign-in; provider not in the reference →
    /// `422 002-027`; no `access_token` → `422 002-028`; unknown to the network → `422 010-015`; banned → `401 002-040`. The
    /// JWT form answers `{"token"}` and needs no callback.
    pub(super) fn login_with_token(
        &mut self,
        context: &mut Context<'_>,
        call: &Call<'_>,
        provider: &str,
        protocol: Protocol,
    ) -> Answer {
        let body = object(&call.request.body)?;
        let destination = match protocol {
            Protocol::Jwt => None,
            Protocol::OAuth => Some(self.destination(call, protocol)?),
        };
        let project = match &destination {
            Some(destination) => destination.project.clone(),
            None => self.project_of(call)?.id.clone(),
        };
        let with_logout = destination.is_none() && call.query.with_logout()?;
        if !PROVIDERS.contains(&provider) {
            return Err(Failure::invalid("provider"));
        }
        let token = needed_text(&body, "access_token")?.as_bytes().to_vec();
        let player = self.state.redeem_ticket(context.now, &Shown::by(provider), &[token], false)?;
        let social_id = player.user_id;
        let known = self.state.users.values().find(|user| {
            let is_it = |social: &Social| social.provider == provider && social.social_id == social_id;
            user.project == project && user.social.iter().any(is_it)
        });
        let id = match known {
            Some(user) if user.banned => return Err(Failure::BANNED),
            Some(user) => user.id.clone(),
            None => {
                let social = Social {
                    provider: provider.to_owned(),
                    social_id: social_id.clone(),
                    nickname: player.name.clone(),
                    ..Social::default()
                };
                let (email, nickname) = (player.email, player.name);
                let user = User { project, email, nickname, social: vec![social], ..User::default() };
                self.create_user(context, user)
            }
        };
        let sign_in = sign_in(call, id, How::Social { provider: provider.to_owned(), id: social_id });
        let answer = match destination {
            Some(destination) => {
                json!({ "login_url": self.arrive(context, destination, sign_in)? })
            }
            None => json!({ "token": self.jwt_token(context, &sign_in, with_logout)? }),
        };
        Ok(Response::json(200, &answer))
    }
}
