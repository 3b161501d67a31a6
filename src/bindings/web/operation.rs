//! The calls by number: comparing numbers takes less than comparing names. The skin has the same ones, as `Operation` in
//! `pkg-templates/npm/src/boundary.ts`; `xtask` compares the two.

#![allow(
    dead_code,
    non_camel_case_types,
    clippy::upper_case_acronyms,
    reason = "a build has the calls of its services"
)]

macro_rules! operations {
    ($($name:ident,)+) => {
        enum Number { $($name,)+ }
        $(pub(super) const $name: u32 = Number::$name as u32;)+
    };
}

operations! {
    // Of every session; the first six are `call`'s in session.rs. The seventh is for that alone.
    MAKE_ACTIVE,
    SETTLE,
    REFRESH,
    LOGOUT,
    REJECTED,
    ACCESS_TOKEN,
    PLAYER_MAY_HAVE_CHANGED,
    SNAPSHOT,
    SUBSCRIBE,
    UNSUBSCRIBE,
    CLOSE,
    // Those that make a client, or a server.
    PLAYFAB,
    RALLYHERE,
    XSOLLA,
    // Of every client.
    LOGIN,
    RESTORE,
    ACCOUNTS,
    BEGIN_OAUTH,
    // Of RallyHere's client, and its sessions.
    COMPLETE_OAUTH,
    OAUTH_LOGIN_URL,
    PUBLIC_KEYS,
    PUBLIC_KEY,
    CLIENT_TOKEN,
    OAUTH_CLIENT_TOKEN,
    PORTAL_TOKEN_DETAILS,
    VERIFY,
    LINKS,
    RESTRICTIONS,
    LOGIN_RESULT,
    LINK,
    UNLINK,
    ENABLE_CROSS_PROGRESSION,
    DISABLE_CROSS_PROGRESSION,
    // Of Xsolla's client, and its sessions.
    COMPLETE_REDIRECT,
    SESSION_FROM_LAUNCHER,
    SESSION_FROM_TOKEN,
    SILENT_LOGIN,
    PASSWORD_LOGIN,
    REGISTER,
    DEVICE_LOGIN,
    SOCIAL_TOKEN_LOGIN,
    CREATE_LINKING_CODE,
    PROFILE,
    SOCIAL_LINKS,
    SOCIAL_LINK_URL,
    REMOVE_SOCIAL_LINK,
    // Of PlayFab's sessions, and its server.
    CALL,
    SESSION_TICKET,
    LOGIN_DETAILS,
    AUTHENTICATE_SESSION_TICKET,
    TITLE_TOKEN,
    PLAY_FAB_IDS,
    // Of Xsolla's server.
    LOGIN_WITH_CUSTOM_ID,
    LINK_BY_CODE,
    LINKING_INFO,
    VALIDATE_TOKEN,
    VERIFY_TOKEN,
    PROJECT_KEYS,
}
