//! Steps 1 to 3: a console player without an account, a main account on the companion site, and the code that makes the
//! two one player.

use serde_json::{Value, json};

use super::actor::Actor;
use super::admin::{Entry, exchange};
use super::companion;
use super::stage::Stage;
use super::transcript::{Expected, MASK, Transcript};
use crate::Result;

const CUSTOM_ID: &str = "POST /api/users/login/server_custom_id";
const LINK: &str = "POST /api/users/account/link";
pub(super) const CODE: &str = "POST /api/users/account/code";
const WHOSE: &str = "POST /api/users/linking_info";
const REFRESH: &str = "POST /api/oauth2/token";
const KEYS: &str = "GET /api/projects/f6c5011a-715e-4e5e-b7b1-a4812d85b8c8/keys";
/// Longer than a code lives.
const LATER_MS: u64 = 601_000;

pub(super) fn play(stage: &mut Stage, transcript: &mut Transcript) -> Result {
    let main_id = main_account(stage)?;
    let mut alex = stage.console("console (Alex)", "test-ticket-alex")?;
    let platform_id = signs_in_on_the_console(stage, transcript, &mut alex, &main_id)?;
    let code = asks_for_a_code(stage, transcript)?;
    links(stage, transcript, &mut alex, &code, &main_id, &platform_id)
}

fn signs_in_on_the_console(
    stage: &Stage,
    transcript: &mut Transcript,
    alex: &mut Actor,
    main_id: &str,
) -> Result<String> {
    transcript.step("Xsolla, console");
    let made = match &stage.console_in_c {
        Ok(_) => "written in C, over the C ABI, with its own HTTP".to_owned(),
        Err(why) => format!("the one in Rust, since {why} for the one in C"),
    };
    transcript.tell("Alex starts the game on a console. It knows its game server and nothing else.");
    transcript.tell(&format!("The console is {made}."));
    transcript.ask("console", "game server", &format!("POST /sign-in {{\"platformTicket\":\"{MASK}\"}}"));
    let signed_in = alex.ask("sign-in")?;
    let seen = transcript.requests(
        &stage.admin,
        "game server",
        &[
            ("POST /api/oauth2/token", 200, "its server token, by client credentials"),
            (CUSTOM_ID, 200, "Alex by custom id, with a social_profile"),
        ],
    )?;
    let id = text(&signed_in, "playerId");
    transcript
        .answer("console", &format!("{} {{\"token\":\"{MASK}\"}}: Alex plays as {}", status(&signed_in), short(&id)));
    transcript.fact(
        text(&signed_in, "event") == "signed-in" && !id.is_empty() && id != main_id,
        "the console holds a platform token; it names the console's own account, not yet the main one",
    )?;
    let from_server = seen.iter().all(|entry| {
        entry.origin.is_none() && entry.user_agent.as_ref().is_some_and(|agent| agent.starts_with("playerlink/"))
    });
    transcript.fact(from_server, "only the game server talked to Xsolla: user agent playerlink, and no Origin")?;

    transcript.tell("Somebody tampers with the game: an invented ticket, then a player's id instead of a ticket.");
    let invented = tampered(stage, transcript, "platformTicket", "an invented one")?;
    let claimed = tampered(stage, transcript, "platformUserId", "2533274800000001")?;
    transcript.requests(&stage.admin, "game server", &[])?;
    transcript.fact(
        invented.0 == "401" && invented.1.contains("platform-ticket") && claimed.0 == "422",
        "the game server believes the platform only, and Xsolla is not asked",
    )?;
    Ok(id)
}

fn tampered(stage: &Stage, transcript: &mut Transcript, member: &str, value: &str) -> Result<(String, String)> {
    let body = json!({ member: value }).to_string();
    transcript.ask("console", "game server", &format!("POST /sign-in {body}"));
    let answer = exchange(&stage.server_url, "POST", "/sign-in", &body)?;
    transcript.answer("console", &answer.0);
    Ok(answer)
}

