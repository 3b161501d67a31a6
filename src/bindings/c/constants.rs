//! The numbers of the C ABI that are not results: given once, never changed, never used again.

/// The version of this ABI: the high half changes when something breaks, the low half when something is added.
pub const PLAYERLINK_ABI_VERSION: u32 = 0x0001_0000;

/// `playerlink_str.len` of a text given in: it goes on to a NUL.
pub const PLAYERLINK_NUL_TERMINATED: usize = usize::MAX;

/// `playerlink_client_options.service`: RallyHere.
pub const PLAYERLINK_SERVICE_RALLYHERE: u32 = 1;
/// `playerlink_client_options.service`: Xsolla Login.
pub const PLAYERLINK_SERVICE_XSOLLA: u32 = 2;
/// `playerlink_client_options.service`: PlayFab.
pub const PLAYERLINK_SERVICE_PLAYFAB: u32 = 3;

/// `playerlink_client_options.flags`: the library does HTTP itself, with a thread of its own. Only where it was built
/// with that; elsewhere `playerlink_client_create` answers `PLAYERLINK_E_UNSUPPORTED`.
pub const PLAYERLINK_OPTION_BUILTIN_HTTP: u32 = 1;
/// `playerlink_client_options.flags`: the game can give a new credential when a session can no longer be refreshed; it is
/// asked by an event of kind `PLAYERLINK_EVENT_TICKET_WANTED`.
pub const PLAYERLINK_OPTION_TICKETS: u32 = 2;
/// `playerlink_client_options.flags`: a login that failed because the service is busy is not tried again by itself.
pub const PLAYERLINK_OPTION_NO_RETRIES: u32 = 4;

/// `playerlink_client_options.log_level`: nothing is logged.
pub const PLAYERLINK_LOG_OFF: u32 = 0;
/// A defect in the set-up.
pub const PLAYERLINK_LOG_ERROR: u32 = 1;
/// Worked around, but worth a look.
pub const PLAYERLINK_LOG_WARN: u32 = 2;
/// Things that happened once.
pub const PLAYERLINK_LOG_INFO: u32 = 3;
/// Steps of normal work.
pub const PLAYERLINK_LOG_DEBUG: u32 = 4;

