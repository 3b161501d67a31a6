//! `POST /users/linking_info`.

use emulator::xsolla::USER_ID;
use serde_json::{Value, json};

use crate::bench::{Bench, body_of, refused, too_many};

fn ask(bench: &mut Bench, body: Value) -> emulator::Response {
    let server = bench.server_token();
    bench.post("/api/users/linking_info", &[("x-server-authorization", &server)], body)
}

#[test]
fn it_tells_whose_the_platform_accounts_are() {
    let mut bench = Bench::new();
    bench.platform_sign_in("player-1", "123");
    bench.platform_sign_in("player-2", "456");
    let code = bench.code();
    bench.link(&code, "123");
    let users = json!([
        { "platform": "xbox", "user_id": "123" },
        { "platform": "xbox", "user_id": "456" },
        { "platform": "steam", "user_id": "123" },
    ]);
    let response = ask(&mut bench, json!({ "users": users, "publisher_project_id": 44056 }));
    assert_eq!(response.status, 200);
    let rows = body_of(&response);
    assert_eq!(rows[0]["xl_uid"], USER_ID);
    assert_eq!(rows[0]["email"], "nova@example.com");
    assert!(rows[1]["xl_uid"].is_string() && rows[1]["xl_uid"] != USER_ID);
    assert_eq!(
        rows[2],
        json!({
            "platform": "steam", "user_id": "123", "xl_uid": null, "email": null, "external_account_id": null,
        })
    );
}

#[test]
fn it_is_refused_by_number_and_project() {
    let mut bench = Bench::new();
    let one = json!({ "platform": "xbox", "user_id": "1" });
    refused(&ask(&mut bench, json!({ "users": [], "publisher_project_id": 44056 })), 400, "0");
    let many = vec![one.clone(); 51];
    refused(&ask(&mut bench, json!({ "users": many, "publisher_project_id": 44056 })), 400, "0");
    refused(&ask(&mut bench, json!({ "users": [one], "publisher_project_id": 1 })), 404, "003-019");
    refused(&bench.post("/api/users/linking_info", &[], json!({})), 401, "003-040");
    bench.xsolla().knobs_mut().requests_per_minute.insert("linking_info".into(), 0);
    too_many(&ask(&mut bench, json!({})));
}
