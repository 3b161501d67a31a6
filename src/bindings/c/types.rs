//! What crosses the C ABI. Every structure that may grow begins with its size; nothing crosses with ownership.
//!
//! There is no implicit padding in any of them, on 32 and on 64 bit: new fields come at the end, 8 bytes at a time, and
//! zero means "as before".

use core::ffi::{c_char, c_void};

use super::result::playerlink_result;

/// A client. 0 never is one. Under 2^53, so that it also fits the numbers of Lua and JavaScript. Using one that was
/// destroyed, or a made-up one, answers `PLAYERLINK_E_BAD_HANDLE`.
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct playerlink_client(pub u64);

/// An operation under way. 0 never is one; no two operations of a process have the same. Under 2^53.
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct playerlink_op(pub u64);

/// A text in UTF-8. Given in: `len` may be `PLAYERLINK_NUL_TERMINATED` (all bits one); NULL with length 0 is an empty
/// text. Given out: a NUL follows, which `len` does not count.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct playerlink_str {
    /// The first byte.
    pub ptr: *const c_char,
    /// How many bytes.
    pub len: usize,
}

/// Bytes. NULL with length 0 is none.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct playerlink_bytes {
    /// The first byte.
    pub ptr: *const u8,
    /// How many bytes.
    pub len: usize,
}

/// A header of HTTP. Never grows, since it stands in arrays.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct playerlink_header {
    /// In requests in lower case; in responses in any case.
    pub name: playerlink_str,
    /// The value.
    pub value: playerlink_str,
}

/// A request for the host to send: one absolute URL, no redirect followed, no retry. Valid during the call only.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct playerlink_http_request {
    /// What the library filled.
    pub struct_size: u32,
    /// The library gives up after this long by its own; a host that can passes it on. Milliseconds.
    pub timeout_ms: u32,
    /// To complete it with. Under 2^53.
    pub id: u64,
    /// `GET`, `POST`, `PUT` or `DELETE`.
    pub method: playerlink_str,
    /// Absolute; https, or http on loopback.
    pub url: playerlink_str,
    /// The headers. They hold secrets.
    pub headers: *const playerlink_header,
    /// How many.
    pub header_count: usize,
    /// The body. It holds secrets.
    pub body: playerlink_bytes,
}

/// What came back. Copied during the call.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct playerlink_http_response {
    /// `sizeof` of this structure.
    pub struct_size: u32,
    /// 100 to 999, or 0: there is no answer, see `failure`.
    pub status: u32,
    /// The headers; at least `Retry-After`, `Date`, `Location` and `Content-Type`, where they are there.
    pub headers: *const playerlink_header,
    /// How many, at most 256.
    pub header_count: usize,
    /// The body, at most 1 MiB.
    pub body: playerlink_bytes,
    /// Without a status: `PLAYERLINK_HTTP_…`.
    pub failure: u32,
    /// 0.
    pub reserved: u32,
}

/// Something for the host to keep. At most one request is under way for a key. Valid during the call only.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct playerlink_storage_request {
    /// What the library filled.
    pub struct_size: u32,
    /// `PLAYERLINK_STORAGE_…`.
    pub kind: u32,
    /// To complete it with. Under 2^53.
    pub id: u64,
    /// At most 64 characters `a` to `z`, `0` to `9` and `-`: good as a file's name. There are few.
    pub key: playerlink_str,
    /// What to store. It holds secrets.
    pub value: playerlink_bytes,
}

/// Sends the request and answers 0; the answer comes by `playerlink_http_complete`, from any thread, also in this call.
/// Anything but 0: it was not sent.
pub type playerlink_http_send_fn = Option<
    unsafe extern "C" fn(
        user_data: *mut c_void,
        client: playerlink_client,
        request: *const playerlink_http_request,
    ) -> i32,
>;

/// Nobody waits for this request any more.
pub type playerlink_http_cancel_fn =
    Option<unsafe extern "C" fn(user_data: *mut c_void, client: playerlink_client, request_id: u64)>;

/// Loads, stores or deletes and answers 0; the outcome comes by `playerlink_storage_complete`, from any thread, also in
/// this call. Anything but 0: it cannot.
pub type playerlink_storage_fn = Option<
    unsafe extern "C" fn(
        user_data: *mut c_void,
        client: playerlink_client,
        request: *const playerlink_storage_request,
    ) -> i32,
>;

