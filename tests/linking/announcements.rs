//! What the one status line says: exactly this, and nothing each second.

use playerlink::ErrorKind;
use playerlink::linking::display::{Answer, Event, Options, State};

use crate::screen::{Screen, failure, link, lives, options};

#[test]
fn a6_a_code_from_its_first_second_to_its_last_is_spoken_in_this_order_and_no_more() {
    let mut screen =
        Screen::shown(Options { max_renewals: Some(1), ..options() }, lives(300_000, |_| Ok(Answer::Pending)));
    screen.run(900_000);
    assert_eq!(screen.state(), State::Expired);
    let code = ["shown 300", "expiring 60", "expiring 30", "renewed 300", "expiring 60", "expiring 30", "expired"];
    assert_eq!(screen.words(), code);
    let times: Vec<u64> = screen.said.iter().map(|(at, _)| at / 1_000).collect();
    assert_eq!(times[..4], [0, 240, 270, 300]);
}

#[test]
fn a9_every_end_is_announced_20_seconds_before_also_with_short_lives() {
    for life in [25_000, 45_000, 61_000, 90_000, 600_000] {
        let mut screen = Screen::shown(options(), lives(life, |_| Ok(Answer::Pending)));
        screen.run(life - 20_000);
        let announced =
            screen.said.iter().filter_map(|(at, announce)| Some((at, announce.seconds?))).next_back().unwrap();
        assert!(announced.0 + announced.1 * 1_000 >= life, "{life}: {announced:?}");
        assert!(life - announced.0 >= 20_000, "{life}: {announced:?}");
    }
}

#[test]
fn the_same_words_twice_are_two_announcements() {
    let mut screen = Screen::shown(options(), lives(300_000, |_| Ok(Answer::Pending)));
    for _ in 0..2 {
        screen.event(Event::Finished);
        screen.run(100);
    }
    assert_eq!(screen.words(), ["shown 300", "not-yet", "not-yet"]);
    assert_ne!(screen.said[1].1.n, screen.said[2].1.n);
}

#[test]
fn a_page_that_is_seen_again_says_only_what_holds_now() {
    let mut screen = Screen::shown(options(), lives(300_000, |_| Ok(Answer::Pending)));
    screen.event(Event::Hidden);
    screen.sleep(280_000);
    screen.event(Event::Visible);
    assert_eq!(screen.words(), ["shown 300", "expiring 20"]);
}

#[test]
fn errors_and_links_are_said_with_what_they_are() {
    let mut screen = Screen::shown(options(), lives(300_000, |_| Ok(Answer::Linked(link("XboxLive", "Nova")))));
    screen.run(5_000);
    let (_, announce) = screen.said.last().unwrap();
    assert_eq!(
        (announce.key, announce.platform.as_deref(), announce.display_name.as_deref()),
        ("linked", Some("XboxLive"), Some("Nova"))
    );
    let mut screen = Screen::shown(options(), lives(300_000, |_| Err(failure(ErrorKind::Configuration))));
    screen.run(5_000);
    let (_, announce) = screen.said.last().unwrap();
    assert_eq!((announce.key, announce.kind), ("error", Some("configuration")));
}