/// `playerlink_credential.kind`: a Steam session ticket. RallyHere, Xsolla (with `app_id`), PlayFab. As text, or as bytes
/// in `ticket`.
pub const PLAYERLINK_CREDENTIAL_STEAM: u32 = 1;
/// An Epic Games token (RallyHere) or exchange code (Xsolla).
pub const PLAYERLINK_CREDENTIAL_EPIC: u32 = 2;
/// An Xbox XSTS token. RallyHere, PlayFab; Xsolla also needs `user_id` (the Xbox user id) and `user_hash`.
pub const PLAYERLINK_CREDENTIAL_XBOX: u32 = 3;
/// A PSN authorization code. RallyHere (PlayStation 5 titles), PlayFab (with `app_id`: the redirect URI).
pub const PLAYERLINK_CREDENTIAL_PSN: u32 = 4;
/// A PSN authorization code of a PlayStation 4 title with cross-generation support. RallyHere.
pub const PLAYERLINK_CREDENTIAL_PS4: u32 = 5;
/// A PlayStation 4 credential of the older kind. RallyHere.
pub const PLAYERLINK_CREDENTIAL_PS4_LEGACY: u32 = 6;
/// A Nintendo service account token (Switch). RallyHere (with `parent_token`), PlayFab.
pub const PLAYERLINK_CREDENTIAL_NINTENDO_SWITCH: u32 = 7;
/// A Nintendo Account token of the older kind. RallyHere (with `parent_token`).
pub const PLAYERLINK_CREDENTIAL_NINTENDO: u32 = 8;
/// A Nintendo Switch device's id in `user_id`. PlayFab.
pub const PLAYERLINK_CREDENTIAL_NINTENDO_DEVICE: u32 = 9;
/// A Google ID token (RallyHere) or server authorization code (PlayFab).
pub const PLAYERLINK_CREDENTIAL_GOOGLE: u32 = 10;
/// A server authorization code of Google Play Games. PlayFab.
pub const PLAYERLINK_CREDENTIAL_GOOGLE_PLAY_GAMES: u32 = 11;
/// An identity token of Sign in with Apple. RallyHere, PlayFab.
pub const PLAYERLINK_CREDENTIAL_APPLE: u32 = 12;
/// An access token of Facebook. PlayFab.
pub const PLAYERLINK_CREDENTIAL_FACEBOOK: u32 = 13;
/// An authentication token of Facebook's limited login. PlayFab.
pub const PLAYERLINK_CREDENTIAL_FACEBOOK_LIMITED: u32 = 14;
/// A signature of Facebook Instant Games. PlayFab.
pub const PLAYERLINK_CREDENTIAL_FACEBOOK_INSTANT_GAMES: u32 = 15;
/// An access token of Twitch. PlayFab.
pub const PLAYERLINK_CREDENTIAL_TWITCH: u32 = 16;
/// An identity token of Battle.net. PlayFab.
pub const PLAYERLINK_CREDENTIAL_BATTLE_NET: u32 = 17;
/// A ticket of Kongregate, with `user_id`. PlayFab.
pub const PLAYERLINK_CREDENTIAL_KONGREGATE: u32 = 18;
/// An OpenID Connect ID token, with the connection's id in `app_id`. PlayFab.
pub const PLAYERLINK_CREDENTIAL_OPEN_ID_CONNECT: u32 = 19;
/// An Android device's id in `user_id`. RallyHere, PlayFab; Xsolla also needs `device_model`.
pub const PLAYERLINK_CREDENTIAL_ANDROID_DEVICE: u32 = 20;
/// An iOS device's id in `user_id`. RallyHere, PlayFab; Xsolla also needs `device_model`.
pub const PLAYERLINK_CREDENTIAL_IOS_DEVICE: u32 = 21;
/// An id of the game's own in `user_id`: PlayFab's custom id, RallyHere's anonymous player (for testing).
pub const PLAYERLINK_CREDENTIAL_CUSTOM_ID: u32 = 22;
/// What the player types: `user_id` and, in `token`, the password. All three services.
pub const PLAYERLINK_CREDENTIAL_PASSWORD: u32 = 23;
/// An e-mail address in `user_id` and, in `token`, the password. PlayFab.
pub const PLAYERLINK_CREDENTIAL_EMAIL: u32 = 24;
/// A social network's access token, with the network's name in `platform`. Xsolla.
pub const PLAYERLINK_CREDENTIAL_SOCIAL: u32 = 25;
/// Silent authentication by a ticket of the platform named in `platform`. Xsolla.
pub const PLAYERLINK_CREDENTIAL_SILENT: u32 = 26;
/// Silent authentication by a code of the platform named in `platform`. Xsolla.
pub const PLAYERLINK_CREDENTIAL_SILENT_CODE: u32 = 27;
/// A token that somebody else obtained: a user JWT of Xsolla (not stored, cannot be refreshed), or a token of the
/// RallyHere developer portal.
pub const PLAYERLINK_CREDENTIAL_TOKEN: u32 = 28;
/// A refresh token of an earlier login. RallyHere.
pub const PLAYERLINK_CREDENTIAL_REFRESH_TOKEN: u32 = 29;
/// A new account: `user_id` (the user name), `email`, and in `token` the password. Xsolla, PlayFab.
pub const PLAYERLINK_CREDENTIAL_REGISTRATION: u32 = 30;
/// The platform's ticket, shown to the game's own server, which signs in with Xsolla (docs/link-by-code.md). Xsolla, with
/// `game_server_url`.
pub const PLAYERLINK_CREDENTIAL_GAME_SERVER: u32 = 31;
/// Any grant by its name in `platform`, for what this version does not know. RallyHere.
pub const PLAYERLINK_CREDENTIAL_GRANT: u32 = 32;