fn asks_for_a_code(stage: &mut Stage, transcript: &mut Transcript) -> Result<String> {
    transcript.step("Xsolla, companion site, in headless Chromium");
    transcript.tell("Alex opens the companion site on another screen and mistypes the password first.");
    let url = format!("{}/?demo", stage.site_url);
    let opened = stage.browse("open", json!({ "url": url }))?;
    let policy = text(&opened, "policy");
    transcript.fact(
        text(&opened, "entry") == stage.installed_entry()?
            && policy.contains("default-src 'none'; script-src 'self' 'wasm-unsafe-eval' 'sha256-"),
        "the page imports `playerlink` from the installed tarball, under a strict Content-Security-Policy",
    )?;
    let pictures = picture(stage, &["signed-out"], false)?;
    let mistyped = stage.browse("fail-to-sign-in", json!({ "password": "correct-house" }))?;
    let seen = transcript.requests(&stage.admin, "page", &[("POST /api/oauth2/login/token", 401, "")])?;
    transcript.shows("page", &text(&mistyped, "problem"));
    let code_fits = seen.first().and_then(|entry| entry.error_code.as_deref()) == Some("003-001");
    transcript.fact(
        code_fits && text(&mistyped, "problem") == "That user name or password is not right.",
        "the refusal 003-001 arrives as an error of kind `credentials`, with a sentence for players",
    )?;
    picture(stage, &["refused"], false)?;

    transcript.tell("Alex signs in to the main account, Nova, and asks for a linking code.");
    let signed_in = stage.browse("sign-in", json!({ "password": "correct-horse" }))?;
    let answer = stage.browse("code", json!({}))?;
    let code = text(&answer, "code");
    let seen = page_and_servers(
        stage,
        transcript,
        &[
            ("POST /api/oauth2/login/token", 200, "the session, with a refresh token"),
            ("GET /api/users/me", 200, "the name to greet"),
            (CODE, 200, "the linking code"),
        ],
        "companion server",
        &[(KEYS, 200, "to verify the page's token itself")],
    )?;
    transcript.shows("page", &format!("Signed in as {}. Your linking code: {MASK}", text(&signed_in, "player")));
    transcript.fact(
        text(&signed_in, "player") == "Nova" && text(&answer, "account").contains("Nova") && is_code(&code),
        "the page greets Nova and shows, by `<playerlink-code>`, a code of six digits and whose it is",
    )?;
    let origin = stage.site_url.as_str();
    transcript.fact(
        seen.iter().all(|entry| entry.origin.as_deref() == Some(origin)),
        &format!("the emulator's log shows the browser's Origin, {origin}"),
    )?;
    let announced = text(&answer, "announced");
    transcript.fact(
        text(&answer, "copied") == code && text(&answer, "spelled") == spelled(&code) && !announced.contains(&code),
        "selecting the code copies it without spaces; screen readers get it digit by digit, the announcement has none",
    )?;
    transcript.fact(
        text(&answer, "link") == format!("{}/", stage.site_url),
        "the QR code opens the companion page's address and nothing else: it holds no secret",
    )?;
    let others = picture(stage, &["code"], true)?;
    transcript.tell(&format!("Pictures of the page: {pictures}, {others} and more, in {}", stage.folder.display()));
    Ok(code)
}

