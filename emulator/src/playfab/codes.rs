//! The service's error codes: name and number (playfab-errors.csv), and the HTTP status each one comes with
//! (playfab.md §1.2, where the vendor lists only 400).

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($name:ident = $number:literal,)*) => {
        /// An error of the service; the discriminant is its `errorCode`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Code {
            $($name = $number,)*
        }

        impl Code {
            /// All of the contract's table, in its order.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The symbolic name, the `error` of the envelope.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)*
                }
            }
        }
    };
}

codes! {
    UnkownError = 500,
    InvalidParams = 1000,
    AccountNotFound = 1001,
    AccountBanned = 1002,
    InvalidUsernameOrPassword = 1003,
    InvalidTitleId = 1004,
    InvalidEmailAddress = 1005,
    EmailAddressNotAvailable = 1006,
    InvalidUsername = 1007,
    InvalidPassword = 1008,
    UsernameNotAvailable = 1009,
    InvalidSteamTicket = 1010,
    AccountAlreadyLinked = 1011,
    LinkedAccountAlreadyClaimed = 1012,
    InvalidFacebookToken = 1013,
    AccountNotLinked = 1014,
    InvalidGoogleToken = 1026,
    UnknownError = 1039,
    TitleNotActivated = 1042,
    NameNotAvailable = 1058,
    BodyTooLarge = 1068,
    InvalidRequest = 1071,
    NotAuthenticated = 1074,
    APINotEnabledForGameClientAccess = 1082,
    NotAuthorized = 1089,
    InvalidPSNAuthCode = 1092,
    InvalidSessionTicket = 1100,
    InternalServerError = 1110,
    LinkedDeviceAlreadyClaimed = 1118,
    DeviceNotLinked = 1120,
    ServiceUnavailable = 1123,
    DownstreamServiceUnavailable = 1127,
    APINotIncludedInTitleUsageTier = 1128,
    InvalidAPIEndpoint = 1131,
    ConcurrentEditError = 1133,
    InvalidEmailOrPassword = 1142,
    FacebookAPIError = 1143,
    InvalidContentType = 1144,
    InvalidPSNIssuerId = 1151,
    PSNInaccessible = 1152,
    ExpiredAuthToken = 1153,
    InvalidKongregateToken = 1176,
    FeatureNotConfiguredForTitle = 1177,
    LinkedIdentifierAlreadyClaimed = 1184,
    CustomIdNotLinked = 1185,
    InvalidXboxLiveToken = 1188,
    ExpiredXboxLiveToken = 1189,
    NotAuthorizedByTitle = 1191,
    InvalidPartnerResponse = 1193,
    APINotEnabledForGameServerAccess = 1194,
    APIClientRequestRateLimitExceeded = 1199,
    InvalidJSONContent = 1200,
    OverLimit = 1214,
    InvalidTwitchToken = 1232,
    TwitchResponseError = 1233,
    ProfaneDisplayName = 1234,
    IdentifierNotLinked = 1239,
    SteamNotEnabledForTitle = 1258,
    InvalidIdentityProviderId = 1263,
    MisconfiguredIdentityProvider = 1264,
    GoogleOAuthNotConfiguredForTitle = 1270,
    GoogleOAuthError = 1271,
    InvalidSignature = 1273,
    GoogleOAuthNoIdTokenIncludedInResponse = 1275,
    DataUpdateRateExceeded = 1287,
    EncryptionKeyMissing = 1290,
    EncryptionKeyBroken = 1291,
    SecretKeyNotFound = 1293,
    PlayerSecretAlreadyConfigured = 1294,
    APIRequestsDisabledForTitle = 1295,
    ProfileDoesNotExist = 1298,
    EncryptedRequestNotAllowed = 1301,
    SignedRequestNotAllowed = 1302,
    RequestViewConstraintParamsNotAllowed = 1303,
    XboxXASSExchangeFailure = 1306,
    InvalidHostForTitleId = 1319,
    AccountDeleted = 1322,
    PlayerSecretNotConfigured = 1323,
    InvalidSignatureTime = 1324,
    InvalidAuthToken = 1326,
    AuthTokenDoesNotExist = 1327,
    AuthTokenExpired = 1328,
    EntityTokenMissing = 1334,
    EntityTokenInvalid = 1335,
    EntityTokenExpired = 1336,
    EntityTokenRevoked = 1337,
    XboxInaccessible = 1339,
    APIConcurrentRequestLimitExceeded = 1342,
    XboxRejectedXSTSExchangeRequest = 1343,
    TitleDeleted = 1347,
    FailedLoginAttemptRateLimitExceeded = 1356,
    InvalidEntityType = 1373,
    NoValidCertificateForAad = 1376,
    FacebookInstantGamesIdNotLinked = 1395,
    InvalidFacebookInstantGamesSignature = 1396,
    FacebookInstantGamesAuthNotConfiguredForTitle = 1397,
    InvalidGameCenterAuthRequest = 1428,
    GameCenterAuthenticationFailed = 1429,
    EvaluationModePlayerCountExceeded = 1490,
    AppleNotEnabledForTitle = 1501,
    XboxServiceTooManyRequests = 1505,
    NintendoSwitchNotEnabledForTitle = 1506,
    SteamUserNotFound = 1513,
    ApiNotEnabledForTitle = 1520,
    ApiNotIncludedInAzurePlayFabFeatureSet = 1532,
    GoogleAPIServiceUnavailable = 1534,
    CustomIdNotFound = 1540,
    InvalidGooglePlayGamesServerAuthCode = 1545,
    InvalidGameCenterId = 1554,
    InvalidNintendoSwitchAccountId = 1555,
    IpAddressBanned = 1557,
    EntityLineageBanned = 1558,
    InvalidNamespaceMismatch = 1561,
    TokenSigningKeyNotFound = 1568,
    BattleNetNotEnabledForTitle = 1602,
    AccountLinkedToABannedPlayer = 1613,
    NintendoSwitchDeviceIdNotLinked = 2034,
    PlayerCreationDisabled = 22000,
}

