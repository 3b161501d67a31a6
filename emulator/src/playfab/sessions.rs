//! Session tickets and entity tokens: how they come, live and go (playfab.md §3).

use serde_json::{Value, json};

use super::codes::Code;
use super::failure::Failure;
use super::fields::Body;
use super::platforms::Platform;
use super::state::{Entity, EntityToken, SessionTicket};
use super::{Answer, Caller, PlayFab};
use crate::{Context, Request, date};

pub(super) const TICKET_HEADER: &str = "x-authorization";
pub(super) const SECRET_HEADER: &str = "x-secretkey";
pub(super) const ENTITY_HEADER: &str = "x-entitytoken";

const TITLE: &str = "title";
const TITLE_PLAYER: &str = "title_player_account";
const MASTER_PLAYER: &str = "master_player_account";
/// Case matters.
const ENTITY_TYPES: [&str; 7] = ["namespace", TITLE, MASTER_PLAYER, TITLE_PLAYER, "character", "group", "game_server"];

impl PlayFab {
    /// The caller of `X-SecretKey`: missing → `NotAuthenticated`, unknown → `SecretKeyNotFound`.
    pub(super) fn server(&self, request: &Request) -> Result<Caller, Failure> {
        let key = sent(request, SECRET_HEADER).ok_or(Code::NotAuthenticated)?;
        let known = self.state.title.secret_keys.iter().any(|secret| secret == key);
        if known { Ok(Caller::Title) } else { Err(Code::SecretKeyNotFound.into()) }
    }

    /// The caller of `X-Authorization`: missing, unknown or expired → `NotAuthenticated`; deleted, banned → their codes.
    pub(super) fn player(&self, now: u64, request: &Request) -> Result<Caller, Failure> {
        let ticket = sent(request, TICKET_HEADER).ok_or(Code::NotAuthenticated)?;
        let unknown = if self.state.knobs.unknown_ticket_is_invalid {
            Code::InvalidSessionTicket
        } else {
            Code::NotAuthenticated
        };
        let ticket = self.state.tickets.get(ticket).ok_or(unknown)?;
        if ticket.expires <= now {
            return Err(Code::NotAuthenticated.into());
        }
        self.welcome(&ticket.playfab_id)?;
        Ok(Caller::Player(ticket.playfab_id.clone()))
    }

    /// The entity of `X-EntityToken`.
    pub(super) fn entity(&self, now: u64, request: &Request) -> Result<Caller, Failure> {
        let token = sent(request, ENTITY_HEADER).ok_or(Code::EntityTokenMissing)?;
        let known = self.judge_entity_token(now, token)?;
        if let Some(playfab_id) = &known.playfab_id {
            self.welcome(playfab_id)?;
        }
        Ok(Caller::Entity(Box::new(known.clone())))
    }

    /// Unknown, expired or revoked → the code of each.
    fn judge_entity_token(&self, now: u64, token: &str) -> Result<&EntityToken, Failure> {
        let known = self.state.entity_tokens.get(token).ok_or(Code::EntityTokenInvalid)?;
        match (known.revoked, known.expires <= now) {
            (true, _) => Err(Code::EntityTokenRevoked.into()),
            (_, true) => Err(Code::EntityTokenExpired.into()),
            _ => Ok(known),
        }
    }

    /// Who asks `GetEntityToken`: exactly one of the three headers, else `InvalidRequest`.
    pub(super) fn any_caller(&self, now: u64, request: &Request) -> Result<Caller, Failure> {
        let headers = [TICKET_HEADER, SECRET_HEADER, ENTITY_HEADER].map(|header| sent(request, header).is_some());
        match headers {
            [false, false, false] => Err(Code::NotAuthenticated.into()),
            [true, false, false] => self.player(now, request),
            [false, true, false] => self.server(request),
            [false, false, true] => self.entity(now, request),
            _ => Err(Code::InvalidRequest.into()),
        }
    }

    /// A new token for the caller, or for the relation of the caller that `Entity` names; with an entity token the login
    /// counts as fresh.
    pub(super) fn get_entity_token(&mut self, context: &mut Context<'_>, caller: &Caller, body: &Body) -> Answer {
        let (playfab_id, via, own) = match caller {
            Caller::Entity(token) => (token.playfab_id.clone(), token.via.clone(), token.entity.clone()),
            Caller::Player(playfab_id) => {
                (Some(playfab_id.clone()), self.last_sign_in(playfab_id), self.title_player(playfab_id))
            }
            _ => (None, None, self.title_entity()),
        };
        if let (Caller::Entity(_), Some(id)) = (caller, &playfab_id)
            && let Some(player) = self.state.players.get_mut(id)
        {
            player.last_login = Some(context.now);
        }
        let entity = match body.object("Entity") {
            Some(wanted) => {
                let member = |name: &str| wanted.get(name).and_then(Value::as_str);
                let kind = member("Type").or_else(|| member("TypeString")).unwrap_or(own.kind);
                let kind = ENTITY_TYPES.into_iter().find(|known| *known == kind).ok_or(Code::InvalidEntityType)?;
                let relations = match &playfab_id {
                    Some(id) => vec![self.title_player(id), Entity { id: id.clone(), kind: MASTER_PLAYER }],
                    None => vec![own],
                };
                let id = member("Id").unwrap_or_default();
                let related = relations.into_iter().find(|entity| entity.kind == kind && entity.id == id);
                related.ok_or(Code::NotAuthorized)?
            }
            None => own,
        };
        Ok(self.issue_entity_token(context, entity, playfab_id, via))
    }

