//! What a player presents, from one structure of C to the typed credential of each service.

use super::constants::*;
use super::input;
use super::refusal::{Fallible, Refusal};
use super::result::playerlink_result;
use super::types::playerlink_credential;
use crate::Secret;
use crate::services::Agreements;
use crate::xsolla::{DeviceKind, Jwt, Oauth, Protocol, Registration, SilentLogin, SocialToken, Ticket, UserToken};
use crate::{playfab, rallyhere};

/// The largest ticket, in bytes.
const LARGEST_TICKET: usize = 16 * 1024;

/// A credential, copied in, before it is known for which service.
pub(super) struct Presented {
    pub(super) kind: u32,
    flags: u32,
    accept: Agreements,
    token: Secret,
    ticket: Option<Bytes>,
    user_id: String,
    display_name: Option<String>,
    parent_token: Secret,
    parent_display_name: Option<String>,
    platform: String,
    app_id: String,
    user_hash: String,
    token_secret: Option<String>,
    device_model: String,
    email: Option<String>,
}

/// Bytes that are wiped.
struct Bytes(zeroize::Zeroizing<Vec<u8>>);

/// How to sign in with Xsolla.
pub(super) enum XsollaLogin {
    Password(String, Secret),
    Silent(SilentLogin, Protocol),
    Social(String, SocialToken, Protocol),
    Device(DeviceKind, String, Secret),
    Register(Registration, Protocol),
    Token(UserToken),
    /// The platform's ticket, for the game's own server.
    GameServer(Secret),
}

impl Presented {
    /// # Safety
    /// As [`input::read`], and its texts as [`input::text`].
    pub(super) unsafe fn read(from: *const playerlink_credential) -> Fallible<Self> {
        const FLAGS: u32 = PLAYERLINK_CREDENTIAL_CREATE_ACCOUNT
            | PLAYERLINK_CREDENTIAL_EXISTING_ONLY
            | PLAYERLINK_CREDENTIAL_TICKET_IS_SERVICE_SPECIFIC
            | PLAYERLINK_CREDENTIAL_JWT
            | PLAYERLINK_CREDENTIAL_CONSENT;
        const AGREEMENTS: u32 =
            PLAYERLINK_AGREEMENT_EULA | PLAYERLINK_AGREEMENT_TERMS_OF_SERVICE | PLAYERLINK_AGREEMENT_PRIVACY_POLICY;
        // SAFETY: the caller's word, for this and for all its texts.
        let raw = unsafe { input::read(from) }?;
        input::known_flags(raw.flags, FLAGS)?;
        input::known_flags(raw.accept, AGREEMENTS)?;
        if !(PLAYERLINK_CREDENTIAL_STEAM..=PLAYERLINK_CREDENTIAL_GRANT).contains(&raw.kind) {
            return Err(Refusal::argument("the kind of credential is unknown here"));
        }
        // SAFETY: the same.
        let ticket = unsafe { input::bytes(raw.ticket, LARGEST_TICKET) }?;
        let ticket = ticket.ok_or_else(|| Refusal::argument("the ticket is longer than 16 KiB"))?;
        // SAFETY: the same.
        unsafe {
            Ok(Self {
                kind: raw.kind,
                flags: raw.flags,
                accept: Agreements {
                    eula: raw.accept & PLAYERLINK_AGREEMENT_EULA != 0,
                    terms_of_service: raw.accept & PLAYERLINK_AGREEMENT_TERMS_OF_SERVICE != 0,
                    privacy_policy: raw.accept & PLAYERLINK_AGREEMENT_PRIVACY_POLICY != 0,
                },
                token: input::secret(raw.token)?,
                ticket: (!ticket.is_empty()).then(|| Bytes(ticket.to_vec().into())),
                user_id: input::text(raw.user_id)?,
                display_name: input::maybe_text(raw.display_name)?,
                parent_token: input::secret(raw.parent_token)?,
                parent_display_name: input::maybe_text(raw.parent_display_name)?,
                platform: input::text(raw.platform)?,
                app_id: input::text(raw.app_id)?,
                user_hash: input::text(raw.user_hash)?,
                token_secret: input::maybe_text(raw.token_secret)?,
                device_model: input::text(raw.device_model)?,
                email: input::maybe_text(raw.email)?,
            })
        }
    }

