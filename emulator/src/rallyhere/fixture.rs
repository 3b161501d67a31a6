//! The default world: the persons of rallyhere.md §6.7, two clients, a name-and-password account, a banned player.
//! A platform user's test credential is `emu.<platform user id>`.

use std::collections::{BTreeMap, BTreeSet};

use super::platforms::{Grant, Platform, Portal, Profile};
use super::state::{Agreements, Client, Environment, Gate, GrantConfig, Restriction, Role, Rotation, State};
use crate::Random;
use crate::jwt::KID_A;

/// How long after the emulator's first request the banned player stays banned.
pub(crate) const BAN_MS: u64 = 7 * 24 * 3600 * 1000;

/// The banned Steam user.
pub(crate) const BANNED: &str = "banned1";

/// The default world.
pub(crate) fn state(random: &mut Random) -> State {
    let mut state = State {
        environment: environment(random),
        clients: vec![
            client(random, "game", "game-secret", &[]),
            client(random, "server", "server-secret", &["user:*"]),
        ],
        grants: Grant::all().map(|grant| (grant, GrantConfig::default())).collect::<BTreeMap<_, _>>(),
        portals: Portal::all().map(|portal| (portal, GrantConfig::default())).collect::<BTreeMap<_, _>>(),
        roles: vec![Role {
            role_id: "admin".into(),
            legacy_role_id: 1,
            permissions: vec!["user:*".into()],
            ..Role::default()
        }],
        persons: Vec::new(),
        players: Vec::new(),
        users: Vec::new(),
        basic_accounts: BTreeMap::from([("nova".to_owned(), "correct horse".to_owned())]),
        refresh_tokens: Vec::new(),
        oauth_states: Vec::new(),
        auth_codes: Vec::new(),
        used_tickets: BTreeSet::new(),
        ambiguous: Vec::new(),
        events: Vec::new(),
        signing_kid: KID_A,
        retired_kids: BTreeSet::new(),
        token_store_fails: false,
        state_store_fails: false,
        next_player_id: 1001,
    };
    person(&mut state, random, &[(Platform::STEAM, "s1", "Sol")]);
    person(&mut state, random, &[(Platform::XBOX_LIVE, "x1", "Xenia")]);
    person(&mut state, random, &[(Platform::STEAM, "s3", "Sirius"), (Platform::PSN, "p3", "Polaris")]);
    person(&mut state, random, &[(Platform::EPIC, "e4", "Electra")]);
    person(&mut state, random, &[(Platform::GOOGLE, "g5", "Gemma")]);
    person(&mut state, random, &[(Platform::APPLE, "a6", "Altair")]);
    person(&mut state, random, &[(Platform::STEAM, BANNED, "Umbra")]);
    activate(&mut state, Platform::PSN, "p3");
    activate(&mut state, Platform::EPIC, "e4");
    ban(&mut state, Platform::GOOGLE, "g5", "other");
    ban(&mut state, Platform::STEAM, BANNED, "cheating_observed");
    state.events.clear();
    state
}

fn environment(random: &mut Random) -> Environment {
    Environment {
        id: "demo".into(),
        profile: Profile::Current,
        gate: Gate::Open,
        publisher_uuid: random.uuid(),
        tenant_uuid: random.uuid(),
        config_elector_uuid: random.uuid(),
        agreements: Agreements::default(),
        access_ttl_s: 3600,
        refresh_ttl_s: 30 * 24 * 3600,
        rotation: Rotation::Reusable,
        emit_nulls: false,
        lenient_client_auth: false,
        single_use_tickets: false,
        redirects: vec!["http://localhost:3000/callback".into(), "http://127.0.0.1:3000/callback".into()],
        strict_redirects: false,
        oauth_creates_users: false,
    }
}

/// A client with a public id and a secret.
pub(crate) fn client(random: &mut Random, id: &str, secret: &str, permissions: &[&str]) -> Client {
    Client {
        client_id: id.into(),
        secret: secret.into(),
        client_uuid: random.uuid(),
        permissions: permissions.iter().map(|one| (*one).to_owned()).collect(),
        allow_user_auth: true,
        allow_client_auth: true,
    }
}

fn person(state: &mut State, random: &mut Random, users: &[(Platform, &str, &str)]) {
    let mut person_id = None;
    for (platform, id, name) in users {
        let user = state.create_user(0, random, *platform, id, Some((*name).to_owned()));
        let own = person_id.get_or_insert_with(|| user.person_id.clone()).clone();
        if let Some(user) = state.user_mut(*platform, id) {
            user.person_id = own;
        }
        state.drop_person_if_empty(&user.person_id);
    }
}

fn activate(state: &mut State, platform: Platform, id: &str) {
    let Some(user) = state.user(platform, id).cloned() else { return };
    if let Some(person) = state.person_mut(&user.person_id) {
        person.active_player_uuid = Some(user.player_uuid);
    }
}

fn ban(state: &mut State, platform: Platform, id: &str, reason: &str) {
    let Some(person_id) = state.user(platform, id).map(|user| user.person_id.clone()) else { return };
    if let Some(person) = state.person_mut(&person_id) {
        person.restrictions.push(Restriction {
            kind: "account_ban".into(),
            reason: Some(reason.into()),
            expiration: None,
        });
    }
}
