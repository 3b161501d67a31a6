//! `cross_auth` in both protocols.

use emulator::http::percent_encode;
use emulator::xsolla::{Project, SHADOW_PROJECT_ID, TicketOrder, USER_ID};
use serde_json::json;

use crate::bench::{Bench, body_of, claims, in_query, refused, text, too_many};

const STEAM_ID: &str = "76561198000000001";

fn path(platform: &str, more: &str) -> String {
    format!("/api/social/{platform}/cross_auth?projectId={SHADOW_PROJECT_ID}&is_redirect=false&{more}")
}

fn steam(bench: &mut Bench) -> String {
    bench.ticket(TicketOrder { app_id: Some("480".into()), ..TicketOrder::new("steam", STEAM_ID) }).base64()
}

fn steam_path(ticket: &str) -> String {
    path("steam", &format!("app_id=480&session_ticket={}", percent_encode(ticket)))
}

#[test]
fn a_steam_ticket_becomes_a_token_whose_id_is_a_url() {
    let mut bench = Bench::new();
    let ticket = steam(&mut bench);
    let url = text(&bench.get(&steam_path(&ticket), &[]), "login_url");
    assert!(url.starts_with("https://companion.example/callback?token="));
    let claims = claims(&in_query(&url, "token").unwrap());
    assert_eq!(claims["type"], "social");
    assert_eq!(claims["provider"], "steam");
    assert_eq!(claims["is_cross_auth"], true);
    assert_eq!(claims["id"], format!("https://steamcommunity.com/openid/id/{STEAM_ID}"));
    assert_eq!(claims["xsolla_login_project_id"], SHADOW_PROJECT_ID);
    refused(&bench.get(&steam_path(&ticket), &[]), 422, "010-015");
}

#[test]
fn a_ticket_may_come_in_hex_or_base64_with_its_plus_signs_lost() {
    let mut bench = Bench::new();
    let hex = bench.ticket(TicketOrder::new("steam", STEAM_ID)).hex();
    assert_eq!(bench.get(&steam_path(&hex), &[]).status, 200);
    let naive = loop {
        let ticket = steam(&mut bench);
        if ticket.contains('+') {
            break ticket;
        }
    };
    let unescaped = path("steam", &format!("app_id=480&session_ticket={naive}"));
    assert_eq!(bench.get(&unescaped, &[]).status, 200);
    let url_safe = steam(&mut bench).replace('+', "-").replace('/', "_");
    assert_eq!(bench.get(&steam_path(&url_safe), &[]).status, 200);
}

#[test]
fn xbox_and_epic_tickets_sign_in_and_link_like_custom_ids() {
    let mut bench = Bench::new();
    for platform in ["xbox", "epicgames"] {
        let order = TicketOrder::new(platform, "123");
        let ticket = bench.ticket(order.clone());
        let request = path(platform, &format!("session_ticket={}", percent_encode(&ticket.base64())));
        assert_eq!(bench.get(&request, &[]).status, 200);
        let code = bench.ticket(order);
        let request = path(platform, &format!("code={}", percent_encode(code.text().unwrap())));
        assert_eq!(bench.get(&request, &[]).status, 200);
    }
    let code = bench.code();
    assert_eq!(bench.link(&code, "123").status, 204);
    let ticket = bench.ticket(TicketOrder::new("xbox", "123"));
    let request = path("xbox", &format!("session_ticket={}", percent_encode(&ticket.base64())));
    let url = text(&bench.get(&request, &[]), "login_url");
    assert_eq!(claims(&in_query(&url, "token").unwrap())["sub"], USER_ID);
}

#[test]
fn by_default_it_redirects_with_success_and_with_refusal() {
    let mut bench = Bench::new();
    let ticket = steam(&mut bench);
    let redirecting = steam_path(&ticket).replace("is_redirect=false", "is_redirect=true");
    let response = bench.get(&redirecting, &[]);
    assert_eq!(response.status, 302);
    assert!(in_query(response.header("location").unwrap(), "token").is_some());
    let response = bench.get(&redirecting, &[]);
    assert_eq!(response.status, 302);
    let location = response.header("location").unwrap();
    assert!(
        location.starts_with("https://companion.example/callback?error_code=010-015&error_description=Social+network")
    );
    // Without a callback to send it to, the refusal is JSON.
    let nowhere = redirecting.replace(SHADOW_PROJECT_ID, "00000000-0000-4000-8000-000000000000");
    refused(&bench.get(&nowhere, &[]), 404, "003-019");
}