    fn has(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }

    /// The token, or the ticket's bytes in lower-case hexadecimal.
    fn hex(&self) -> Fallible<Secret> {
        match &self.ticket {
            Some(ticket) => {
                let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
                let mut text = String::with_capacity(ticket.0.len() * 2);
                for byte in ticket.0.iter() {
                    text.push(digit(byte >> 4));
                    text.push(digit(byte & 15));
                }
                Ok(Secret::new(text))
            }
            None => self.token(),
        }
    }

    fn token(&self) -> Fallible<Secret> {
        match (&self.ticket, self.token.is_empty()) {
            (Some(_), _) => Err(Refusal::argument("this credential's `token` is a text; `ticket` must be empty")),
            (None, true) => Err(Refusal::argument("the credential's `token` is empty")),
            (None, false) => Ok(self.token.clone()),
        }
    }

    fn user_id(&self) -> Fallible<&str> {
        needed(&self.user_id, "the credential's `user_id` is empty")
    }

    fn platform(&self) -> Fallible<&str> {
        needed(&self.platform, "the credential's `platform` is empty")
    }

    pub(super) fn for_rallyhere(&self) -> Fallible<rallyhere::Credential> {
        use rallyhere::Credential;
        let credential = match self.kind {
            PLAYERLINK_CREDENTIAL_STEAM => Credential::steam(self.hex()?),
            PLAYERLINK_CREDENTIAL_EPIC => Credential::epic(self.token()?),
            PLAYERLINK_CREDENTIAL_XBOX => Credential::xbox_live(self.token()?),
            PLAYERLINK_CREDENTIAL_PSN => Credential::ps5_v3(self.token()?),
            PLAYERLINK_CREDENTIAL_PS4 => Credential::ps4_v3(self.token()?),
            PLAYERLINK_CREDENTIAL_PS4_LEGACY => Credential::ps4_v1(self.token()?),
            PLAYERLINK_CREDENTIAL_NINTENDO_SWITCH => self.nintendo(Credential::nintendo_switch(self.token()?)),
            PLAYERLINK_CREDENTIAL_NINTENDO => self.nintendo(Credential::nintendo(self.token()?)),
            PLAYERLINK_CREDENTIAL_GOOGLE => Credential::google(self.token()?),
            PLAYERLINK_CREDENTIAL_APPLE => Credential::apple(self.token()?),
            PLAYERLINK_CREDENTIAL_ANDROID_DEVICE => Credential::android_device(self.user_id()?),
            PLAYERLINK_CREDENTIAL_IOS_DEVICE => Credential::ios_device(self.user_id()?),
            PLAYERLINK_CREDENTIAL_CUSTOM_ID => Credential::anon(self.user_id()?),
            PLAYERLINK_CREDENTIAL_PASSWORD => Credential::basic(self.user_id()?, &self.token()?),
            PLAYERLINK_CREDENTIAL_TOKEN => Credential::rallyhere(self.token()?),
            PLAYERLINK_CREDENTIAL_REFRESH_TOKEN => Credential::refresh(self.token()?),
            PLAYERLINK_CREDENTIAL_GRANT => {
                let parent_name = self.parent_display_name.as_deref().unwrap_or_default();
                Credential::raw(self.platform()?, self.token.clone(), self.parent_token.clone(), parent_name)
            }
            _ => return Err(not_of_service()),
        };
        Ok(match &self.display_name {
            Some(name) => credential.display_name(name),
            None => credential,
        }
        .accept(self.accept))
    }

