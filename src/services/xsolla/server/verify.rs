//! Checking players' tokens: here, by signature and claims, or at the service, which also knows of revoked ones.
//!
//! The algorithm is the one the project was configured with, never the one a token names (xsolla.md §3.5).

use std::sync::Arc;

use super::{MainToken, PlatformToken, ProjectKey, XsollaServer};
use crate::error::{Error, Result, SessionOverReason};
use crate::guarded::Guarded;
use crate::host::Host;
use crate::http::Method;
use crate::json::{Json, Object};
use crate::services::xsolla::{UserToken, check_project_id, wire};
use crate::services::{self, seconds_to_ms};
use crate::session::flight::Flight;
use crate::{Secret, base64};

const ISSUER: &str = "https://login.xsolla.com";
/// How far the clocks may be apart, in seconds.
const LEEWAY_S: i64 = 60;
/// Shorter RSA keys are broken in practice.
const SHORTEST_RSA_BYTES: usize = 2048 / 8;
/// How long keys are kept, in milliseconds.
const KEYS_LIFE_MS: u64 = 600_000;
/// How long after asking for keys an unknown key id is not looked up again, in milliseconds: anybody can invent one.
const KEYS_FLOOR_MS: u64 = 30_000;

/// How a Login project signs its tokens; shown in Publisher Account under Login project > Security.
#[derive(Clone, Debug)]
pub enum Algorithm {
    /// With RSA; the public keys are fetched and kept for 10 minutes.
    Rs256,
    /// With the project's secret key (the default of a new project). Whoever has it can make tokens: never in a client.
    Hs256(Secret),
}

/// A Login project whose tokens are accepted.
#[derive(Clone, Debug)]
pub struct TrustedProject {
    id: String,
    is_standard: bool,
    algorithm: Algorithm,
}

impl TrustedProject {
    /// The standard project, of main accounts.
    pub fn standard(id: impl Into<String>, algorithm: Algorithm) -> Self {
        Self { id: id.into().to_ascii_lowercase(), is_standard: true, algorithm }
    }

    /// The shadow project, of platform accounts.
    pub fn shadow(id: impl Into<String>, algorithm: Algorithm) -> Self {
        Self { is_standard: false, ..Self::standard(id, algorithm) }
    }
}

/// Who a verified token speaks for.
#[derive(Clone, Debug)]
pub struct VerifiedUser {
    /// The user's id (`sub`), the main account's once linked.
    pub user_id: String,
    /// The Login project the token is of.
    pub project_id: String,
    /// The kind of account, with the token.
    pub account: Account,
    /// When the token ends, epoch milliseconds.
    pub expires_at: u64,
    /// The platform or network that was signed in with (`provider`), when it was one.
    pub platform: Option<String>,
    /// The id there.
    pub platform_user_id: Option<String>,
    /// What the sign-in was given as `payload`.
    pub payload: Option<String>,
}

/// The kind of an account, with a token of that kind.
#[derive(Clone, Debug)]
pub enum Account {
    /// A main account, also one that was reached through a linked platform account.
    Main(MainToken),
    /// A platform account that is not linked yet.
    Platform(PlatformToken),
}

/// Checks players' tokens without asking the service each time. Cheap to clone; clones share the keys.
pub struct TokenVerifier<H: Host>(Arc<Shared<H>>);

struct Shared<H: Host> {
    server: XsollaServer<H>,
    projects: Vec<Project>,
}

struct Project {
    trusted: TrustedProject,
    keys: Guarded<Keys>,
}

#[derive(Default)]
struct Keys {
    known: Vec<ProjectKey>,
    /// Monotonic.
    asked_at: Option<u64>,
    /// The request in the air, which all callers wait for.
    flight: Option<Flight>,
}

impl<H: Host> XsollaServer<H> {
    /// A verifier for the tokens of these projects: usually the standard and the shadow project. Sends nothing.
    ///
    /// # Errors
    /// `configuration` when there is none, when an id is no UUID or a secret is empty.
    pub fn verifier(&self, projects: impl IntoIterator<Item = TrustedProject>) -> Result<TokenVerifier<H>> {
        let projects: Vec<_> =
            projects.into_iter().map(|trusted| Project { trusted, keys: Guarded::default() }).collect();
        if projects.is_empty() {
            return Err(Error::configuration("no project is trusted; name the standard and the shadow project"));
        }
        for project in &projects {
            check_project_id(&project.trusted.id)?;
            if matches!(&project.trusted.algorithm, Algorithm::Hs256(secret) if secret.is_empty()) {
                return Err(Error::configuration("HS256 needs the project's secret key, which is empty"));
            }
        }
        Ok(TokenVerifier(Arc::new(Shared { server: self.clone(), projects })))
    }