/// `playerlink_credential.flags`: make the account if there is none. PlayFab.
pub const PLAYERLINK_CREDENTIAL_CREATE_ACCOUNT: u32 = 1;
/// Only players who have an account already. Xsolla.
pub const PLAYERLINK_CREDENTIAL_EXISTING_ONLY: u32 = 2;
/// The Steam ticket was made for this service alone. PlayFab.
pub const PLAYERLINK_CREDENTIAL_TICKET_IS_SERVICE_SPECIFIC: u32 = 4;
/// The JWT protocol, also where the client has OAuth 2.0. Xsolla.
pub const PLAYERLINK_CREDENTIAL_JWT: u32 = 8;
/// The player agreed to the processing of personal data. Xsolla's registration.
pub const PLAYERLINK_CREDENTIAL_CONSENT: u32 = 16;

/// `playerlink_credential.accept` and `playerlink_error.agreements`: the end-user licence agreement.
pub const PLAYERLINK_AGREEMENT_EULA: u32 = 1;
/// The terms of service.
pub const PLAYERLINK_AGREEMENT_TERMS_OF_SERVICE: u32 = 2;
/// The privacy policy.
pub const PLAYERLINK_AGREEMENT_PRIVACY_POLICY: u32 = 4;

/// `playerlink_completion.kind`: of `playerlink_login`.
pub const PLAYERLINK_COMPLETION_LOGIN: u32 = 1;
/// Of `playerlink_session_restore` and `playerlink_account_restore`.
pub const PLAYERLINK_COMPLETION_RESTORE: u32 = 2;
/// Of `playerlink_session_refresh`.
pub const PLAYERLINK_COMPLETION_REFRESH: u32 = 3;
/// Of `playerlink_session_prepare_token`.
pub const PLAYERLINK_COMPLETION_TOKEN: u32 = 4;
/// Of `playerlink_logout`.
pub const PLAYERLINK_COMPLETION_LOGOUT: u32 = 5;
/// Of `playerlink_account_links`.
pub const PLAYERLINK_COMPLETION_LINKS: u32 = 6;
/// Of `playerlink_account_link`.
pub const PLAYERLINK_COMPLETION_LINK: u32 = 7;
/// Of `playerlink_account_unlink`.
pub const PLAYERLINK_COMPLETION_UNLINK: u32 = 8;
/// Of `playerlink_cross_progression_enable`.
pub const PLAYERLINK_COMPLETION_CROSS_PROGRESSION_ENABLE: u32 = 9;
/// Of `playerlink_cross_progression_disable`.
pub const PLAYERLINK_COMPLETION_CROSS_PROGRESSION_DISABLE: u32 = 10;
/// Of `playerlink_linking_code_create`.
pub const PLAYERLINK_COMPLETION_LINKING_CODE: u32 = 11;
/// Of `playerlink_link_by_code`.
pub const PLAYERLINK_COMPLETION_LINK_BY_CODE: u32 = 12;
/// Of `playerlink_accounts_list`.
pub const PLAYERLINK_COMPLETION_ACCOUNTS: u32 = 13;
/// An event (`op` is 0): something about the session can be seen that could not be before; see `session`.
pub const PLAYERLINK_EVENT_SESSION_CHANGED: u32 = 101;
/// An event: another player is active now, or another person is behind them. Load that player's data; see `session`.
pub const PLAYERLINK_EVENT_PLAYER_CHANGED: u32 = 102;
/// An event: the session is over, `session->over_reason` says why. The player has to sign in again.
pub const PLAYERLINK_EVENT_SESSION_OVER: u32 = 103;
/// An event: the session can go on only with a new platform ticket; answer with `playerlink_ticket_provide` within 60 s.
pub const PLAYERLINK_EVENT_TICKET_WANTED: u32 = 104;
/// An event: the linking code on the screen has changed; see `linking`.
pub const PLAYERLINK_EVENT_LINKING_CHANGED: u32 = 105;

