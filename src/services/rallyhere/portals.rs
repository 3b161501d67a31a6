//! The deprecated numeric twins of RallyHere's platforms (rallyhere.md §2.0), for answers that name only the number.

/// The platform of a portal id.
pub(super) fn platform_of(portal_id: i64) -> Option<&'static str> {
    Some(match portal_id {
        2 => "Anon",
        4 => "Amazon",
        5 => "Steam",
        9 => "PSN",
        10 => "XboxLive",
        11 => "Basic",
        13 => "Google",
        14 => "RallyHere",
        16 => "Twitch",
        22 => "NintendoSwitch",
        24 => "Apple",
        25 => "Discord",
        26 => "NintendoNAID",
        27 => "LegacyName",
        28 => "Epic",
        32 => "GooglePlay",
        33 => "NintendoPPID",
        34 => "AndroidDevice",
        35 => "iosDevice",
        _ => return None,
    })
}