    fn nintendo(&self, credential: rallyhere::NintendoCredential) -> rallyhere::Credential {
        let mut credential = credential;
        if !self.parent_token.is_empty() {
            credential = credential.parent_account(self.parent_token.clone());
        }
        if let Some(name) = &self.parent_display_name {
            credential = credential.parent_display_name(name);
        }
        credential.into()
    }

    pub(super) fn for_playfab(&self) -> Fallible<playfab::Credential> {
        use playfab::Credential;
        let credential = match self.kind {
            PLAYERLINK_CREDENTIAL_STEAM => {
                let credential = Credential::steam(self.hex()?);
                if self.has(PLAYERLINK_CREDENTIAL_TICKET_IS_SERVICE_SPECIFIC) {
                    credential.ticket_is_service_specific()
                } else {
                    credential
                }
            }
            PLAYERLINK_CREDENTIAL_XBOX => Credential::xbox(self.token()?),
            PLAYERLINK_CREDENTIAL_PSN => Credential::psn(self.token()?, self.app_id.as_str()),
            PLAYERLINK_CREDENTIAL_NINTENDO_SWITCH => Credential::nintendo_service_account(self.token()?),
            PLAYERLINK_CREDENTIAL_NINTENDO_DEVICE => Credential::nintendo_switch_device(self.user_id()?),
            PLAYERLINK_CREDENTIAL_GOOGLE => Credential::google(self.token()?),
            PLAYERLINK_CREDENTIAL_GOOGLE_PLAY_GAMES => Credential::google_play_games(self.token()?),
            PLAYERLINK_CREDENTIAL_APPLE => Credential::apple(self.token()?),
            PLAYERLINK_CREDENTIAL_FACEBOOK => Credential::facebook(self.token()?),
            PLAYERLINK_CREDENTIAL_FACEBOOK_LIMITED => Credential::facebook_limited(self.token()?),
            PLAYERLINK_CREDENTIAL_FACEBOOK_INSTANT_GAMES => Credential::facebook_instant_games(self.token()?),
            PLAYERLINK_CREDENTIAL_TWITCH => Credential::twitch(self.token()?),
            PLAYERLINK_CREDENTIAL_BATTLE_NET => Credential::battle_net(self.token()?),
            PLAYERLINK_CREDENTIAL_KONGREGATE => Credential::kongregate(self.user_id()?, self.token()?),
            PLAYERLINK_CREDENTIAL_OPEN_ID_CONNECT => Credential::open_id_connect(self.app_id.as_str(), self.token()?),
            PLAYERLINK_CREDENTIAL_ANDROID_DEVICE => Credential::android_device(self.user_id()?),
            PLAYERLINK_CREDENTIAL_IOS_DEVICE => Credential::ios_device(self.user_id()?),
            PLAYERLINK_CREDENTIAL_CUSTOM_ID => Credential::custom_id(self.user_id()?),
            PLAYERLINK_CREDENTIAL_PASSWORD => Credential::playfab(self.user_id.as_str(), self.token.clone()),
            PLAYERLINK_CREDENTIAL_EMAIL => Credential::email(self.user_id.as_str(), self.token.clone()),
            _ => return Err(not_of_service()),
        };
        Ok(if self.has(PLAYERLINK_CREDENTIAL_CREATE_ACCOUNT) { credential.create_account() } else { credential })
    }

    /// The registration, if it is one of PlayFab.
    pub(super) fn registration(&self) -> Option<playfab::Registration> {
        if self.kind != PLAYERLINK_CREDENTIAL_REGISTRATION {
            return None;
        }
        let mut registration = playfab::Registration::new(self.token.clone());
        if !self.user_id.is_empty() {
            registration = registration.username(self.user_id.as_str());
        }
        if let Some(email) = &self.email {
            registration = registration.email(email);
        }
        if let Some(name) = &self.display_name {
            registration = registration.display_name(name);
        }
        Some(registration)
    }