/// `playerlink_completion.flags`: what was asked for was not so before (link, unlink, cross-progression).
pub const PLAYERLINK_COMPLETION_CHANGED: u32 = 1;
/// Another player is active now than before the call.
pub const PLAYERLINK_COMPLETION_PLAYER_CHANGED: u32 = 2;
/// The service confirmed the sign-out.
pub const PLAYERLINK_COMPLETION_REVOKED: u32 = 4;

/// `playerlink_session.status`: there is no session.
pub const PLAYERLINK_SESSION_NONE: u32 = 0;
/// There is a session; its token may still have to be refreshed.
pub const PLAYERLINK_SESSION_SIGNED_IN: u32 = 1;
/// It is over, `over_reason` says why.
pub const PLAYERLINK_SESSION_OVER: u32 = 2;
/// `playerlink_session.flags`: the storage has it; without this it ends with the program.
pub const PLAYERLINK_SESSION_STORED: u32 = 1;

/// `over_reason`: not over.
pub const PLAYERLINK_OVER_NOT: u32 = 0;
/// Signed out.
pub const PLAYERLINK_OVER_SIGNED_OUT: u32 = 1;
/// The service no longer accepts the refresh token.
pub const PLAYERLINK_OVER_REFRESH_REJECTED: u32 = 2;
/// A refresh got no answer, and the service then no longer accepted the session.
pub const PLAYERLINK_OVER_OUTCOME_UNKNOWN: u32 = 3;
/// The access token has expired and there is nothing to get a new one with.
pub const PLAYERLINK_OVER_EXPIRED: u32 = 4;
/// The account may not be used any more.
pub const PLAYERLINK_OVER_RESTRICTED: u32 = 5;

/// `playerlink_http_response.failure`, while `status` is 0: refused, reset, DNS, TLS, offline.
pub const PLAYERLINK_HTTP_NETWORK: u32 = 0;
/// No complete answer in time.
pub const PLAYERLINK_HTTP_TIMEOUT: u32 = 1;
/// The body is over 1 MiB.
pub const PLAYERLINK_HTTP_BODY_TOO_LARGE: u32 = 2;
/// A redirect that the platform does not show.
pub const PLAYERLINK_HTTP_REDIRECT: u32 = 3;
/// The connection ended inside the body.
pub const PLAYERLINK_HTTP_TRUNCATED: u32 = 4;
/// The platform's set-up does not allow it, e.g. no certificates.
pub const PLAYERLINK_HTTP_UNUSABLE: u32 = 5;

/// `playerlink_storage_request.kind`: answer with the bytes stored under the key.
pub const PLAYERLINK_STORAGE_LOAD: u32 = 1;
/// Replace what is stored under the key by `value`.
pub const PLAYERLINK_STORAGE_STORE: u32 = 2;
/// Remove what is stored under the key.
pub const PLAYERLINK_STORAGE_DELETE: u32 = 3;

/// `playerlink_client_notify`: the machine woke, or the game came to the front again.
pub const PLAYERLINK_NOTIFY_RESUMED: u32 = 1;
/// The system says that there is no network.
pub const PLAYERLINK_NOTIFY_OFFLINE: u32 = 2;
/// The system says that there is a network again.
pub const PLAYERLINK_NOTIFY_ONLINE: u32 = 3;

/// `playerlink_link_request.kind`: link this account to the player who owns the access token in `leader`. RallyHere.
pub const PLAYERLINK_LINK_TO_TOKEN: u32 = 1;
/// Link to the person whose id is in `leader`. RallyHere; needs special permissions.
pub const PLAYERLINK_LINK_TO_PERSON: u32 = 2;
/// Link to the owner of the identity in `leader_platform` and `leader`. RallyHere; needs special permissions.
pub const PLAYERLINK_LINK_TO_PLATFORM: u32 = 3;
/// Add the account that `credential` proves. PlayFab.
pub const PLAYERLINK_LINK_CREDENTIAL: u32 = 4;
/// `playerlink_link_request.flags`: take the account away from whoever has it now. PlayFab.
pub const PLAYERLINK_LINK_FORCE: u32 = 1;