    /// Asks the service whether a user token is valid. Unlike a [`verifier`](Self::verifier) it knows of tokens that were
    /// revoked before their time; it costs a request.
    ///
    /// # Errors
    /// `session-over` when it is not valid, `not-found` (003-002: the user is gone), `configuration` (003-019: the project
    /// is gone), `misuse` when the token is empty, and those of every call.
    pub async fn validate_token(&self, token: &UserToken) -> Result<()> {
        if token.expose().is_empty() {
            return Err(Error::misuse("there is no token to validate"));
        }
        let body = Object::new().text("token", token.expose()).body();
        let request = self.0.config.request(Method::Post, "/token/validate").json(body);
        let response = services::send(&self.0.host, request).await?;
        if response.is_success() { Ok(()) } else { Err(wire::error(&response, self.0.host.now())) }
    }
}

impl<H: Host> TokenVerifier<H> {
    /// Who the token speaks for, when its signature is one of a trusted project's, it was issued by Xsolla Login and has
    /// not expired (clocks may be 60 s apart). A token that was revoked before its time still passes: see
    /// [`validate_token`](XsollaServer::validate_token).
    ///
    /// # Errors
    /// `session-over` for every token that is not accepted, with the reason `expired` when it is a good one of the past;
    /// and what getting the keys failed with.
    #[cfg(not(target_family = "wasm"))]
    pub async fn verify(&self, token: &UserToken) -> Result<VerifiedUser> {
        let claimed = self.claimed(token).await?;
        let is_signed = claimed.is_signed();
        claimed.judge(is_signed, self.now())
    }

    pub(crate) fn now(&self) -> u64 {
        self.0.server.0.host.now()
    }

    /// The token taken apart, with what its signature must fit.
    pub(crate) async fn claimed(&self, token: &UserToken) -> Result<Claimed> {
        let claimed = take_apart(token).ok_or_else(|| refused("it is no JWT"))?;
        let project = claimed.claims.text("xsolla_login_project_id").unwrap_or_default().to_ascii_lowercase();
        let project = self.0.projects.iter().position(|known| known.trusted.id == project);
        let Some((at, project)) = project.and_then(|at| Some((at, self.0.projects.get(at)?))) else {
            return Err(refused("it is of a project that is not trusted"));
        };
        let alg = claimed.header.text("alg");
        let proof = match &project.trusted.algorithm {
            Algorithm::Hs256(secret) if alg.as_deref() == Some("HS256") => Some(Proof::Hs256(secret.clone())),
            Algorithm::Rs256 if alg.as_deref() == Some("RS256") => {
                let kid = claimed.header.loose("kid").unwrap_or_default();
                self.key(at, &kid).await?.filter(|key| key.n.len() >= SHORTEST_RSA_BYTES).map(Proof::Rs256)
            }
            _ => return Err(refused("it is signed with another algorithm than the project's")),
        };
        let is_standard = project.trusted.is_standard;
        let project_id = project.trusted.id.clone();
        Ok(Claimed { proof, project_id, is_standard, ..claimed })
    }

    /// The key of that id; asks for the keys when they are old, and when the id is new.
    async fn key(&self, at: usize, kid: &str) -> Result<Option<ProjectKey>> {
        let Some(project) = self.0.projects.get(at) else { return Ok(None) };
        let flight = {
            let mut keys = project.keys.lock();
            let now = self.0.server.0.host.monotonic();
            let age = keys.asked_at.map(|asked_at| now.saturating_sub(asked_at));
            let found = keys.known.iter().find(|key| key.kid == kid);
            match (age, found) {
                (Some(age), Some(key)) if age < KEYS_LIFE_MS => return Ok(Some(key.clone())),
                (Some(age), None) if age < KEYS_FLOOR_MS => return Ok(None),
                _ => {}
            }
            match keys.flight.as_ref().filter(|flight| !flight.has_landed()) {
                Some(flight) => flight.clone(),
                None => {
                    let (flight, pilot) = Flight::take_off();
                    keys.flight = Some(flight.clone());
                    drop(keys);
                    let verifier = self.clone();
                    // Goes on when its first caller gives up.
                    self.0.server.0.host.spawn(async move { pilot.land(verifier.fetch_keys(at).await) });
                    flight
                }
            }
        };
        (&flight).await?;
        let keys = project.keys.lock();
        Ok(keys.known.iter().find(|key| key.kid == kid).cloned())
    }

