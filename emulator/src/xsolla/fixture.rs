//! The service a developer finds at start: two projects, four OAuth clients, three users. The ids never change.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::state::{Client, ClientKind, Project, ProjectKind, State, User};
use super::wire::hex;
use crate::Random;
use crate::jwt::{KID_A, KID_B};

/// The standard project.
pub const MAIN_PROJECT_ID: &str = "f6c5011a-715e-4e5e-b7b1-a4812d85b8c8";
/// The shadow project of [`MAIN_PROJECT_ID`], bound to [`PUBLISHER_PROJECT_ID`].
pub const SHADOW_PROJECT_ID: &str = "0b2d3c4e-5f60-4718-92a3-b4c5d6e7f809";
/// The Publisher Account project of [`SHADOW_PROJECT_ID`].
pub const PUBLISHER_PROJECT_ID: u64 = 44056;
/// The main account `nova`.
pub const USER_ID: &str = "7f3c1a52-8d4e-4b6f-9a01-23456789abcd";
/// The main account `banned`.
pub const BANNED_USER_ID: &str = "7f3c1a52-8d4e-4b6f-9a01-23456789abce";
/// The main account `unconfirmed`.
pub const UNCONFIRMED_USER_ID: &str = "7f3c1a52-8d4e-4b6f-9a01-23456789abcf";
/// The password of all three.
pub const PASSWORD: &str = "correct-horse";
/// The secret of server client 59.
pub const SERVER_SECRET: &str = "server-client-secret";

const CONFIDENTIAL_SECRET: &str = "confidential-client-secret";
const COMPANION: &str = "https://companion.example";
const CALLBACK: &str = "https://companion.example/callback";

pub(super) fn state(random: &mut Random) -> State {
    let mut state = State::default();
    for project in [standard(), shadow()] {
        let project = Project { hs_secret: Some(hex(&random.bytes::<32>())), ..project };
        state.projects.insert(project.id.clone(), project);
    }
    for client in clients() {
        state.clients.insert(client.id, client);
    }
    for user in users() {
        state.users.insert(user.id.clone(), user);
    }
    state
}

fn standard() -> Project {
    Project {
        id: MAIN_PROJECT_ID.into(),
        kind: ProjectKind::Standard,
        callback_urls: callbacks(),
        allowed_origins: vec![COMPANION.into(), "http://localhost".into(), "http://127.0.0.1".into()],
        key_ids: vec![KID_A.into()],
        user_token_ttl_s: 86400,
        ..Project::default()
    }
}

fn shadow() -> Project {
    let platforms = [("steam", "480"), ("xbox", ""), ("epicgames", "")];
    Project {
        id: SHADOW_PROJECT_ID.into(),
        kind: ProjectKind::Shadow,
        publisher_project_id: Some(PUBLISHER_PROJECT_ID),
        main_project_id: Some(MAIN_PROJECT_ID.into()),
        callback_urls: vec![CALLBACK.into()],
        key_ids: vec![KID_B.into()],
        user_token_ttl_s: 86400,
        platforms: platforms
            .map(|(name, app)| (name.to_owned(), app.to_owned()))
            .into_iter()
            .collect::<BTreeMap<_, _>>(),
        ..Project::default()
    }
}

fn clients() -> [Client; 4] {
    let client = |id, kind, secret: Option<&str>, project: &str| Client {
        id,
        kind,
        secret: secret.map(str::to_owned),
        redirect_uris: if kind == ClientKind::Server { Vec::new() } else { callbacks() },
        project: project.into(),
        access_ttl_s: Client::default_access_ttl_s(),
        refresh_ttl_s: Client::default_refresh_ttl_s(),
        offline: true,
    };
    [
        client(57, ClientKind::Public, None, MAIN_PROJECT_ID),
        client(58, ClientKind::Confidential, Some(CONFIDENTIAL_SECRET), MAIN_PROJECT_ID),
        client(59, ClientKind::Server, Some(SERVER_SECRET), MAIN_PROJECT_ID),
        client(60, ClientKind::Public, None, SHADOW_PROJECT_ID),
    ]
}

/// A loopback URL without port and path stands for every port and path.
fn callbacks() -> Vec<String> {
    vec![CALLBACK.into(), super::redirect::BLANK.into(), "http://127.0.0.1".into(), "http://localhost".into()]
}

fn users() -> [User; 3] {
    let user = |id: &str, name: &str, nickname: &str| User {
        id: id.into(),
        project: MAIN_PROJECT_ID.into(),
        username: Some(name.into()),
        password: Some(PASSWORD.into()),
        email: Some(format!("{name}@example.com")),
        nickname: Some(nickname.into()),
        registered: 1_700_000_000_000,
        ..User::default()
    };
    [
        user(USER_ID, "nova", "Nova"),
        User { banned: true, ..user(BANNED_USER_ID, "banned", "Banned") },
        User { confirmed: false, ..user(UNCONFIRMED_USER_ID, "unconfirmed", "Unconfirmed") },
    ]
}

/// What a developer needs to connect, as it is now.
pub(super) fn scenario(state: &State) -> Value {
    let projects: Vec<Value> = state.projects.values().filter(|project| !project.removed).map(project_row).collect();
    let clients: Vec<Value> = state
        .clients
        .values()
        .map(|client| {
            json!({
                "client_id": client.id, "kind": client.kind, "client_secret": client.secret,
                "project_id": client.project, "redirect_uris": client.redirect_uris,
            })
        })
        .collect();
    let users: Vec<Value> = state
        .users
        .values()
        .filter(|user| user.username.is_some())
        .map(|user| {
            json!({
                "id": user.id, "project_id": user.project, "username": user.username, "password": user.password,
                "email": user.email, "nickname": user.nickname, "banned": user.banned, "confirmed": user.confirmed,
            })
        })
        .collect();
    json!({
        "base_path": "/api",
        "main_project_id": MAIN_PROJECT_ID,
        "shadow_project_id": SHADOW_PROJECT_ID,
        "publisher_project_id": PUBLISHER_PROJECT_ID,
        "public_client_id": 57,
        "confidential_client_id": 58,
        "server_client_id": 59,
        "server_client_secret": SERVER_SECRET,
        "shadow_public_client_id": 60,
        "steam_app_id": "480",
        "projects": projects,
        "clients": clients,
        "users": users,
    })
}

fn project_row(project: &Project) -> Value {
    json!({
        "project_id": project.id, "kind": project.kind, "publisher_project_id": project.publisher_project_id,
        "main_project_id": project.main_project_id, "callback_urls": project.callback_urls,
        "platforms": project.platforms, "algorithm": project.algorithm,
    })
}
