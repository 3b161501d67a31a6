//! What protects a code on a screen, where no other room has it: a used one is gone, and a wrong clock decides nothing.

use playerlink::linking::display::{Action, Answer, Event, State};

use crate::screen::{Screen, link, lives, options};

const DAY: i64 = 86_400_000;

#[test]
fn x09_a_code_that_was_used_is_gone_at_once_and_nothing_brings_it_back() {
    let used = |at| Ok(if at < 10_000 { Answer::Pending } else { Answer::Linked(link("XboxLive", "Nova")) });
    let mut screen = Screen::shown(options(), lives(300_000, used));
    screen.run(20_000);
    assert_eq!((screen.state(), screen.linked().len(), screen.codes()), (State::Linked, 1, 1));
    for event in [Event::Finished, Event::PushedLinked(link("XboxLive", "Nova")), Event::Reveal, Event::Visible] {
        screen.event(event);
        screen.run(400_000);
        let look = screen.look();
        assert!(look.code.is_none() && look.groups.is_empty() && look.spelled.is_empty());
    }
    assert_eq!((screen.linked().len(), screen.codes()), (1, 1), "used once, told once");
}

#[test]
fn x19_a_clock_that_jumps_a_day_changes_what_is_shown_and_not_what_is_true() {
    for jump in [DAY, -DAY] {
        let used = |at| Ok(if at < 30_000 { Answer::Pending } else { Answer::Linked(link("XboxLive", "Nova")) });
        let mut screen = Screen::shown(options(), lives(300_000, used));
        screen.run(5_000);
        screen.clock_jumps(jump);
        screen.event(Event::Tick);
        assert!(screen.look().expires_in_ms.is_none_or(|left| left <= 295_000), "no code lives longer by it");
        screen.run(60_000);
        assert_eq!((screen.state(), screen.linked().len()), (State::Linked, 1), "the service's word counts: {jump}");
        let asked = screen.times(|action| matches!(action, Action::RequestCode { .. })).len();
        assert!(asked <= 2, "{asked} codes");
    }
}