/// Fills `len` bytes with numbers nobody can guess and answers 0. Called in any function and from any thread.
pub type playerlink_random_fn = Option<unsafe extern "C" fn(user_data: *mut c_void, out: *mut u8, len: usize) -> i32>;

/// A line for the developer: `level` is `PLAYERLINK_LOG_…`, the text holds no secret. Valid during the call only.
pub type playerlink_log_fn =
    Option<unsafe extern "C" fn(user_data: *mut c_void, level: u32, text: *const playerlink_str)>;

/// What the platform does for the library. Copied by `playerlink_client_create`; what `user_data` points at must outlive
/// `playerlink_client_destroy`. Called in tick and destroy only, but for `random` and `log`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct playerlink_host {
    /// `sizeof` of this structure.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// Given to each of them.
    pub user_data: *mut c_void,
    /// Needed, unless the client is made with `PLAYERLINK_OPTION_BUILTIN_HTTP`.
    pub http_send: playerlink_http_send_fn,
    /// May be NULL.
    pub http_cancel: playerlink_http_cancel_fn,
    /// NULL: sessions end with the program.
    pub storage: playerlink_storage_fn,
    /// NULL: the system's source, where the library was built with it.
    pub random: playerlink_random_fn,
    /// May be NULL.
    pub log: playerlink_log_fn,
}

/// What a client is made with. All texts are copied.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct playerlink_client_options {
    /// `sizeof` of this structure.
    pub struct_size: u32,
    /// `PLAYERLINK_ABI_VERSION`.
    pub abi_version: u32,
    /// `PLAYERLINK_SERVICE_…`.
    pub service: u32,
    /// `PLAYERLINK_OPTION_…`.
    pub flags: u32,
    /// `PLAYERLINK_LOG_…`; 0: nothing.
    pub log_level: u32,
    /// The deadline of one call, 1 to 120000 ms; 0: 10000.
    pub timeout_ms: u32,
    /// RallyHere: the environment's id, e.g. `demo`.
    pub environment: playerlink_str,
    /// RallyHere: the client's id. Xsolla: that of the public OAuth 2.0 client; without one there is no refresh.
    pub client_id: playerlink_str,
    /// RallyHere: what ships in public game clients. Never a server's secret.
    pub client_secret: playerlink_str,
    /// Xsolla: the Login project's id, a UUID.
    pub project_id: playerlink_str,
    /// Xsolla: the redirect URI registered for the OAuth 2.0 client.
    pub redirect_uri: playerlink_str,
    /// PlayFab: the title's id.
    pub title_id: playerlink_str,
    /// Another address of the service, e.g. an emulator's; empty: the service's own.
    pub base_url: playerlink_str,
    /// The game's own server, for linking by code (docs/link-by-code.md).
    pub game_server_url: playerlink_str,
    /// The host.
    pub host: *const playerlink_host,
    /// Gets the events in tick; NULL: they are for `playerlink_client_next_event`.
    pub event: playerlink_done_fn,
    /// Given to it.
    pub event_user_data: *mut c_void,
}

/// What a player presents. `kind` says which fields count; all others must be zero. All is copied, and wiped after use.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct playerlink_credential {
    /// `sizeof` of this structure.
    pub struct_size: u32,
    /// `PLAYERLINK_CREDENTIAL_…`.
    pub kind: u32,
    /// `PLAYERLINK_CREDENTIAL_CREATE_ACCOUNT` and its like.
    pub flags: u32,
    /// The agreements the player has accepted now: `PLAYERLINK_AGREEMENT_…`. RallyHere.
    pub accept: u32,
    /// The platform's ticket, token or code; the password.
    pub token: playerlink_str,
    /// Instead of `token`: the ticket's bytes, which are encoded as the service wants them.
    pub ticket: playerlink_bytes,
    /// User name, e-mail address, device id, custom id, Xbox user id.
    pub user_id: playerlink_str,
    /// The name the platform shows for the player.
    pub display_name: playerlink_str,
    /// Nintendo: the player's Nintendo Account ID token.
    pub parent_token: playerlink_str,
    /// Nintendo: the Nintendo Account's name.
    pub parent_display_name: playerlink_str,
    /// The name of the platform, network or grant.
    pub platform: playerlink_str,
    /// Steam's app id, the redirect URI of PSN, the OpenID connection.
    pub app_id: playerlink_str,
    /// Xbox at Xsolla: the user hash.
    pub user_hash: playerlink_str,
    /// The second half of a social token, an OpenID.
    pub token_secret: playerlink_str,
    /// Devices: a name of the model.
    pub device_model: playerlink_str,
    /// Registration: the e-mail address.
    pub email: playerlink_str,
}