    pub(super) fn for_xsolla(&self, has_oauth: bool) -> Fallible<XsollaLogin> {
        let protocol: Protocol =
            if has_oauth && !self.has(PLAYERLINK_CREDENTIAL_JWT) { Oauth::new().into() } else { Jwt::new().into() };
        Ok(match self.kind {
            PLAYERLINK_CREDENTIAL_PASSWORD => XsollaLogin::Password(self.user_id.clone(), self.token.clone()),
            PLAYERLINK_CREDENTIAL_TOKEN => XsollaLogin::Token(self.token()?.into()),
            PLAYERLINK_CREDENTIAL_GAME_SERVER => XsollaLogin::GameServer(self.hex()?),
            PLAYERLINK_CREDENTIAL_SOCIAL => {
                let mut token = SocialToken::new(self.token()?);
                if let Some(secret) = &self.token_secret {
                    token = token.secret(secret.as_str());
                }
                XsollaLogin::Social(self.platform()?.to_owned(), token, protocol)
            }
            PLAYERLINK_CREDENTIAL_ANDROID_DEVICE => self.device(DeviceKind::Android)?,
            PLAYERLINK_CREDENTIAL_IOS_DEVICE => self.device(DeviceKind::Ios)?,
            PLAYERLINK_CREDENTIAL_REGISTRATION => {
                let email = self.email.as_deref().unwrap_or_default();
                let mut registration = Registration::new(self.user_id.as_str(), self.token.clone(), email);
                if self.has(PLAYERLINK_CREDENTIAL_CONSENT) {
                    registration = registration.accept_consent(true);
                }
                XsollaLogin::Register(registration, protocol)
            }
            _ => XsollaLogin::Silent(self.silent()?, protocol),
        })
    }

    fn device(&self, kind: DeviceKind) -> Fallible<XsollaLogin> {
        let model = needed(&self.device_model, "the credential's `device_model` is empty")?;
        Ok(XsollaLogin::Device(kind, model.to_owned(), self.user_id()?.into()))
    }

    /// Silent authentication with Xsolla.
    pub(super) fn silent(&self) -> Fallible<SilentLogin> {
        let login = match self.kind {
            PLAYERLINK_CREDENTIAL_STEAM => SilentLogin::steam(self.app_id.as_str(), self.encoded()?),
            PLAYERLINK_CREDENTIAL_XBOX => SilentLogin::xbox(self.user_id()?, &self.user_hash, &self.token()?)
                .map_err(|error| Refusal::from(&error))?,
            PLAYERLINK_CREDENTIAL_EPIC => SilentLogin::epic(&self.token()?),
            PLAYERLINK_CREDENTIAL_SILENT => SilentLogin::platform(self.platform()?, self.encoded()?),
            PLAYERLINK_CREDENTIAL_SILENT_CODE => SilentLogin::by_code(self.platform()?, self.token()?),
            _ => return Err(not_of_service()),
        };
        let login = match self.kind {
            PLAYERLINK_CREDENTIAL_SILENT | PLAYERLINK_CREDENTIAL_SILENT_CODE if !self.app_id.is_empty() => {
                login.app_id(self.app_id.as_str())
            }
            _ => login,
        };
        Ok(if self.has(PLAYERLINK_CREDENTIAL_EXISTING_ONLY) { login.existing_only() } else { login })
    }

    /// The ticket as Xsolla takes it: bytes in Base64, a text as it is.
    fn encoded(&self) -> Fallible<Ticket> {
        match &self.ticket {
            Some(ticket) => Ok(Ticket::base64(&ticket.0)),
            None => Ok(Ticket::verbatim(self.token()?)),
        }
    }
}

fn needed<'a>(text: &'a str, sentence: &'static str) -> Fallible<&'a str> {
    if text.is_empty() { Err(Refusal::argument(sentence)) } else { Ok(text) }
}

fn not_of_service() -> Refusal {
    Refusal::new(playerlink_result::PLAYERLINK_E_UNSUPPORTED, "this service takes no credential of that kind")
}
