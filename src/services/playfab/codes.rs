//! PlayFab's error codes that a login, link or unlink call names, and those any call may answer (playfab.md, from the
//! vendor's API specification). Classes and sentences are our decisions. PlayFab numbers its codes itself, so the C
//! ABI's number is that plus [`OFFSET`]: it cannot change, and one column says both.

use crate::services::codes::codes;

/// What the C ABI adds to PlayFab's own numbers, so that they meet no other service's.
const OFFSET: u16 = 10_000;

codes! {
    /// A PlayFab error code.
    pub enum Code in PlayFab {
        UnkownError = 10500 "UnkownError" Internal "Something went wrong on the server; please try again.";
        InvalidParams = 11000 "InvalidParams" Invalid "Something in the request was not right.";
        AccountNotFound = 11001 "AccountNotFound" NotLinkedOrUnknown "There is no account for this sign-in yet.";
        AccountBanned = 11002 "AccountBanned" Restricted "This account is banned.";
        InvalidUsernameOrPassword = 11003 "InvalidUsernameOrPassword" UserActionCredentials "That user name or password is not right.";
        InvalidTitleId = 11004 "InvalidTitleId" Configuration "Sign-in is not set up correctly for this game.";
        InvalidEmailAddress = 11005 "InvalidEmailAddress" UserActionCredentials "That e-mail address is not valid.";
        EmailAddressNotAvailable = 11006 "EmailAddressNotAvailable" Conflict "There is an account with that e-mail address already.";
        InvalidUsername = 11007 "InvalidUsername" UserActionCredentials "That user name cannot be used.";
        InvalidPassword = 11008 "InvalidPassword" UserActionCredentials "That password cannot be used.";
        UsernameNotAvailable = 11009 "UsernameNotAvailable" Conflict "That user name is taken.";
        InvalidSteamTicket = 11010 "InvalidSteamTicket" RetryWithNewPlatformToken "Steam did not confirm your sign-in; please try again.";
        AccountAlreadyLinked = 11011 "AccountAlreadyLinked" Conflict "You have another account of this platform linked already.";
        LinkedAccountAlreadyClaimed = 11012 "LinkedAccountAlreadyClaimed" Conflict "That account is linked to another player already.";
        InvalidFacebookToken = 11013 "InvalidFacebookToken" RetryWithNewPlatformToken "Facebook did not confirm your sign-in; please try again.";
        AccountNotLinked = 11014 "AccountNotLinked" NotLinkedOrUnknown "There is no account of this platform linked.";
        InvalidGoogleToken = 11026 "InvalidGoogleToken" RetryWithNewPlatformToken "Google did not confirm your sign-in; please try again.";
        UnknownError = 11039 "UnknownError" Internal "Something went wrong on the server; please try again.";
        TitleNotActivated = 11042 "TitleNotActivated" Configuration "Sign-in is not set up correctly for this game.";
        NameNotAvailable = 11058 "NameNotAvailable" Conflict "That name is taken.";
        BodyTooLarge = 11068 "BodyTooLarge" Invalid "Something in the request was too long.";
        InvalidRequest = 11071 "InvalidRequest" Invalid "Something in the request was not right.";
        NotAuthenticated = 11074 "NotAuthenticated" TokenRejected "Your session is no longer valid; please sign in again.";
        ApiNotEnabledForGameClientAccess = 11082 "APINotEnabledForGameClientAccess" Configuration "This is not available for this game.";
        NotAuthorized = 11089 "NotAuthorized" Permission "You are not allowed to do that.";
        InvalidPsnAuthCode = 11092 "InvalidPSNAuthCode" RetryWithNewPlatformToken "PlayStation Network did not confirm your sign-in; please try again.";
        InvalidSessionTicket = 11100 "InvalidSessionTicket" TokenRejected "Your session is no longer valid; please sign in again.";
        InternalServerError = 11110 "InternalServerError" Internal "Something went wrong on the server; please try again.";
        LinkedDeviceAlreadyClaimed = 11118 "LinkedDeviceAlreadyClaimed" Conflict "This device is linked to another player already.";
        DeviceNotLinked = 11120 "DeviceNotLinked" NotLinkedOrUnknown "This device is not linked.";
        ServiceUnavailable = 11123 "ServiceUnavailable" RetryLater "The service is busy; please try again in a moment.";
        DownstreamServiceUnavailable = 11127 "DownstreamServiceUnavailable" RetryLater "The service is busy; please try again in a moment.";
        ApiNotIncludedInTitleUsageTier = 11128 "APINotIncludedInTitleUsageTier" Configuration "This is not available for this game.";
        InvalidApiEndpoint = 11131 "InvalidAPIEndpoint" Configuration "This build of the game is not set up correctly.";
        ConcurrentEditError = 11133 "ConcurrentEditError" RetryLater "Somebody changed the account at the same time; please try again.";
        InvalidEmailOrPassword = 11142 "InvalidEmailOrPassword" UserActionCredentials "That e-mail address or password is not right.";
        FacebookApiError = 11143 "FacebookAPIError" RetryLater "Facebook cannot be reached right now; please try again later.";
        InvalidContentType = 11144 "InvalidContentType" Invalid "Something in the request was not right.";
        InvalidPsnIssuerId = 11151 "InvalidPSNIssuerId" Invalid "This build of the game is not set up correctly.";
        PsnInaccessible = 11152 "PSNInaccessible" RetryLater "PlayStation Network cannot be reached right now; please try again later.";
        ExpiredAuthToken = 11153 "ExpiredAuthToken" RetryWithNewPlatformToken "The platform's sign-in has expired; please try again.";
        InvalidKongregateToken = 11176 "InvalidKongregateToken" RetryWithNewPlatformToken "Kongregate did not confirm your sign-in; please try again.";
        FeatureNotConfiguredForTitle = 11177 "FeatureNotConfiguredForTitle" PlatformDisabled "This sign-in is not available for this game.";
        LinkedIdentifierAlreadyClaimed = 11184 "LinkedIdentifierAlreadyClaimed" Conflict "That account is linked to another player already.";
        CustomIdNotLinked = 11185 "CustomIdNotLinked" NotLinkedOrUnknown "That id is not linked.";
        InvalidXboxLiveToken = 11188 "InvalidXboxLiveToken" RetryWithNewPlatformToken "Xbox did not confirm your sign-in; please try again.";
        ExpiredXboxLiveToken = 11189 "ExpiredXboxLiveToken" RetryWithNewPlatformToken "The Xbox sign-in has expired; please try again.";
        NotAuthorizedByTitle = 11191 "NotAuthorizedByTitle" Permission "This game does not allow that.";
        InvalidPartnerResponse = 11193 "InvalidPartnerResponse" Internal "Something went wrong on the server; please try again.";
        ApiNotEnabledForGameServerAccess = 11194 "APINotEnabledForGameServerAccess" Configuration "This is not available for this game.";
        ApiClientRequestRateLimitExceeded = 11199 "APIClientRequestRateLimitExceeded" RetryLater "Too many requests; please wait a moment.";
        InvalidJsonContent = 11200 "InvalidJSONContent" Invalid "Something in the request was not right.";
        OverLimit = 11214 "OverLimit" Invalid "That is more than the game allows.";
        InvalidTwitchToken = 11232 "InvalidTwitchToken" RetryWithNewPlatformToken "Twitch did not confirm your sign-in; please try again.";
        TwitchResponseError = 11233 "TwitchResponseError" RetryLater "Twitch cannot be reached right now; please try again later.";
        ProfaneDisplayName = 11234 "ProfaneDisplayName" UserActionCredentials "Please choose another name.";
        IdentifierNotLinked = 11239 "IdentifierNotLinked" NotLinkedOrUnknown "That id is not linked.";
        SteamNotEnabledForTitle = 11258 "SteamNotEnabledForTitle" PlatformDisabled "Signing in with Steam is not available for this game.";
        InvalidIdentityProviderId = 11263 "InvalidIdentityProviderId" RetryWithNewPlatformToken "The platform did not confirm your sign-in; please try again.";
        MisconfiguredIdentityProvider = 11264 "MisconfiguredIdentityProvider" Configuration "Sign-in is not set up correctly for this game.";
        GoogleOauthNotConfiguredForTitle = 11270 "GoogleOAuthNotConfiguredForTitle" PlatformDisabled "Signing in with Google is not available for this game.";
        GoogleOauthError = 11271 "GoogleOAuthError" RetryWithNewPlatformToken "Google did not confirm your sign-in; please try again.";
        InvalidSignature = 11273 "InvalidSignature" Configuration "This build of the game is not set up correctly.";
        GoogleOauthNoIdTokenIncludedInResponse = 11275 "GoogleOAuthNoIdTokenIncludedInResponse" Configuration "Signing in with Google is not set up correctly for this game.";
        DataUpdateRateExceeded = 11287 "DataUpdateRateExceeded" RetryLater "Too many changes; please wait a moment.";
        EncryptionKeyMissing = 11290 "EncryptionKeyMissing" Configuration "This build of the game is not set up correctly.";
        EncryptionKeyBroken = 11291 "EncryptionKeyBroken" Configuration "Sign-in is not set up correctly for this game.";
        SecretKeyNotFound = 11293 "SecretKeyNotFound" Configuration "Sign-in is not set up correctly for this game.";
        PlayerSecretAlreadyConfigured = 11294 "PlayerSecretAlreadyConfigured" Invalid "Something in the request was not right.";
        ApiRequestsDisabledForTitle = 11295 "APIRequestsDisabledForTitle" Configuration "This game is not available right now.";
        ProfileDoesNotExist = 11298 "ProfileDoesNotExist" NotLinkedOrUnknown "That player was not found.";
        EncryptedRequestNotAllowed = 11301 "EncryptedRequestNotAllowed" Configuration "This build of the game is not set up correctly.";
        SignedRequestNotAllowed = 11302 "SignedRequestNotAllowed" Configuration "This build of the game is not set up correctly.";
        RequestViewConstraintParamsNotAllowed = 11303 "RequestViewConstraintParamsNotAllowed" Configuration "This build of the game is not set up correctly.";
        XboxXassExchangeFailure = 11306 "XboxXASSExchangeFailure" RetryWithNewPlatformToken "Xbox did not confirm your sign-in; please try again.";
        InvalidHostForTitleId = 11319 "InvalidHostForTitleId" Configuration "This build of the game is not set up correctly.";
        AccountDeleted = 11322 "AccountDeleted" NotLinkedOrUnknown "That account was deleted.";
        PlayerSecretNotConfigured = 11323 "PlayerSecretNotConfigured" Invalid "Something in the request was not right.";
        InvalidSignatureTime = 11324 "InvalidSignatureTime" Configuration "Please check the date and time of this device.";
        InvalidAuthToken = 11326 "InvalidAuthToken" RetryWithNewPlatformToken "The platform did not confirm your sign-in; please try again.";
        AuthTokenDoesNotExist = 11327 "AuthTokenDoesNotExist" RetryWithNewPlatformToken "The platform did not confirm your sign-in; please try again.";
        AuthTokenExpired = 11328 "AuthTokenExpired" RetryWithNewPlatformToken "The platform's sign-in has expired; please try again.";
        EntityTokenMissing = 11334 "EntityTokenMissing" TokenRejected "Your session is no longer valid; please sign in again.";
        EntityTokenInvalid = 11335 "EntityTokenInvalid" TokenRejected "Your session is no longer valid; please sign in again.";
        EntityTokenExpired = 11336 "EntityTokenExpired" TokenRejected "Your session has expired; please sign in again.";
        EntityTokenRevoked = 11337 "EntityTokenRevoked" TokenRejected "Your session is no longer valid; please sign in again.";
        XboxInaccessible = 11339 "XboxInaccessible" RetryLater "Xbox cannot be reached right now; please try again later.";
        ApiConcurrentRequestLimitExceeded = 11342 "APIConcurrentRequestLimitExceeded" RetryLater "Too many requests; please wait a moment.";
        XboxRejectedXstsExchangeRequest = 11343 "XboxRejectedXSTSExchangeRequest" RetryWithNewPlatformToken "Xbox did not confirm your sign-in; please try again.";
        TitleDeleted = 11347 "TitleDeleted" Configuration "This game is not available any more.";
        FailedLoginAttemptRateLimitExceeded = 11356 "FailedLoginAttemptRateLimitExceeded" RetryLater "Too many tries; please wait before the next one.";
        InvalidEntityType = 11373 "InvalidEntityType" Invalid "Something in the request was not right.";
        NoValidCertificateForAad = 11376 "NoValidCertificateForAad" Configuration "Sign-in is not set up correctly for this game.";
        FacebookInstantGamesIdNotLinked = 11395 "FacebookInstantGamesIdNotLinked" NotLinkedOrUnknown "That id is not linked.";
        InvalidFacebookInstantGamesSignature = 11396 "InvalidFacebookInstantGamesSignature" RetryWithNewPlatformToken "Facebook did not confirm your sign-in; please try again.";
        FacebookInstantGamesAuthNotConfiguredForTitle = 11397 "FacebookInstantGamesAuthNotConfiguredForTitle" PlatformDisabled "Signing in with Facebook is not available for this game.";
        InvalidGameCenterAuthRequest = 11428 "InvalidGameCenterAuthRequest" RetryWithNewPlatformToken "Game Center did not confirm your sign-in; please try again.";
        GameCenterAuthenticationFailed = 11429 "GameCenterAuthenticationFailed" RetryWithNewPlatformToken "Game Center did not confirm your sign-in; please try again.";
        EvaluationModePlayerCountExceeded = 11490 "EvaluationModePlayerCountExceeded" Configuration "No new players can be added to this game right now.";
        AppleNotEnabledForTitle = 11501 "AppleNotEnabledForTitle" PlatformDisabled "Signing in with Apple is not available for this game.";
        XboxServiceTooManyRequests = 11505 "XboxServiceTooManyRequests" RetryLater "Xbox is busy; please wait a moment.";
        NintendoSwitchNotEnabledForTitle = 11506 "NintendoSwitchNotEnabledForTitle" PlatformDisabled "Signing in with Nintendo is not available for this game.";
        SteamUserNotFound = 11513 "SteamUserNotFound" NotLinkedOrUnknown "That Steam account was not found.";
        ApiNotEnabledForTitle = 11520 "ApiNotEnabledForTitle" Configuration "This is not available for this game.";
        ApiNotIncludedInAzurePlayFabFeatureSet = 11532 "ApiNotIncludedInAzurePlayFabFeatureSet" Configuration "This is not available for this game.";
        GoogleApiServiceUnavailable = 11534 "GoogleAPIServiceUnavailable" RetryLater "Google cannot be reached right now; please try again later.";
        CustomIdNotFound = 11540 "CustomIdNotFound" NotLinkedOrUnknown "There is no account for this sign-in yet.";
        InvalidGooglePlayGamesServerAuthCode = 11545 "InvalidGooglePlayGamesServerAuthCode" RetryWithNewPlatformToken "Google Play Games did not confirm your sign-in; please try again.";
        InvalidGameCenterId = 11554 "InvalidGameCenterId" Invalid "Something in the request was not right.";
        InvalidNintendoSwitchAccountId = 11555 "InvalidNintendoSwitchAccountId" Invalid "Something in the request was not right.";
        IpAddressBanned = 11557 "IpAddressBanned" Restricted "This network is banned from the game.";
        EntityLineageBanned = 11558 "EntityLineageBanned" Restricted "This account is banned.";
        InvalidNamespaceMismatch = 11561 "InvalidNamespaceMismatch" Configuration "This build of the game is not set up correctly.";
        TokenSigningKeyNotFound = 11568 "TokenSigningKeyNotFound" RetryWithNewPlatformToken "The platform did not confirm your sign-in; please try again.";
        BattleNetNotEnabledForTitle = 11602 "BattleNetNotEnabledForTitle" PlatformDisabled "Signing in with Battle.net is not available for this game.";
        AccountLinkedToABannedPlayer = 11613 "AccountLinkedToABannedPlayer" Restricted "That account belongs to a banned player.";
        NintendoSwitchDeviceIdNotLinked = 12034 "NintendoSwitchDeviceIdNotLinked" NotLinkedOrUnknown "This device is not linked.";
        PlayerCreationDisabled = 32000 "PlayerCreationDisabled" PlatformDisabled "New accounts cannot be made here.";
    }
}

impl Code {
    /// PlayFab's own number, e.g. 1184; `None` for [`Other`](Self::Other), whose number is
    /// [`Error::code_number`](crate::Error::code_number).
    pub fn number(&self) -> Option<u32> {
        Self::NUMBERS.get(self.place()).map(|number| u32::from(number.saturating_sub(OFFSET)))
    }

    /// The code with that number of PlayFab's.
    pub(super) fn of_number(number: u32) -> Option<Self> {
        let number = number.checked_add(u32::from(OFFSET))?;
        Self::NUMBERS.iter().position(|known| u32::from(*known) == number).and_then(Self::at)
    }
}