/// A session as it can be seen. Given by the library; in `playerlink_session_get` filled for the caller.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct playerlink_session {
    /// What was filled; for `playerlink_session_get` set by the caller to `sizeof`.
    pub struct_size: u32,
    /// `PLAYERLINK_SESSION_STORED`.
    pub flags: u32,
    /// `PLAYERLINK_SESSION_NONE`, `_SIGNED_IN` or `_OVER`.
    pub status: u32,
    /// `PLAYERLINK_OVER_…`.
    pub over_reason: u32,
    /// Grows with each change.
    pub revision: u64,
    /// The active player's id: whose data counts now.
    pub player_id: playerlink_str,
    /// RallyHere: the person that owns the linked platform accounts.
    pub person_id: playerlink_str,
    /// The platform that signed in, as the service spells it.
    pub platform: playerlink_str,
    /// The id on that platform.
    pub platform_user_id: playerlink_str,
    /// The name to show.
    pub display_name: playerlink_str,
}

/// A restriction on the account. Never grows, since it stands in arrays.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct playerlink_restriction {
    /// The service's word, e.g. `account_ban`.
    pub kind: playerlink_str,
    /// The service's word for why; may be empty.
    pub reason: playerlink_str,
    /// When it ends, milliseconds since 1970; 0: it does not end.
    pub expires_at_ms: u64,
}

/// Why an operation failed. No text in it holds a secret.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct playerlink_error {
    /// What the library filled.
    pub struct_size: u32,
    /// What the caller can do about it: branch on this. Newer libraries may have further values.
    pub result: playerlink_result,
    /// The HTTP status; 0: there was no answer.
    pub http_status: u32,
    /// How long to wait before trying again, milliseconds; 0: the service does not say.
    pub retry_after_ms: u32,
    /// The number of the service's code, as `playerlink_codes.h` has it; 0: no code, or one this version does not know.
    pub service_code_number: u32,
    /// Why the session is over: `PLAYERLINK_OVER_…`.
    pub over_reason: u32,
    /// The agreements still to be accepted: `PLAYERLINK_AGREEMENT_…`.
    pub agreements: u32,
    /// 0.
    pub reserved: u32,
    /// The service's code as it spells it; may be empty.
    pub service_code: playerlink_str,
    /// For developers: what happened and what to do.
    pub message: playerlink_str,
    /// A sentence in English that may be shown to the player; may be empty.
    pub player_message: playerlink_str,
    /// The service's id of the request, for support; may be empty.
    pub request_id: playerlink_str,
    /// What blocks the account.
    pub restrictions: *const playerlink_restriction,
    /// How many.
    pub restriction_count: usize,
}

/// A linked account. Never grows, since it stands in arrays.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct playerlink_linked_account {
    /// The platform as the service spells it, e.g. `XboxLive`.
    pub platform: playerlink_str,
    /// The id on that platform; may be empty.
    pub platform_user_id: playerlink_str,
    /// The name to show; may be empty.
    pub display_name: playerlink_str,
    /// RallyHere: the account's own player; may be empty.
    pub player_id: playerlink_str,
}

/// The linked accounts of a player.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct playerlink_links {
    /// What the library filled.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// Whose they are.
    pub player_id: playerlink_str,
    /// RallyHere: the person.
    pub person_id: playerlink_str,
    /// RallyHere: the cross-progression player; empty: cross-progression is off.
    pub active_player_id: playerlink_str,
    /// The accounts.
    pub accounts: *const playerlink_linked_account,
    /// How many.
    pub account_count: usize,
}

/// A player who is signed in on this device. Never grows, since it stands in arrays.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct playerlink_account {
    /// What the session is kept under: for `playerlink_account_restore`.
    pub account_id: playerlink_str,
    /// The player when last seen.
    pub player_id: playerlink_str,
    /// The platform that signed in, as the service spells it; may be empty.
    pub platform: playerlink_str,
    /// The name to show; may be empty.
    pub display_name: playerlink_str,
}

/// Who is signed in on this device.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct playerlink_accounts {
    /// What the library filled.
    pub struct_size: u32,
    /// 1: `playerlink_session_restore` takes up the first of them. 0: none of them.
    pub has_active: u32,
    /// The accounts.
    pub accounts: *const playerlink_account,
    /// How many.
    pub account_count: usize,
}

