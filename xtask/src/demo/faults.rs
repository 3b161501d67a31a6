//! `cargo xtask demo --faults SEED`: the same story while services and network fail wherever the SDK promises to cope by
//! itself. Which request fails, and how, is the seed's; the story must not notice.

use serde_json::{Value, json};

use super::admin::Admin;
use super::transcript::Transcript;
use crate::Result;

/// A fault in words, and as the emulator takes it.
type Kind = (&'static str, fn() -> Value);

/// A request of the story that can be sent again.
struct Site {
    name: &'static str,
    path: &'static str,
    /// The `grant_type` that tells it from others of that path; empty where there are none.
    grant: &'static str,
    /// How often the story sends it.
    times: u32,
    /// What may happen to it.
    faults: &'static [Kind],
}

/// A busy service: the SDK waits as long as it is asked to and sends the same sign-in again.
const BUSY: [Kind; 3] = [
    ("503 with Retry-After", || json!({ "status": 503, "retry_after": 1 })),
    ("429 with Retry-After", || json!({ "status": 429, "retry_after": 1 })),
    (
        "a gateway's page with 503",
        || json!({ "status": 503, "retry_after": 1, "body": "<h1>Service Unavailable</h1>" }),
    ),
];

/// A refresh whose answer does not arrive: the SDK asks once more, and loses no session.
const LOST: [Kind; 4] = [
    ("the answer is lost", || json!({ "after": true, "delivery": "close" })),
    ("the connection is closed", || json!({ "delivery": "close" })),
    ("the answer is cut off", || json!({ "after": true, "delivery": "truncate:40" })),
    ("a captive portal answers", || json!({ "status": 200, "body": "<title>Hotel Wi-Fi</title>" })),
];

/// A refresh that does not arrive itself. Xsolla takes a refresh token once: what it has answered and nobody has heard,
/// nobody can ask for again.
const UNHEARD: [Kind; 2] = [
    ("the connection is closed", || json!({ "delivery": "close" })),
    ("a captive portal answers", || json!({ "status": 200, "body": "<title>Hotel Wi-Fi</title>" })),
];

const PLAYFAB_REFRESH: &str = "/playfab/ABCD1/Authentication/GetEntityToken";

const SITES: [Site; 5] = [
    Site { name: "RallyHere sign-in, Steam", path: "/users/v1/login", grant: "steam", times: 2, faults: &BUSY },
    Site { name: "RallyHere sign-in, Xbox", path: "/users/v1/login", grant: "xboxlive", times: 2, faults: &BUSY },
    Site { name: "RallyHere refresh", path: "/users/v1/login", grant: "refresh", times: 3, faults: &LOST },
    Site { name: "Xsolla refresh", path: "/api/oauth2/token", grant: "refresh_token", times: 2, faults: &UNHEARD },
    Site { name: "PlayFab entity token", path: PLAYFAB_REFRESH, grant: "", times: 1, faults: &LOST },
];

/// Puts the faults into the emulator's queue: each request of a site fails once, or not, as the seed has it. Answers how
/// many will.
pub(super) fn plan(admin: &Admin, transcript: &mut Transcript, seed: u64) -> Result<usize> {
    transcript.tell(&format!("Today services and network are in trouble (seed {seed}):"));
    let mut random = seed;
    let mut planned = 0;
    for site in &SITES {
        for index in 0..site.times {
            let (draw, kind) = (next(&mut random), next(&mut random));
            let fault = usize::try_from(kind).ok().and_then(|kind| site.faults.get(kind % site.faults.len()));
            // Two of three, and the very first in any case.
            let Some((words, fault)) = fault.filter(|_| planned == 0 || draw % 3 > 0) else { continue };
            let mut fault = fault();
            if let Some(members) = fault.as_object_mut() {
                members.insert("path".into(), json!(site.path));
                if !site.grant.is_empty() {
                    members.insert("match".into(), json!({ "grant_type": site.grant }));
                }
                // The ones before it, each of which passes in the end.
                members.insert("skip".into(), json!(index));
            }
            admin.post("/__emulator/faults", &fault.to_string())?;
            transcript.tell(&format!("  {}, no. {}: {words}", site.name, index + 1));
            planned += 1;
        }
    }
    Ok(planned)
}

/// Checks that the story has met what was planned.
pub(super) fn met(admin: &Admin, transcript: &mut Transcript, planned: usize) -> Result {
    admin.requests()?;
    transcript.fact(admin.spoilt() == planned, &format!("the story met {planned} faults and nobody in it noticed"))
}

/// SplitMix64.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (z >> 31) ^ z
}
