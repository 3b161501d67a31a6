//! Xsolla Login's error codes (xsolla.md §4). Classes and sentences are our decisions; the numbers are the C ABI's.
//!
//! The last rows are codes that the vendor's JavaScript SDK has in its type and nobody explains: they are typed, but what
//! to do is decided by the HTTP status they come with.

use crate::services::codes::codes;

codes! {
    /// An Xsolla Login error code.
    pub enum Code in Xsolla {
        InvalidParameters = 2001 "0" Invalid "Something in the request was not right.";
        InvalidToken = 2002 "002-016" TokenRejected "Your session is no longer valid; please sign in again.";
        ParameterInvalid = 2003 "002-027" Invalid "Something in the request was not right.";
        ParameterMissing = 2004 "002-028" Invalid "Something in the request is missing.";
        UserBanned = 2005 "002-040" Restricted "This account is banned.";
        PhoneCannotReceiveSms = 2006 "002-043" UserActionCredentials "That phone number cannot receive messages.";
        PhoneInvalid = 2007 "002-056" UserActionCredentials "That phone number is not valid.";
        TwoFactorUnchanged = 2008 "002-050" Invalid "The two-factor settings are the same as before.";
        TooManyLoginAttempts = 2009 "002-057" RetryLater "Too many tries; please wait before the next one.";
        AccountBlockedByAttempts = 2010 "002-058" Restricted "Too many tries: the account is blocked until you unlock it by e-mail.";
        BelowRequiredAge = 2011 "002-060" Restricted "You are below the age this game requires.";
        WrongUsernameOrPassword = 2012 "003-001" UserActionCredentials "That user name or password is not right.";
        UserNotFound = 2013 "003-002" NotLinkedOrUnknown "That account was not found.";
        UsernameExists = 2014 "003-003" Conflict "That user name is taken.";
        EmailExists = 2015 "003-004" Conflict "There is an account with that e-mail address already.";
        EmailUnknown = 2016 "003-005" NotLinkedOrUnknown "There is no account with that e-mail address.";
        AccountNotConfirmed = 2017 "003-007" UserActionCredentials "Please confirm your account by the e-mail we sent.";
        EmailChangeNotAllowed = 2018 "003-008" Permission "The e-mail address cannot be changed.";
        ProjectNotFound = 2019 "003-019" Configuration "Sign-in is not set up correctly for this game.";
        NotAvailableForProject = 2020 "003-020" Configuration "This is not available for this game.";
        ProjectMisconfigured = 2021 "003-022" Configuration "Sign-in is not set up correctly for this game.";
        PasswordResetNotAllowed = 2022 "003-024" Permission "The password cannot be reset here.";
        OauthTokenFailed = 2023 "003-025" RetryWithNewPlatformToken "The other service did not confirm your sign-in; please try again.";
        ProjectKindMismatch = 2024 "003-033" Configuration "This account cannot be used for that.";
        CaptchaFailed = 2025 "003-038" UserActionCredentials "Please solve the captcha.";
        OneTimeCodeWrong = 2026 "003-039" UserActionCredentials "That code is not right.";
        UserUnauthorized = 2027 "003-040" TokenRejected "Your session is no longer valid; please sign in again.";
        OneTimeCodeAttempts = 2028 "003-049" UserActionCredentials "Too many wrong codes; please ask for a new one.";
        ObjectNotFound = 2029 "003-061" NotLinkedOrUnknown "That code is not known: it may be mistyped, used already or too old. Please get a new one.";
        SomethingWentWrong = 2030 "004-001" Internal "Something went wrong on the server; please try again.";
        AccessListOnlyForServerClients = 2031 "006-003" Configuration "Sign-in is not set up correctly for this game.";
        RegistrationNotAllowed = 2032 "010-003" PlatformDisabled "New accounts cannot be made here.";
        CaptchaRequired = 2033 "010-007" UserActionCredentials "Please solve the captcha.";
        LoginUrlMissing = 2034 "010-011" Configuration "Sign-in is not set up correctly for this game.";
        LoginUrlUnknown = 2035 "010-012" Configuration "Sign-in is not set up correctly for this game.";
        SocialAuthFailed = 2036 "010-015" RetryWithNewPlatformToken "The platform did not confirm your sign-in; please try again.";
        AlreadyLinked = 2037 "010-016" Conflict "That account is linked to another one already.";
        TokenExpired = 2038 "010-017" TokenRejected "Your session is no longer valid; please sign in again.";
        ClientAuthFailed = 2039 "010-019" Configuration "Sign-in is not set up correctly for this game.";
        StateTooShort = 2040 "010-022" Invalid "Web sign-in did not start correctly; please try again.";
        GrantInvalid = 2041 "010-023" SessionExpired "Your session has ended; please sign in again.";
        RequestDenied = 2042 "010-026" Permission "The request was denied.";
        TokenInvalid = 2043 "1901-0001" TokenRejected "Your session is no longer valid; please sign in again.";
        Unexplained001001 = 2044 "001-001" Unexplained "That did not work; please try again.";
        Unexplained003009 = 2045 "003-009" Unexplained "That did not work; please try again.";
        Unexplained003010 = 2046 "003-010" Unexplained "That did not work; please try again.";
        Unexplained003011 = 2047 "003-011" Unexplained "That did not work; please try again.";
        Unexplained003012 = 2048 "003-012" Unexplained "That did not work; please try again.";
        Unexplained003014 = 2049 "003-014" Unexplained "That did not work; please try again.";
        Unexplained003021 = 2050 "003-021" Unexplained "That did not work; please try again.";
        Unexplained003023 = 2051 "003-023" Unexplained "That did not work; please try again.";
        Unexplained003030 = 2052 "003-030" Unexplained "That did not work; please try again.";
        Unexplained010004 = 2053 "010-004" Unexplained "That did not work; please try again.";
        Unexplained010005 = 2054 "010-005" Unexplained "That did not work; please try again.";
        Unexplained010006 = 2055 "010-006" Unexplained "That did not work; please try again.";
        Unexplained010009 = 2056 "010-009" Unexplained "That did not work; please try again.";
        Unexplained010010 = 2057 "010-010" Unexplained "That did not work; please try again.";
        Unexplained010013 = 2058 "010-013" Unexplained "That did not work; please try again.";
        Unexplained010014 = 2059 "010-014" Unexplained "That did not work; please try again.";
        Unexplained010020 = 2060 "010-020" Unexplained "That did not work; please try again.";
        Unexplained010021 = 2061 "010-021" Unexplained "That did not work; please try again.";
        Unexplained010033 = 2062 "010-033" Unexplained "That did not work; please try again.";
        Unexplained010045 = 2063 "010-045" Unexplained "That did not work; please try again.";
        Unexplained030024 = 2064 "030-024" Unexplained "That did not work; please try again.";
        Unexplained300001 = 2065 "300-001" Unexplained "That did not work; please try again.";
        Unexplained300003 = 2066 "300-003" Unexplained "That did not work; please try again.";
        Unexplained300005 = 2067 "300-005" Unexplained "That did not work; please try again.";
        Unexplained300006 = 2068 "300-006" Unexplained "That did not work; please try again.";
        Unexplained300008 = 2069 "300-008" Unexplained "That did not work; please try again.";
        Unexplained404 = 2070 "404" Unexplained "That did not work; please try again.";
        Unexplained500 = 2071 "500" Unexplained "That did not work; please try again.";
    }
}