/// What the player must tell first (`PLAYERLINK_NEEDS_USER_DATA`).
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct playerlink_user_data_request {
    /// What the library filled.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// The page to open in a browser. Do not log it: it continues this sign-in.
    pub url: playerlink_str,
}

/// A linking code on a screen. Given by the library; in `playerlink_linking_get` filled for the caller.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct playerlink_linking_snapshot {
    /// What was filled; for `playerlink_linking_get` set by the caller to `sizeof`.
    pub struct_size: u32,
    /// `PLAYERLINK_LINKING_IDLE` and its like.
    pub state: u32,
    /// Grows with each change: draw again.
    pub revision: u64,
    /// What is left, milliseconds; 0: nobody tells a lifetime, so that there is no countdown.
    pub expires_in_ms: u64,
    /// Since the code was asked for, milliseconds.
    pub age_ms: u64,
    /// `PLAYERLINK_LINKING_CONCEALED`, `PLAYERLINK_LINKING_FORMAT_MISMATCH`.
    pub flags: u32,
    /// How often a new code came by itself.
    pub renewals_used: u32,
    /// What went wrong, in `PLAYERLINK_LINKING_FAILED` and `_LIMITED`.
    pub result: playerlink_result,
    /// How long to wait then, milliseconds.
    pub retry_after_ms: u32,
    /// The code, exactly as the service gave it: a secret. Empty without one and while concealed.
    pub code: playerlink_str,
    /// The code in groups for reading, with spaces between them: `123 456`.
    pub grouped: playerlink_str,
    /// For speaking: character by character, with commas between the groups: `1 2 3, 4 5 6`.
    pub spelled: playerlink_str,
    /// The page a QR code opens; holds no secret.
    pub url: playerlink_str,
    /// The platform that was linked; may be empty.
    pub linked_platform: playerlink_str,
    /// The name of the account that was linked; may be empty.
    pub linked_display_name: playerlink_str,
    /// The QR code of `url`: a byte for each module, row by row, 1 is dark. `qr_size` squared of them.
    pub qr_modules: playerlink_bytes,
    /// Modules in a row; 0: no QR code.
    pub qr_size: u32,
    /// 0.
    pub reserved: u32,
}

/// How an operation ended, or an event. There is exactly one for each operation that was started. Valid during the
/// callback only; of `playerlink_client_next_event` until the next call of that, or destroy.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct playerlink_completion {
    /// What the library filled.
    pub struct_size: u32,
    /// `PLAYERLINK_COMPLETION_…` or `PLAYERLINK_EVENT_…`.
    pub kind: u32,
    /// The operation; 0 for an event.
    pub op: playerlink_op,
    /// How it ended. Newer libraries may have further values.
    pub result: playerlink_result,
    /// `PLAYERLINK_COMPLETION_CHANGED` and its like.
    pub flags: u32,
    /// The session as it is now; NULL when there is none.
    pub session: *const playerlink_session,
    /// Why it failed; NULL when it worked.
    pub error: *const playerlink_error,
    /// Of `playerlink_account_links`; else NULL.
    pub links: *const playerlink_links,
    /// Of `playerlink_linking_code_create` and `PLAYERLINK_EVENT_LINKING_CHANGED`; else NULL.
    pub linking: *const playerlink_linking_snapshot,
    /// Of `PLAYERLINK_NEEDS_USER_DATA`; else NULL.
    pub user_data_request: *const playerlink_user_data_request,
    /// Of `playerlink_accounts_list`; else NULL.
    pub accounts: *const playerlink_accounts,
}

/// Called once for each operation, in `playerlink_client_tick` or `playerlink_client_destroy`. May call anything of this
/// library but tick. Must not throw.
pub type playerlink_done_fn = Option<
    unsafe extern "C" fn(user_data: *mut c_void, client: playerlink_client, completion: *const playerlink_completion),
>;

/// An account on a platform, as RallyHere spells it.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct playerlink_identity {
    /// `sizeof` of this structure.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// E.g. `Steam`, `XboxLive`.
    pub platform: playerlink_str,
    /// 1 to 2048 characters.
    pub platform_user_id: playerlink_str,
}

