//! Each error of each call once more, through HTTP: a server on a socket, the native host.

use std::sync::{Arc, Mutex, PoisonError};

use axum::http::{StatusCode, Uri, header};
use playerlink::host::NativeHost;
use playerlink::playfab::server::{PlayFabServer, ServerConfig};
use playerlink::playfab::{Config, Credential, PlayFab};
use serde_json::json;

use crate::operations;
use crate::support::code;
use crate::support::contract::{playfab_kind, playfab_operations};
use crate::title::refusal;

type Scripted = Arc<Mutex<(String, u16, String)>>;

fn say(scripted: &Scripted, path: &str, status: u16, body: String) {
    *scripted.lock().unwrap_or_else(PoisonError::into_inner) = (path.to_owned(), status, body);
}

/// Answers what is asked for at one path, and 404 everywhere else.
async fn serve(scripted: Scripted) -> String {
    let answer = move |uri: Uri| {
        let (path, status, body) = scripted.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let status = if uri.path() == path { status } else { 404 };
        let json = [(header::CONTENT_TYPE, "application/json")];
        std::future::ready((StatusCode::from_u16(status).expect("a status"), json, body))
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}/ABCD1", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, axum::Router::new().fallback(answer)).await });
    url
}

#[tokio::test]
async fn each_error_of_each_call_is_exactly_that_code_number_and_kind_through_http() {
    let scripted = Scripted::default();
    let url = serve(scripted.clone()).await;
    let host = NativeHost::new().unwrap();
    let client = PlayFab::new(Config::title("ABCD1").base_url(&url), host.clone()).unwrap();
    let server = PlayFabServer::new(ServerConfig::title("ABCD1", "key").base_url(&url), host).unwrap();
    let token = json!({ "EntityToken": "ET", "TokenExpiration": "9999-01-01T00:00:00Z" });
    let data = json!({ "SessionTicket": "ST", "PlayFabId": "A1", "EntityToken": token });
    say(&scripted, "/ABCD1/Client/LoginWithCustomID", 200, json!({ "code": 200, "data": data }).to_string());
    let session = client.login(Credential::custom_id("guest-1")).await.unwrap();
    for row in playfab_operations() {
        let path = format!("/ABCD1/{}/{}", row.api, row.operation);
        for (name, number) in row.errors() {
            say(&scripted, &path, 400, refusal(400, name, number));
            let error = operations::call(&client, &session, &server, row.api, row.operation).await.unwrap_err();
            assert_eq!((code(&error), error.code_number(), error.status()), (name, Some(number), Some(400)), "{path}");
            assert_eq!(error.kind().as_str(), playfab_kind(name).1, "{path}: {name}");
        }
    }
}