#[test]
fn its_parameters_are_judged_in_order() {
    let mut bench = Bench::new();
    let ticket = steam(&mut bench);
    let good = steam_path(&ticket);
    let mut refusal = |path: &str, status, code| refused(&bench.get(path, &[]), status, code);
    refusal(&good.replace(SHADOW_PROJECT_ID, "5"), 400, "0");
    refusal(&good.replace("is_redirect=false", "is_redirect=perhaps"), 400, "0");
    refusal(&format!("{good}&no_user_creation=maybe"), 400, "0");
    refusal(&steam_path("%%%"), 400, "0");
    refusal(&good.replace(SHADOW_PROJECT_ID, "00000000-0000-4000-8000-000000000000"), 404, "003-019");
    refusal(&format!("{good}&login_url=https://evil.example/"), 422, "010-012");
    refusal(&good.replace("/steam/", "/abyss/"), 422, "003-022");
    refusal(&good.replace("app_id=480", "app_id="), 422, "002-028");
    refusal(&path("xbox", ""), 422, "002-028");
    refusal(&good.replace("app_id=480", "app_id=481"), 422, "010-015");
    refusal(&steam_path("deadbeef"), 422, "010-015");
    // None of these used the ticket up.
    assert_eq!(bench.get(&good, &[]).status, 200);
}

#[test]
fn several_callbacks_and_none_named_is_422() {
    let mut bench = Bench::new();
    let project = bench.xsolla().project(SHADOW_PROJECT_ID).unwrap().clone();
    let callback_urls = vec!["https://a.example/".into(), "https://b.example/".into()];
    let error_callback_url = Some("https://a.example/error".into());
    bench.with(|xsolla, context| xsolla.put_project(context, Project { callback_urls, ..project }));
    let ticket = steam(&mut bench);
    refused(&bench.get(&steam_path(&ticket), &[]), 422, "010-011");
    let redirecting = steam_path(&ticket).replace("is_redirect=false", "is_redirect=true");
    refused(&bench.get(&redirecting, &[]), 422, "010-011");
    let project = bench.xsolla().project(SHADOW_PROJECT_ID).unwrap().clone();
    bench.with(|xsolla, context| xsolla.put_project(context, Project { error_callback_url, ..project }));
    let location = bench.get(&redirecting, &[]).header("location").unwrap().to_owned();
    assert!(location.starts_with("https://a.example/error?error_code=010-011"));
    assert_eq!(bench.get(&format!("{}&login_url=https://b.example/", steam_path(&ticket)), &[]).status, 200);
}

#[test]
fn an_expired_ticket_and_an_unwanted_user_are_refused() {
    let mut bench = Bench::new();
    let ticket = steam(&mut bench);
    bench.advance_s(600);
    refused(&bench.get(&steam_path(&ticket), &[]), 422, "010-015");
    let ticket = steam(&mut bench);
    refused(&bench.get(&format!("{}&no_user_creation=true", steam_path(&ticket)), &[]), 404, "003-002");
    let ticket = steam(&mut bench);
    assert_eq!(bench.get(&steam_path(&ticket), &[]).status, 200);
    let ticket = steam(&mut bench);
    assert_eq!(bench.get(&format!("{}&no_user_creation=true", steam_path(&ticket)), &[]).status, 200);
    bench.xsolla().knobs_mut().requests_per_minute.insert("cross_auth".into(), 0);
    too_many(&bench.get(&steam_path(&ticket), &[]));
}

#[test]
fn a_missing_email_is_asked_for() {
    let mut bench = Bench::new();
    let ticket = steam(&mut bench);
    let response = bench.get(&format!("{}&fields=email", steam_path(&ticket)), &[]);
    assert!(text(&response, "login_url").starts_with("https://login-widget.xsolla.com/latest/ask"));
    assert_eq!(body_of(&response)["ask_fields"][0]["name"], "email");
}

