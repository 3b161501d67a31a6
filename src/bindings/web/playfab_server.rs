//! PlayFab's calls for Node game servers.

use super::arguments::Arguments;
use super::{Answer, Started, Target, Work, json, operation, unknown_operation};
use crate::Secret;
use crate::error::Result;
use crate::host::web::WebHost;
use crate::json::{Json, Object};
use crate::playfab::server::{Credential, PlayFabServer, ServerConfig, Unlink};

/// The server side of PlayFab.
pub(super) struct Server(PlayFabServer<WebHost>);

pub(super) fn server(options: &Arguments<'_>, host: WebHost) -> Result<Server> {
    let title_id = options.text("titleId").unwrap_or_default();
    let mut config = ServerConfig::title(title_id, options.secret("secretKey").unwrap_or_default());
    if let Some(url) = options.text("baseUrl") {
        config = config.base_url(&url);
    }
    if let Some(ms) = options.ms("deadlineMs") {
        config = config.timeout_ms(ms);
    }
    Ok(Server(PlayFabServer::new(config, host)?))
}

impl Target for Server {
    fn start(&self, operation: u32, arguments: &Arguments<'_>) -> Started {
        let server = self.0.clone();
        let playfab_id = arguments.text("playFabId").unwrap_or_default();
        Ok(Work::Later(match operation {
            operation::LOGIN => {
                let credential = Credential::from_json(arguments.json())?;
                Box::pin(async move {
                    let login = server.login(&credential).await?;
                    let mut view = Object::new();
                    view.text("sessionTicket", login.session_ticket.expose())
                        .number("sessionTicketExpiresInMs", login.session_ticket_expires_in_ms)
                        .maybe_text("entityToken", login.entity_token.as_ref().map(Secret::expose))
                        .maybe_number("entityTokenExpiresInMs", login.entity_token_expires_in_ms);
                    let details = &login.details;
                    view.text("playFabId", &details.playfab_id)
                        .maybe_text("titlePlayerId", details.title_player_id.as_deref())
                        .flag("newlyCreated", details.newly_created)
                        .maybe_number("lastLoginAt", details.last_login_at);
                    if let Some(info) = details.info.as_deref().and_then(|info| Json::parse(info.as_bytes())) {
                        view.json("info", info);
                    }
                    json(&view.take())
                })
            }
            operation::LINK => {
                let credential = Credential::from_json(arguments.json())?;
                Box::pin(async move { server.link(&playfab_id, &credential).await.map(|()| Answer::Nothing) })
            }
            operation::UNLINK => {
                let unlink = Unlink::from_json(arguments.json())?;
                Box::pin(async move { server.unlink(&playfab_id, &unlink).await.map(|()| Answer::Nothing) })
            }
            operation::AUTHENTICATE_SESSION_TICKET => {
                let ticket = arguments.secret("sessionTicket").unwrap_or_default();
                Box::pin(async move {
                    let checked = server.authenticate_session_ticket(&ticket).await?;
                    let user = Json::parse(checked.user_info.as_bytes()).unwrap_or(Json::Null);
                    let mut view = Object::new();
                    view.text("playFabId", &checked.playfab_id).flag("expired", checked.expired).json("userInfo", user);
                    json(&view.take())
                })
            }
            operation::TITLE_TOKEN => Box::pin(async move {
                let token = server.title_token().await?;
                let mut view = Object::new();
                view.text("token", token.token.expose())
                    .maybe_number("expiresInMs", token.expires_in_ms)
                    .maybe_text("entityId", token.entity_id.as_deref())
                    .maybe_text("entityType", token.entity_type.as_deref());
                json(&view.take())
            }),
            operation::PLAY_FAB_IDS => {
                let ids = arguments.json().texts("nintendoAccountIds");
                Box::pin(async move {
                    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
                    let players = server.playfab_ids_of_nintendo_accounts(&ids).await?;
                    let row = |(id, player): (String, Option<String>)| {
                        let player = player.map_or(Json::Null, Json::Text);
                        Object::new().text("nintendoAccountId", &id).json("playFabId", player).take()
                    };
                    json(&Json::List(players.into_iter().map(row).collect()))
                })
            }
            _ => return Err(unknown_operation()),
        }))
    }
}