/// `playerlink_linking_snapshot.state`: nothing was asked for yet.
pub const PLAYERLINK_LINKING_IDLE: u32 = 0;
/// A code is being asked for.
pub const PLAYERLINK_LINKING_REQUESTING: u32 = 1;
/// There is a code.
pub const PLAYERLINK_LINKING_ACTIVE: u32 = 2;
/// There is a code, and little time is left.
pub const PLAYERLINK_LINKING_EXPIRING: u32 = 3;
/// The old code is struck through until the new one is here.
pub const PLAYERLINK_LINKING_RENEWING: u32 = 4;
/// The code is too old.
pub const PLAYERLINK_LINKING_EXPIRED: u32 = 5;
/// The service asks to wait.
pub const PLAYERLINK_LINKING_LIMITED: u32 = 6;
/// Something says that the code was used.
pub const PLAYERLINK_LINKING_CHECKING: u32 = 7;
/// Linked.
pub const PLAYERLINK_LINKING_LINKED: u32 = 8;
/// Failed; see `result`.
pub const PLAYERLINK_LINKING_FAILED: u32 = 9;
/// Cancelled.
pub const PLAYERLINK_LINKING_CANCELLED: u32 = 10;
/// `playerlink_linking_snapshot.flags`: the code is concealed (for streams), and its texts are empty.
pub const PLAYERLINK_LINKING_CONCEALED: u32 = 1;
/// The code does not look as codes of this title do. It is shown whole all the same.
pub const PLAYERLINK_LINKING_FORMAT_MISMATCH: u32 = 2;

/// `playerlink_linking_act`: a new code.
pub const PLAYERLINK_LINKING_ACT_NEW_CODE: u32 = 1;
/// Keep this code for as long as it lives.
pub const PLAYERLINK_LINKING_ACT_KEEP: u32 = 2;
/// Take the code off the screen.
pub const PLAYERLINK_LINKING_ACT_CANCEL: u32 = 3;
/// Conceal the code.
pub const PLAYERLINK_LINKING_ACT_CONCEAL: u32 = 4;
/// Show it again.
pub const PLAYERLINK_LINKING_ACT_REVEAL: u32 = 5;
/// The player says that it is done.
pub const PLAYERLINK_LINKING_ACT_FINISHED: u32 = 6;
/// Nobody looks at the code: another menu is on top, the game is suspended. It is not renewed meanwhile.
pub const PLAYERLINK_LINKING_ACT_HIDDEN: u32 = 7;
/// Somebody looks again.
pub const PLAYERLINK_LINKING_ACT_VISIBLE: u32 = 8;

/// `playerlink_code_entry.problem`: it can be sent.
pub const PLAYERLINK_CODE_GOOD: u32 = 0;
/// Nothing was typed.
pub const PLAYERLINK_CODE_EMPTY: u32 = 1;
/// `count` characters are missing.
pub const PLAYERLINK_CODE_TOO_SHORT: u32 = 2;
/// `count` characters too many.
pub const PLAYERLINK_CODE_TOO_LONG: u32 = 3;
/// The character at `position` is not one that codes have.
pub const PLAYERLINK_CODE_BAD_CHARACTER: u32 = 4;
/// One character is wrong, or two are swapped.
pub const PLAYERLINK_CODE_BAD_CHECK_DIGIT: u32 = 5;

/// `playerlink_code_format.kind`: six digits (Xsolla).
pub const PLAYERLINK_CODE_DIGITS_6: u32 = 1;
/// Eight digits.
pub const PLAYERLINK_CODE_DIGITS_8: u32 = 2;
/// Ten digits.
pub const PLAYERLINK_CODE_DIGITS_10: u32 = 3;
/// Eight consonants of RFC 8628.
pub const PLAYERLINK_CODE_BASE20_8: u32 = 4;
/// What `alphabet` and `length` say.
pub const PLAYERLINK_CODE_CUSTOM: u32 = 5;
/// Six of A to Z and 0 to 9: what an older call of Xsolla documents.
pub const PLAYERLINK_CODE_XSOLLA_LEGACY_6: u32 = 6;