#[test]
fn an_epic_deployment_admits_only_those_who_are_entitled() {
    let mut bench = Bench::new();
    let order = TicketOrder { deployment_id: Some("d-1".into()), ..TicketOrder::new("epicgames", "epic-1") };
    let ticket = bench.ticket(order).base64();
    let ask = |more: &str| path("epicgames", &format!("session_ticket={}{more}", percent_encode(&ticket)));
    refused(&bench.get(&ask(""), &[]), 422, "010-015");
    refused(&bench.get(&ask("&deployment_id=d-2"), &[]), 422, "010-015");
    assert_eq!(bench.get(&ask("&deployment_id=d-1"), &[]).status, 200);
}

#[test]
fn each_form_ignores_the_parameters_of_the_other() {
    let mut bench = Bench::new();
    let ticket = steam(&mut bench);
    let more = "&payload=%7B%22p%22%3A1%7D&with_logout=1&scope=offline&audience=game&state=short";
    let url = text(&bench.get(&format!("{}{more}", steam_path(&ticket)), &[]), "login_url");
    let jwt = claims(&in_query(&url, "token").unwrap());
    assert_eq!((&jwt["payload"], jwt.get("aud"), jwt.get("scp")), (&json!("{\"p\":1}"), None, None));

    let ticket = bench.ticket(TicketOrder::new("xbox", "123")).base64();
    let callback = "http://127.0.0.1:43151/cb";
    let path = format!(
        "/api/oauth2/social/xbox/cross_auth?client_id=60&response_type=code&state=0123456789abcdef&is_redirect=false\
         &redirect_uri={callback}&fields=email&payload=x&with_logout=maybe&projectId=none&login_url=none&session_ticket={}",
        percent_encode(&ticket)
    );
    let url = text(&bench.get(&path, &[]), "login_url");
    let code = in_query(&url, "code").expect("nothing is asked for");
    let grant = [
        ("grant_type", "authorization_code"),
        ("client_id", "60"),
        ("code", code.as_str()),
        ("redirect_uri", callback),
    ];
    let tokens = body_of(&bench.token(&grant));
    assert_eq!(tokens.get("refresh_token"), None, "scope offline was not asked for");
    assert_eq!(claims(tokens["access_token"].as_str().unwrap()).get("payload"), None);
}

#[test]
fn the_oauth_form_gives_a_code_and_its_refresh_follows_the_link() {
    let mut bench = Bench::new();
    let ticket = bench.ticket(TicketOrder::new("xbox", "123")).base64();
    let callback = "http://127.0.0.1:43151/cb";
    let path = format!(
        "/api/oauth2/social/xbox/cross_auth?client_id=60&response_type=code&state=0123456789abcdef&scope=offline\
         &is_redirect=false&audience=game&redirect_uri={callback}&session_ticket={}",
        percent_encode(&ticket)
    );
    refused(&bench.get(&path.replace("0123456789abcdef", "short"), &[]), 400, "010-022");
    refused(&bench.get(&path.replace("client_id=60", "client_id=1"), &[]), 400, "010-019");
    refused(&bench.get(&path.replace("client_id=60", "client_id=57"), &[]), 422, "003-022");
    let url = text(&bench.get(&path, &[]), "login_url");
    assert_eq!(in_query(&url, "state").unwrap(), "0123456789abcdef");
    let code = in_query(&url, "code").unwrap();
    let grant = [
        ("grant_type", "authorization_code"),
        ("client_id", "60"),
        ("code", code.as_str()),
        ("redirect_uri", callback),
    ];
    let tokens = body_of(&bench.token(&grant));
    let before = claims(tokens["access_token"].as_str().unwrap());
    assert_eq!(before["aud"], json!(["game"]));
    assert_ne!(before["sub"], USER_ID);
    let linking_code = bench.code();
    assert_eq!(bench.link(&linking_code, "123").status, 204);
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let grant =
        [("grant_type", "refresh_token"), ("client_id", "60"), ("refresh_token", refresh), ("redirect_uri", callback)];
    assert_eq!(claims(&text(&bench.token(&grant), "access_token"))["sub"], USER_ID);
}
