//! What the services' own words mean for a link.

use playerlink::ErrorKind;
use playerlink::linking::capabilities::{Capabilities, Undo};
use playerlink::linking::conflict::{Choice, Conflict, Outcome};

#[test]
fn the_codes_that_the_vendors_document_for_links_are_known() {
    use Conflict::{
        AgreementsNeeded, MainHasThisPlatform, PlatformLinkedElsewhere, ProgressionConflict, Restricted, SamePlayer,
    };
    for (code, conflict) in [
        ("follower_already_linked", PlatformLinkedElsewhere),
        ("platform_already_linked", MainHasThisPlatform),
        ("cannot_link_same_player", SamePlayer),
        ("follower_has_cross_progression_enabled", ProgressionConflict),
        ("follower_has_restrictions", Restricted),
        ("leader_has_restrictions", Restricted),
        ("user_needs_agreements", AgreementsNeeded),
        ("010-016", PlatformLinkedElsewhere),
        ("LinkedAccountAlreadyClaimed", PlatformLinkedElsewhere),
        ("AccountAlreadyLinked", MainHasThisPlatform),
        ("AccountLinkedToABannedPlayer", Restricted),
    ] {
        assert_eq!(Conflict::of_code(code), Some(conflict), "{code}");
    }
}

#[test]
fn every_code_in_the_table_is_one_that_the_service_has_and_that_stops_a_link() {
    let table = include_str!("../../docs/codes.csv");
    let is_known = |code: &str| table.lines().any(|line| line.split(',').any(|cell| cell.trim_matches('"') == code));
    for code in [
        "follower_already_linked",
        "platform_already_linked",
        "cannot_link_same_player",
        "follower_has_cross_progression_enabled",
        "follower_has_restrictions",
        "leader_has_restrictions",
        "user_needs_agreements",
        "010-016",
        "002-040",
        "LinkedAccountAlreadyClaimed",
        "LinkedDeviceAlreadyClaimed",
        "LinkedIdentifierAlreadyClaimed",
        "AccountAlreadyLinked",
        "AccountLinkedToABannedPlayer",
        "AccountBanned",
    ] {
        assert!(is_known(code), "{code} is no code of a service");
        assert!(Conflict::of_code(code).is_some(), "{code}");
    }
}

#[test]
fn a_code_of_tomorrow_stays_what_it_is_and_is_no_success() {
    let outcome = Outcome::of_kind(ErrorKind::Conflict, Some("new_in_2030"), true);
    assert_eq!(outcome, Outcome::Conflict(Conflict::Other("new_in_2030".into())));
    assert!(!outcome.is_linked());
    for kind in ErrorKind::ALL {
        for sent in [false, true] {
            let outcome = Outcome::of_kind(kind, Some("new_in_2030"), sent);
            assert!(!outcome.is_linked() || kind == ErrorKind::SessionStale, "{kind}");
            assert!(!outcome.may_retry_itself() || !sent, "{kind}");
        }
    }
}

#[test]
fn a_lost_answer_after_sending_is_unknown_and_before_it_offline() {
    for kind in [ErrorKind::Network, ErrorKind::Timeout, ErrorKind::Cancelled] {
        assert_eq!(Outcome::of_kind(kind, None, true), Outcome::Unknown);
        assert_eq!(Outcome::of_kind(kind, None, false), Outcome::Offline);
    }
    assert_eq!(Outcome::of_kind(ErrorKind::Protocol, None, true), Outcome::Unknown);
    assert_eq!(Outcome::of_kind(ErrorKind::NotFound, Some("003-061"), true), Outcome::NotFoundOrExpired);
    assert_eq!(Outcome::of_kind(ErrorKind::Credentials, Some("003-049"), true), Outcome::AttemptsExhausted);
    assert_eq!(Outcome::of_kind(ErrorKind::Busy, None, true), Outcome::RateLimited);
}

#[test]
fn numbers_of_outcomes_are_all_different() {
    let conflicts = [
        "platform-linked-elsewhere",
        "main-has-this-platform",
        "same-player",
        "progression-conflict",
        "restricted",
        "agreements-needed",
        "cool-down",
        "last-method",
    ];
    let mut numbers: Vec<u16> =
        conflicts.iter().map(|word| Outcome::Conflict(Conflict::of_code(word).unwrap()).number()).collect();
    let others = [
        Outcome::Linked,
        Outcome::NotFoundOrExpired,
        Outcome::Expired,
        Outcome::AlreadyUsed,
        Outcome::InvalidCode,
        Outcome::AttemptsExhausted,
        Outcome::RateLimited,
        Outcome::Unsupported,
        Outcome::Misconfigured,
        Outcome::Unavailable,
        Outcome::Offline,
        Outcome::LinkedStaleSession,
        Outcome::Unknown,
        Outcome::Other(String::new()),
        Outcome::Conflict(Conflict::Other(String::new())),
    ];
    numbers.extend(others.iter().map(Outcome::number));
    let count = numbers.len();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), count);
}

#[test]
fn unlinking_and_moving_a_link_are_only_offered_where_the_player_can_undo_one() {
    for undo in [Undo::Never, Undo::Support, Undo::Unknown] {
        for conflict in [Conflict::MainHasThisPlatform, Conflict::PlatformLinkedElsewhere] {
            assert_eq!(conflict.choices(undo), [Choice::Keep, Choice::Support], "{conflict:?}, {undo:?}");
        }
    }
    assert_eq!(Conflict::MainHasThisPlatform.choices(Undo::Player), [Choice::Keep, Choice::UnlinkFirst]);
    let choices = Conflict::PlatformLinkedElsewhere.choices(Undo::Player);
    assert_eq!(choices, [Choice::Keep, Choice::Switch, Choice::Support]);
    // The code of Xsolla for an account that is linked elsewhere, and what Xsolla can do.
    let claimed = Conflict::of_code("010-016").unwrap();
    assert!(!claimed.choices(Capabilities::XSOLLA.undo).contains(&Choice::Switch));
    assert!(claimed.choices(Capabilities::RALLYHERE.undo).contains(&Choice::Switch));
    assert_eq!(Capabilities::of_service("xsolla").undo, Undo::Never);
    assert_eq!(Capabilities::of_service("rallyhere"), Capabilities::RALLYHERE);
    assert!(!Capabilities::of_service("rallyhere").codes && !Capabilities::of_service("playfab").codes);
    assert_eq!(Capabilities::of_service("tomorrow"), Capabilities::NONE);
    let xsolla = Capabilities::of_service("xsolla");
    assert!(xsolla.codes && !xsolla.lifetime && !xsolla.status && !xsolla.cancel && !xsolla.link_list);
}