    /// What the title learns about a token of one of its players. Only the title may ask.
    pub(super) fn validate_entity_token(&self, now: u64, caller: &Caller, body: &Body) -> Answer {
        if !matches!(caller, Caller::Entity(token) if token.entity.kind == TITLE) {
            return Err(Code::InvalidEntityType.into());
        }
        let token = self.judge_entity_token(now, body.needed("EntityToken"))?;
        let mut result = json!({ "Entity": key(&token.entity), "IdentifiedDeviceType": "Unknown" });
        if let Some(result) = result.as_object_mut() {
            let mut lineage = json!({ "NamespaceId": self.namespace(), "TitleId": self.state.title.id });
            if let (Some(playfab_id), Some(lineage)) = (&token.playfab_id, lineage.as_object_mut()) {
                lineage.insert("MasterPlayerAccountId".into(), json!(playfab_id));
                lineage.insert("TitlePlayerAccountId".into(), json!(self.title_player(playfab_id).id));
            }
            result.insert("Lineage".into(), lineage);
            if let Some((platform, id)) = &token.via {
                result.insert("IdentityProvider".into(), json!(platform.identity_provider()));
                result.insert("IdentityProviderIssuedId".into(), json!(id));
            }
        }
        Ok(result)
    }

    /// Whose ticket it is. An expired ticket is told, an unknown one is `InvalidSessionTicket`.
    pub(super) fn authenticate_session_ticket(&self, now: u64, body: &Body) -> Answer {
        let ticket = self.state.tickets.get(body.needed("SessionTicket")).ok_or(Code::InvalidSessionTicket)?;
        Ok(json!({
            "UserInfo": self.account_info(&ticket.playfab_id),
            "IsSessionTicketExpired": ticket.expires <= now,
        }))
    }

    pub(super) fn issue_ticket(
        &mut self,
        context: &mut Context<'_>,
        playfab_id: &str,
        via: Option<(Platform, String)>,
    ) -> String {
        let mut part = || format!("{:016X}", context.random.next_u64());
        let value = format!("{playfab_id}---{}-{}.{}", self.state.title.id, part(), part());
        let expires = context.now.saturating_add(self.state.knobs.ticket_ttl_s.saturating_mul(1000));
        let ticket = SessionTicket { playfab_id: playfab_id.to_owned(), via, expires };
        self.state.tickets.insert(value.clone(), ticket);
        value
    }

    /// The token a login brings along.
    pub(super) fn issue_player_token(
        &mut self,
        context: &mut Context<'_>,
        playfab_id: &str,
        via: Option<(Platform, String)>,
    ) -> Value {
        let entity = self.title_player(playfab_id);
        self.issue_entity_token(context, entity, Some(playfab_id.to_owned()), via)
    }

    /// `EntityTokenResponse`.
    fn issue_entity_token(
        &mut self,
        context: &mut Context<'_>,
        entity: Entity,
        playfab_id: Option<String>,
        via: Option<(Platform, String)>,
    ) -> Value {
        let value = context.random.token();
        let expires = context.now.saturating_add(self.state.knobs.entity_token_ttl_s.saturating_mul(1000));
        let body = json!({ "EntityToken": value, "TokenExpiration": date::format(expires), "Entity": key(&entity) });
        let token = EntityToken { entity, playfab_id, via, expires, revoked: false };
        self.state.entity_tokens.insert(value, token);
        body
    }

    /// The player's entity in this title.
    pub(super) fn title_player(&self, playfab_id: &str) -> Entity {
        let player = self.state.players.get(playfab_id);
        Entity { id: player.map(|player| player.title_player_id.clone()).unwrap_or_default(), kind: TITLE_PLAYER }
    }

    fn title_entity(&self) -> Entity {
        Entity { id: self.state.title.id.clone(), kind: TITLE }
    }

    /// The publisher's namespace; one title has one.
    fn namespace(&self) -> String {
        format!("{}-namespace", self.state.title.id)
    }

    /// How the player signed in, by the ticket that lives longest.
    fn last_sign_in(&self, playfab_id: &str) -> Option<(Platform, String)> {
        let tickets = self.state.tickets.values().filter(|ticket| ticket.playfab_id == playfab_id);
        tickets.max_by_key(|ticket| ticket.expires).and_then(|ticket| ticket.via.clone())
    }
}

/// A header that is there and not empty.
fn sent<'r>(request: &'r Request, name: &str) -> Option<&'r str> {
    request.header(name).filter(|value| !value.is_empty())
}

/// An entity key, with the type under both of its names, as the specification's samples have it.
pub(super) fn key(entity: &Entity) -> Value {
    json!({ "Id": entity.id, "Type": entity.kind, "TypeString": entity.kind })
}