impl Code {
    /// The number, the `errorCode` of the envelope.
    pub fn number(self) -> u32 {
        self as u32
    }

    /// The code of that name, or of that number in decimal.
    pub fn find(text: &str) -> Option<Self> {
        let number = text.parse().ok();
        Self::ALL.iter().copied().find(|code| code.name() == text || Some(code.number()) == number)
    }

    /// The HTTP status it is answered with.
    pub fn status(self) -> u16 {
        match self {
            Self::NotAuthenticated
            | Self::NotAuthorized
            | Self::EntityTokenMissing
            | Self::EntityTokenInvalid
            | Self::EntityTokenExpired
            | Self::EntityTokenRevoked
            | Self::ExpiredAuthToken
            | Self::SecretKeyNotFound => 401,
            Self::AccountBanned
            | Self::NotAuthorizedByTitle
            | Self::APINotEnabledForGameClientAccess
            | Self::APINotEnabledForGameServerAccess
            | Self::ApiNotEnabledForTitle
            | Self::IpAddressBanned
            | Self::EntityLineageBanned => 403,
            Self::InvalidAPIEndpoint => 404,
            Self::ConcurrentEditError | Self::DataUpdateRateExceeded => 409,
            code if code.throttles() => 429,
            Self::UnkownError | Self::UnknownError | Self::InternalServerError => 500,
            Self::ServiceUnavailable | Self::DownstreamServiceUnavailable => 503,
            _ => 400,
        }
    }

    /// Whether it says that there were too many calls (§3.5).
    pub fn throttles(self) -> bool {
        matches!(
            self,
            Self::APIClientRequestRateLimitExceeded
                | Self::APIConcurrentRequestLimitExceeded
                | Self::XboxServiceTooManyRequests
                | Self::FailedLoginAttemptRateLimitExceeded
        )
    }

    /// A text for people; clients must not match on it. The name in words, but for the two the contract has samples of.
    pub fn message(self) -> String {
        match self {
            Self::InvalidParams => "Invalid input parameters".to_owned(),
            Self::NotAuthenticated => "This API method does not allow anonymous callers.".to_owned(),
            _ => words(self.name()),
        }
    }
}

/// `InvalidSteamTicket` as `Invalid steam ticket`; a run of capitals stays as it is.
fn words(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let upper = |at: Option<usize>| at.and_then(|at| letters.get(at)).is_none_or(|letter| letter.is_ascii_uppercase());
    let mut text = String::new();
    for (index, letter) in letters.iter().enumerate() {
        let alone = upper(index.checked_sub(1)) && upper(Some(index + 1));
        let begins = index > 0 && letter.is_ascii_uppercase() && !alone;
        if begins {
            text.push(' ');
        }
        text.push(if begins && !upper(Some(index + 1)) { letter.to_ascii_lowercase() } else { *letter });
    }
    text
}