/// What to link with what.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct playerlink_link_request {
    /// `sizeof` of this structure.
    pub struct_size: u32,
    /// `PLAYERLINK_LINK_TO_TOKEN` and its like.
    pub kind: u32,
    /// `PLAYERLINK_LINK_FORCE`.
    pub flags: u32,
    /// 0.
    pub reserved: u32,
    /// The leader's access token, person id, or id on `leader_platform`.
    pub leader: playerlink_str,
    /// The leader's platform.
    pub leader_platform: playerlink_str,
    /// Who follows; NULL: this session's account. RallyHere; another one needs special permissions.
    pub follower: *const playerlink_identity,
    /// The account to add. PlayFab.
    pub credential: *const playerlink_credential,
}

/// What to unlink.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct playerlink_unlink_request {
    /// `sizeof` of this structure.
    pub struct_size: u32,
    /// PlayFab: `PLAYERLINK_CREDENTIAL_…`, the kind of account; else 0.
    pub kind: u32,
    /// RallyHere: the platform, empty: this session's account. Xsolla: the social network. PlayFab: the OpenID connection.
    pub platform: playerlink_str,
    /// RallyHere: the id on it. PlayFab: which of several accounts of that kind; may be empty.
    pub platform_user_id: playerlink_str,
}

/// How a linking code is to be shown.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct playerlink_linking_options {
    /// `sizeof` of this structure.
    pub struct_size: u32,
    /// `PLAYERLINK_LINKING_CONCEALED`: begin concealed.
    pub flags: u32,
    /// How codes look; NULL: whatever the service gives.
    pub format: *const playerlink_code_format,
    /// The page a QR code opens; must hold no secret. Empty: no QR code.
    pub companion_url: playerlink_str,
}

/// How codes of a title look.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct playerlink_code_format {
    /// `sizeof` of this structure.
    pub struct_size: u32,
    /// `PLAYERLINK_CODE_DIGITS_6` and its like.
    pub kind: u32,
    /// `PLAYERLINK_CODE_CUSTOM`: characters in a code, 1 to 32.
    pub length: u32,
    /// `PLAYERLINK_CODE_CUSTOM`: 1: the last digit checks the others (Damm).
    pub check_digit: u32,
    /// `PLAYERLINK_CODE_CUSTOM`: every character a code may have, ASCII.
    pub alphabet: playerlink_str,
}

/// What was made of a typed code.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct playerlink_code_entry {
    /// Set by the caller to `sizeof`.
    pub struct_size: u32,
    /// `PLAYERLINK_CODE_GOOD` and its like.
    pub problem: u32,
    /// How many characters are missing or too many.
    pub count: u32,
    /// Which character is wrong, from 0, counted in the normalised text.
    pub position: u32,
    /// What counts of the text; lies in the caller's buffer.
    pub normalized: playerlink_str,
    /// The same in groups, with spaces between them.
    pub grouped: playerlink_str,
}

/// A linking code that the player typed, for the game's own server (docs/link-by-code.md).
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct playerlink_link_by_code_request {
    /// `sizeof` of this structure.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// What the player typed. White space and dashes do not count.
    pub code: playerlink_str,
    /// The platform's ticket: it tells the server who the player is.
    pub platform_ticket: playerlink_str,
}

/// What the game's own server says of the linking code on the screen, over whatever channel it has.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct playerlink_linking_news {
    /// `sizeof` of this structure.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// Empty: the link happened. Else why not: the service's code (`010-016`), or a word such as `platform-linked-elsewhere`.
    pub conflict: playerlink_str,
    /// The platform that was linked, for the screen. May be empty.
    pub platform: playerlink_str,
    /// The account there. May be empty.
    pub platform_user_id: playerlink_str,
    /// Its name there. May be empty.
    pub display_name: playerlink_str,
}

/// Where the library's memory comes from.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct playerlink_allocator {
    /// `sizeof` of this structure.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// Given to both.
    pub user_data: *mut c_void,
    /// `size` bytes (never 0) at a multiple of `align` (a power of two), or NULL when there are none.
    pub alloc: playerlink_alloc_fn,
    /// Takes back what `alloc` gave, with the same size and alignment. It has been wiped.
    pub free: playerlink_free_fn,
}

/// See `playerlink_allocator`.
pub type playerlink_alloc_fn =
    Option<unsafe extern "C" fn(user_data: *mut c_void, size: usize, align: usize) -> *mut c_void>;

/// See `playerlink_allocator`.
pub type playerlink_free_fn =
    Option<unsafe extern "C" fn(user_data: *mut c_void, ptr: *mut c_void, size: usize, align: usize)>;