fn links(
    stage: &mut Stage,
    transcript: &mut Transcript,
    alex: &mut Actor,
    code: &str,
    main_id: &str,
    platform_id: &str,
) -> Result {
    transcript.step("Xsolla, console: the link");
    transcript.tell("Alex types the code on the console, with a wrong digit first.");
    refused(stage, transcript, alex, &mistyped(code), "a wrong code")?;

    transcript.tell("Now the right one.");
    typed(transcript, "console");
    let linked = alex.ask(&format!("link {code}"))?;
    let signed_in = alex.hear()?;
    let page = stage.browse("linked", json!({}))?;
    page_and_servers(
        stage,
        transcript,
        &[(REFRESH, 200, "new tokens, before anything else is asked for")],
        "game server",
        &[
            (LINK, 204, "linked"),
            (WHOSE, 200, "whose the console is now: the companion site is told"),
            (CUSTOM_ID, 200, "Alex signs in again, for a token that knows"),
        ],
    )?;
    let id = text(&signed_in, "playerId");
    transcript.answer("console", &format!("{}; then Alex plays as {}", status(&linked), short(&id)));
    transcript.fact(status(&linked) == 204, "the game server linked by code: 204")?;
    transcript.fact(
        id == main_id && id != platform_id,
        &format!("`sub` is now the main account's: {} instead of {}", short(main_id), short(platform_id)),
    )?;
    page_knows(stage, transcript, code, &page)?;

    transcript.tell("Robin, on another console, saw the code over Alex's shoulder.");
    let mut robin = stage.console("console (Robin)", "test-ticket-robin")?;
    robin.ask("sign-in")?;
    transcript.requests(&stage.admin, "game server", &[(CUSTOM_ID, 200, "Robin signs in")])?;
    refused(stage, transcript, &mut robin, code, "a used code")?;

    transcript.tell("Alex gets one more code. Ten minutes later (the emulator's clock is moved) Robin tries that one.");
    let late = text(&stage.browse("code", json!({}))?, "code");
    transcript.requests(&stage.admin, "page", &[(CODE, 200, "another linking code")])?;
    stage.admin.post("/__emulator/clock", &json!({ "advance_ms": LATER_MS }).to_string())?;
    refused(stage, transcript, &mut robin, &late, "an expired code")?;

    transcript.tell("Robin guesses on, four times.");
    limited(stage, transcript, &mut robin, &late)?;

    let mut secrets = companion::in_trouble(stage, transcript, main_id)?;

    transcript.tell("Alex signs out of the companion site.");
    let left = stage.browse("sign-out", json!({}))?;
    let kept = text(&left, "kept");
    transcript.requests(&stage.admin, "page", &[("GET /api/oauth2/logout", 204, "")])?;
    transcript.fact(
        !kept.contains("token")
            && !kept.contains("eyJ")
            && !secrets.iter().any(|code| text(&left, "html").contains(code)),
        "signed out, the browser's storage holds no token and the page no code",
    )?;
    secrets.extend(
        [code, &late, &stage.companion_secret, "test-ticket", "server-client-secret", "eyJ"].map(str::to_owned),
    );
    let logs = [stage.game_server.errors().join("\n"), stage.site.errors().join("\n")];
    let silent = logs.iter().all(|log| !log.is_empty() && !secrets.iter().any(|secret| log.contains(secret)));
    transcript.fact(
        silent && !transcript.holds_any(&secrets),
        "no code, ticket, token or secret is in the logs of game server and companion site, nor in this transcript",
    )
}

/// The page has learned of the link by itself, and says what a player needs to know.
fn page_knows(stage: &mut Stage, transcript: &mut Transcript, code: &str, page: &Value) -> Result {
    transcript.ask("game server", "companion server", &format!("POST /api/links, with their secret: {MASK}"));
    transcript.answer("page", "event: link, over the stream it opened before it asked for the code");
    transcript.shows("page", &text(page, "announced"));
    let said = text(page, "said");
    transcript.fact(
        ["Xbox", "AlexOnTheCouch", "Nova", "Report"].iter().all(|word| said.contains(word)),
        "without a press on the page it says which console was linked, to whom, when, and how to report it",
    )?;
    transcript.fact(
        !text(page, "html").contains(code),
        "the used code is on the page no more, nor in its address or title",
    )?;
    picture(stage, &["linked"], true)?;

    transcript.tell("A stranger, without the secret, tells the companion site that a console was linked to Nova.");
    let forged = json!({ "accountId": main_account(stage)?, "platform": "xbox", "displayName": "Mallory" }).to_string();
    transcript.ask("stranger", "companion server", "POST /api/links {\"displayName\":\"Mallory\",…}");
    let refusal = exchange(&stage.site_url, "POST", "/api/links", &forged)?;
    transcript.answer("stranger", &refusal.0);
    let ready = stage.browse("back", json!({}))?;
    let consoles = text(&ready, "consoles");
    transcript.shows("page", &format!("Your consoles: {consoles}"));
    transcript.fact(
        refusal.0 == "401" && consoles.contains("AlexOnTheCouch") && !consoles.contains("Mallory"),
        "the companion site believes its game server only, and lists the console that was linked",
    )?;
    picture(stage, &["consoles"], false).map(|_| ())
}