    async fn fetch_keys(&self, at: usize) -> Result<()> {
        let Some(project) = self.0.projects.get(at) else { return Ok(()) };
        let asked_at = self.0.server.0.host.monotonic();
        let known = self.0.server.project_keys(&project.trusted.id).await?;
        let mut keys = project.keys.lock();
        keys.known = known;
        keys.asked_at = Some(asked_at);
        Ok(())
    }
}

impl<H: Host> Clone for TokenVerifier<H> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<H: Host> std::fmt::Debug for TokenVerifier<H> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ids: Vec<_> = self.0.projects.iter().map(|project| project.trusted.id.as_str()).collect();
        f.debug_struct("TokenVerifier").field("projects", &ids).finish_non_exhaustive()
    }
}

/// A token taken apart. Nothing in it is true until it was judged.
pub(crate) struct Claimed {
    token: UserToken,
    header: Json,
    claims: Json,
    pub(crate) signature: Vec<u8>,
    /// `None`: the project has no such key.
    pub(crate) proof: Option<Proof>,
    project_id: String,
    is_standard: bool,
}

/// What a signature must fit.
pub(crate) enum Proof {
    Rs256(ProjectKey),
    Hs256(Secret),
}

fn take_apart(token: &UserToken) -> Option<Claimed> {
    let mut parts = token.expose().split('.').map(base64::decode_url);
    let (header, claims, signature) = (parts.next()??, parts.next()??, parts.next()??);
    let header = Json::parse_object(&header)?;
    // A header that demands what we do not know must be refused (RFC 7515 §4.1.11).
    if parts.next().is_some() || *header.get("crit") != Json::Null {
        return None;
    }
    let claims = Json::parse_object(&claims)?;
    let token = token.clone();
    Some(Claimed { token, header, claims, signature, proof: None, project_id: String::new(), is_standard: false })
}

impl Claimed {
    /// What was signed: the first two parts with the dot between them.
    pub(crate) fn message(&self) -> &[u8] {
        self.token.expose().rsplit_once('.').map_or(&[], |(message, _)| message.as_bytes())
    }

    #[cfg(not(target_family = "wasm"))]
    fn is_signed(&self) -> bool {
        use ring::{hmac, signature};
        match &self.proof {
            Some(Proof::Rs256(key)) => signature::RsaPublicKeyComponents { n: &key.n, e: &key.e }
                .verify(&signature::RSA_PKCS1_2048_8192_SHA256, self.message(), &self.signature)
                .is_ok(),
            Some(Proof::Hs256(secret)) => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
                hmac::verify(&key, self.message(), &self.signature).is_ok()
            }
            None => false,
        }
    }

    /// Who it speaks for. The signature comes first: of a token without one nothing is worth telling apart.
    pub(crate) fn judge(self, is_signed: bool, now_ms: u64) -> Result<VerifiedUser> {
        if !is_signed {
            return Err(refused("its signature is not one of the project's"));
        }
        let claims = &self.claims;
        let now_s = i64::try_from(now_ms / 1000).unwrap_or(i64::MAX);
        if claims.get("iss").as_text() != Some(ISSUER) {
            return Err(refused("it was not issued by Xsolla Login"));
        }
        let Some(user_id) = claims.filled("sub") else { return Err(refused("it names no user")) };
        let Some(exp) = claims.whole("exp") else { return Err(refused("it does not say when it ends")) };
        if exp.saturating_add(LEEWAY_S) <= now_s {
            return Err(Error::session_over(SessionOverReason::Expired));
        }
        if claims.whole("nbf").is_some_and(|nbf| nbf.saturating_sub(LEEWAY_S) > now_s) {
            return Err(refused("it is not valid yet"));
        }
        let jwt = Secret::new(self.token.expose());
        // The vendor's own claim, where there is one; a linked account's token may be of either project.
        let is_main = claims.flag("is_master").unwrap_or(self.is_standard);
        Ok(VerifiedUser {
            user_id,
            account: if is_main {
                Account::Main(MainToken::new(jwt))
            } else {
                Account::Platform(PlatformToken::new(jwt))
            },
            expires_at: seconds_to_ms(Some(exp)).unwrap_or_default(),
            platform: claims.text("provider"),
            platform_user_id: claims.loose("id").and_then(|id| id.rsplit('/').next().map(str::to_owned)),
            payload: claims.text("payload"),
            project_id: self.project_id,
        })
    }
}

fn refused(why: &str) -> Error {
    Error::new(
        crate::error::ErrorKind::SessionOver,
        ["the user token is not accepted: ", why, "; have the player sign in again"].concat(),
    )
}