/// Requests of page and servers, each in order; how the two interleave is theirs. Answers the page's.
fn page_and_servers(
    stage: &Stage,
    transcript: &mut Transcript,
    page: &[Expected<'_>],
    server: &str,
    servers: &[Expected<'_>],
) -> Result<Vec<Entry>> {
    let all = transcript.unchecked_requests(stage.admin.requests()?);
    let (from_page, from_servers): (Vec<_>, Vec<_>) = all.into_iter().partition(|entry| entry.origin.is_some());
    transcript.told_requests(server, &from_servers, servers)?;
    transcript.told_requests("page", &from_page, page)?;
    Ok(from_page)
}

/// A code that the service does not take: three reasons, one answer, so that nobody learns which it was.
fn refused(stage: &Stage, transcript: &mut Transcript, console: &mut Actor, code: &str, what: &str) -> Result {
    typed(transcript, "console");
    let answer = console.ask(&format!("link {code}"))?;
    transcript.requests(&stage.admin, "game server", &[(LINK, 404, "")])?;
    transcript.answer(
        "console",
        &format!(
            "{} {{\"kind\":\"{}\",\"code\":\"{}\",…}}",
            status(&answer),
            text(&answer, "kind"),
            text(&answer, "code")
        ),
    );
    transcript.shows("console", &text(&answer, "playerMessage"));
    transcript.fact(
        status(&answer) == 404
            && text(&answer, "kind") == "not-found"
            && text(&answer, "code") == "003-061"
            && text(&answer, "playerMessage").contains("used already or too old"),
        &format!("{what} is an error of kind `not-found` with code 003-061"),
    )
}

/// Five tries in ten minutes; two of Robin's are used up.
fn limited(stage: &Stage, transcript: &mut Transcript, robin: &mut Actor, late: &str) -> Result {
    for _ in 0..3 {
        robin.ask(&format!("link {}", mistyped(late)))?;
    }
    let answer = robin.ask(&format!("link {}", mistyped(late)))?;
    transcript.requests(&stage.admin, "game server", &[(LINK, 404, ""), (LINK, 404, ""), (LINK, 404, "")])?;
    transcript.answer("console", &format!("{} {{\"kind\":\"{}\",…}}", status(&answer), text(&answer, "kind")));
    transcript.shows("console", &text(&answer, "playerMessage"));
    transcript.fact(
        status(&answer) == 429 && text(&answer, "kind") == "busy",
        "the sixth try ends at the game server (429, kind `busy`): Xsolla is not even asked",
    )
}

fn typed(transcript: &mut Transcript, console: &str) {
    let body = format!("POST /link {{\"platformTicket\":\"{MASK}\",\"code\":\"{MASK}\"}}");
    transcript.ask(console, "game server", &body);
}

/// Takes the pictures of one state: light, dark and narrow, and with `all` also forced colours and a large screen.
pub(super) fn picture(stage: &mut Stage, names: &[&str], all: bool) -> Result<String> {
    let name = names.first().copied().unwrap_or_default();
    let mut shots = vec![
        json!({ "name": format!("{name}-light") }),
        json!({ "name": format!("{name}-dark"), "scheme": "dark" }),
        json!({ "name": format!("{name}-narrow"), "width": 320, "height": 700, "long": true }),
    ];
    if all {
        shots.push(json!({ "name": format!("{name}-large"), "width": 1920, "height": 1080 }));
        shots.push(json!({ "name": format!("{name}-forced-colours"), "scheme": "dark", "forced": true }));
    }
    for shot in shots {
        let answer = stage.browse("picture", shot)?;
        if answer.get("scrolls").and_then(Value::as_bool) == Some(true) {
            return Err(format!("the page scrolls sideways in {}", text(&answer, "path")));
        }
    }
    Ok(format!("{name}-light.png"))
}

fn main_account(stage: &Stage) -> Result<String> {
    let scenario = stage.admin.get("/__emulator/scenario")?;
    let users = scenario.pointer("/xsolla/users").and_then(Value::as_array);
    users
        .and_then(|users| users.iter().find(|user| text(user, "username") == "nova"))
        .map(|user| text(user, "id"))
        .ok_or_else(|| "the emulator has no account `nova`".to_owned())
}

pub(super) fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn status(value: &Value) -> u64 {
    value.get("status").and_then(Value::as_u64).unwrap_or_default()
}

fn is_code(code: &str) -> bool {
    code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit())
}

/// `123456` as a screen reader is given it: `1, 2, 3, 4, 5, 6`.
fn spelled(code: &str) -> String {
    code.chars().map(String::from).collect::<Vec<_>>().join(", ")
}

/// The code with another last digit.
fn mistyped(code: &str) -> String {
    let mut digits: Vec<char> = code.chars().collect();
    if let Some(last) = digits.last_mut() {
        *last = if *last == '9' { '0' } else { '9' };
    }
    digits.into_iter().collect()
}

/// The beginning of an id: enough to follow it through the story.
pub(super) fn short(id: &str) -> String {
    format!("{}…", id.get(..8).unwrap_or(id))
}
