//! Complaints of players and developers about other products, as tests: `docs/linking.md` has the table.

use playerlink::ErrorKind;
use playerlink::linking::display::{Action, Answer, Connection, Event, Failure, Options, State, Warning};
use playerlink::linking::watch::{Evidence, Offered};

use crate::screen::{Screen, code, failure, link, links_only, lives, options};

const LIFE: u64 = 600_000;

fn pending(_: u64) -> Result<Answer, Failure> {
    Ok(Answer::Pending)
}

/// A server that insists on its interval, and adds 5 s to it each time somebody comes too early (RFC 8628 §3.5).
fn strict(done_after: u64) -> impl FnMut(u64) -> Result<Answer, Failure> {
    let (mut interval, mut last) = (5_000, 0);
    move |at| {
        let early = last > 0 && at - last < interval;
        last = at;
        if early {
            interval += 5_000;
            return Err(failure(ErrorKind::Busy));
        }
        Ok(if at >= done_after { Answer::Linked(link("XboxLive", "Nova")) } else { Answer::Pending })
    }
}

#[test]
fn c01_clocks_that_run_fast_do_not_poll_too_early_for_ever() {
    for (wall_rate, monotonic_rate) in [(1_000, 1_000), (1_100, 1_000), (1_000, 1_100), (1_100, 1_100)] {
        let done_after = 200_000;
        let mut screen = Screen::new(options(), lives(LIFE, strict(done_after)));
        (screen.wall_rate, screen.monotonic_rate) = (wall_rate, monotonic_rate);
        screen.event(Event::Start);
        screen.run(LIFE / 2);
        assert_eq!(screen.state(), State::Linked);
        let too_often = screen.times(|action| matches!(action, Action::Warn(Warning::TooOften { .. })));
        assert!(too_often.len() <= 2, "{too_often:?}");
        let checks = screen.checks();
        let [.., before, found] = checks[..] else { panic!() };
        assert!(before < done_after && found < done_after + 30_000, "{checks:?}: more than one pause late");
    }
}

#[test]
fn c01_the_warning_tells_how_far_the_clocks_drifted_apart() {
    let busy = |_| Err(failure(ErrorKind::Busy));
    let mut screen =
        Screen::new(options(), move |action, at| lives(LIFE, busy)(action, at).map(|(_, result)| (1_000, result)));
    screen.wall_rate = 1_100;
    screen.event(Event::Start);
    screen.run(6_000);
    assert!(screen.warned(Warning::TooOften { drift_ms: 100 }), "{:?}", screen.done);
}

#[test]
fn c02_each_slow_down_widens_the_gap_by_five_seconds_for_good() {
    use playerlink::linking::{Now, watch::Plan};
    let at = |ms| Now { wall: ms, monotonic: ms };
    let mut plan = Plan::new(at(0), 128);
    plan.answered(at(3_000), 128);
    let mut gaps = vec![plan.gap_ms(at(3_000), false)];
    for _ in 0..2 {
        plan.slow_down(at(6_000), None, 128);
        gaps.push(plan.gap_ms(at(6_000), false));
    }
    assert_eq!(gaps, [3_000, 8_000, 13_000]);
    // Answers do not undo it, and a longer `Retry-After` wins.
    plan.answered(at(9_000), 128);
    assert_eq!(plan.gap_ms(at(9_000), false), 13_000);
    plan.slow_down(at(9_000), Some(90_000), 128);
    assert!(plan.is_held_off(at(98_000)) && plan.due_in_ms(at(9_000), false) == 90_000);
}

#[test]
fn c02_an_unknown_error_ends_with_its_kind() {
    let mut screen = Screen::shown(options(), lives(LIFE, |_| Err(failure(ErrorKind::Configuration))));
    screen.run(5_000);
    assert_eq!((screen.state(), screen.look().problem.unwrap().kind), (State::Failed, "configuration"));
    let mut screen = Screen::shown(options(), lives(LIFE, |_| Ok(Answer::Denied)));
    screen.run(5_000);
    assert_eq!((screen.state(), screen.look().problem.unwrap().kind), (State::Failed, "permission"));
}

#[test]
fn c03_lost_answers_and_an_html_page_slow_the_questions_and_end_nothing() {
    let kinds = [ErrorKind::Network, ErrorKind::Protocol, ErrorKind::Service, ErrorKind::Timeout, ErrorKind::Cancelled];
    let mut asked = 0;
    let mut screen = Screen::shown(
        options(),
        lives(LIFE, move |_| {
            asked += 1;
            match kinds.get(asked - 1) {
                Some(kind) => Err(failure(*kind)),
                None => Ok(Answer::Linked(link("XboxLive", "Nova"))),
            }
        }),
    );
    screen.run(3_500);
    assert!(matches!(screen.look().connection, Connection::Retrying { .. }));
    assert!(screen.look().code.is_some(), "the code stays");
    screen.run(LIFE / 2);
    assert_eq!(screen.state(), State::Linked);
    let pauses: Vec<u64> = screen.checks().windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(pauses.windows(2).all(|pair| pair[1] > pair[0] || pair[0] > 50_000), "{pauses:?}");
    assert!(pauses.iter().all(|pause| *pause < 70_000), "{pauses:?}");
}

#[test]
fn c04_no_code_is_made_before_start_nor_behind_the_players_back() {
    let mut screen = Screen::new(options(), lives(300_000, pending));
    for event in [Event::Hidden, Event::Visible, Event::Tick, Event::Finished, Event::Keep, Event::Reveal] {
        screen.event(event);
    }
    screen.run(86_400_000);
    assert_eq!(screen.requests(), 0);
    // Seen again after hours: what is left is right, and nothing was renewed.
    screen.event(Event::Start);
    screen.run(200);
    screen.event(Event::Hidden);
    screen.run(120_000);
    screen.event(Event::Visible);
    assert!(screen.look().expires_in_ms.unwrap().abs_diff(300_000 - 120_200) < 100);
    screen.event(Event::Hidden);
    screen.run(7_200_000);
    screen.event(Event::Visible);
    assert_eq!((screen.state(), screen.codes()), (State::Expired, 1));
}

#[test]
fn c05_a_code_is_never_swapped_early_and_a_short_life_is_reported() {
    let mut screen = Screen::shown(options(), lives(45_000, pending));
    assert!(screen.warned(Warning::ShortLifetime));
    screen.run(44_000);
    assert_eq!(screen.codes(), 1, "not before its end");
    let mut screen = Screen::shown(options(), lives(10_000, pending));
    screen.run(3_600_000);
    assert_eq!((screen.codes(), screen.state()), (1, State::Expired), "nobody could type it");
}

#[test]
fn c06_every_state_has_a_way_out_that_works() {
    let outs = |action: &str| match action {
        "start" => Some(Event::Start),
        "new-code" => Some(Event::NewCode),
        "cancel" | "close" => Some(Event::Cancel),
        _ => None,
    };
    let mut seen = Vec::new();
    let mut look = |screen: &Screen<'_>| {
        let state = screen.state();
        for event in screen.look().actions.iter().filter_map(|action| outs(action)) {
            let mut copy = screen.machine.clone();
            copy.step(event.clone(), screen.now);
            let moved = copy.state() != state || state == State::Linked;
            assert!(moved, "{event:?} does nothing in {state:?}");
        }
        seen.push(state);
    };
    let mut refreshing = options();
    refreshing.offered.refresh = true;
    let mut screen = Screen::new(
        refreshing,
        lives(90_000, |at| if at < 500_000 { pending(at) } else { Ok(Answer::Linked(link("X", "N"))) }),
    );
    look(&screen);
    screen.event(Event::Start);
    for _ in 0..600 {
        look(&screen);
        screen.run(1_000);
    }
    screen.event(Event::Finished);
    for (kind, retry_after_ms) in [(ErrorKind::Busy, Some(5_000)), (ErrorKind::Configuration, None)] {
        let mut screen =
            Screen::new(options(), move |_, _| Some((5, Err(Failure { kind, code: None, retry_after_ms }))));
        screen.event(Event::Start);
        screen.run(10_000);
        look(&screen);
    }
    let mut screen = Screen::shown(Options { max_renewals: Some(0), ..options() }, lives(90_000, pending));
    screen.event(Event::Finished);
    look(&screen);
    screen.run(200_000);
    look(&screen);
    screen.event(Event::Cancel);
    look(&screen);
    for state in [
        State::Idle,
        State::Requesting,
        State::Active,
        State::Expiring,
        State::Renewing,
        State::Expired,
        State::Limited,
        State::Checking,
        State::Linked,
        State::Failed,
        State::Cancelled,
    ] {
        assert!(seen.contains(&state), "{state:?} was not walked through");
    }
}

#[test]
fn c07_a_page_that_is_left_open_stops_after_five_renewals() {
    let mut screen = Screen::shown(options(), lives(300_000, pending));
    screen.run(86_400_000);
    assert_eq!((screen.state(), screen.codes(), screen.look().renewals_used), (State::Expired, 6, 5));
    assert_eq!(screen.machine.wake_in_ms(screen.now), None, "no timer is left");
}

#[test]
fn c08_a_code_that_was_used_is_off_the_screen_before_anything_else() {
    for event in [Event::PushedLinked(link("XboxLive", "Nova")), Event::Finished] {
        let offered = Offered { listen: event != Event::Finished, ..Offered::default() };
        let mut screen = Screen::shown(Options { offered, ..Options::default() }, lives(LIFE, pending));
        screen.event(event);
        let look = screen.look();
        assert_eq!((look.state, look.code), (State::Linked, None));
        assert!(look.groups.is_empty() && look.spelled.is_empty());
    }
}

#[test]
fn c09_two_players_who_link_at_once_do_not_clear_each_others_codes() {
    let lists = |at| Ok(Answer::Links(if at < 5_000 { vec![] } else { vec![link("PSN", "Ada")] }));
    let expecting = |platform: &str| Options { expect_platform: Some(platform.into()), ..links_only() };
    let (mut xbox, mut psn) =
        (Screen::shown(expecting("XboxLive"), lives(LIFE, lists)), Screen::shown(expecting("PSN"), lives(LIFE, lists)));
    xbox.run(20_000);
    psn.run(20_000);
    assert_eq!((xbox.state(), psn.state()), (State::Active, State::Linked));
    assert_eq!(psn.look().evidence, Evidence::ListDiff, "and the face can say how sure it is");
}

#[test]
fn c12_zeros_in_front_survive_and_a_json_number_gets_them_back() {
    use playerlink::linking::display::NewCode;
    use playerlink::linking::format::Format;
    for number in 0..1_000_u32 {
        for (was_number, text) in [(false, format!("{number:06}")), (true, number.to_string())] {
            let options =
                Options { format: Some(Format::digits6()), offered: Offered::default(), ..Options::default() };
            let mut screen = Screen::new(options, |_, _| {
                Some((1, Ok(Answer::Code(NewCode { code: text.as_str().into(), expires_in_ms: None, was_number }))))
            });
            screen.event(Event::Start);
            screen.run(2);
            assert_eq!(screen.look().code.unwrap().expose(), format!("{number:06}"));
            assert_eq!(screen.warned(Warning::NumberPadded), was_number);
            assert!(!screen.look().format_mismatch);
        }
    }
}

#[test]
fn c16_after_a_sleep_of_ten_minutes_the_time_left_is_right_at_once() {
    let mut screen = Screen::shown(options(), lives(900_000, pending));
    screen.run(60_000);
    screen.sleep(600_000);
    screen.event(Event::Visible);
    assert!(screen.look().expires_in_ms.unwrap().abs_diff(900_000 - 660_000) < 1_000);
    // And over, if it is over.
    screen.sleep(600_000);
    screen.event(Event::Tick);
    assert_eq!((screen.state(), screen.look().expires_in_ms), (State::Renewing, Some(0)));
}

#[test]
fn c28_a_lifetime_that_is_not_kept_is_an_expired_code_and_no_error() {
    // The service says so early.
    let early = |at| Ok(if at < 290_000 { Answer::Pending } else { Answer::Expired });
    let mut asked = 0;
    let mut screen = Screen::shown(options(), move |action, at| {
        if matches!(action, Action::RequestCode { .. }) {
            asked += 1;
        }
        if asked > 1 { lives(900_000, pending)(action, at) } else { lives(900_000, early)(action, at) }
    });
    screen.run(310_000);
    assert_eq!((screen.state(), screen.codes(), screen.look().problem), (State::Active, 2, None));
    let mut screen = Screen::shown(Options { max_renewals: Some(0), ..options() }, lives(900_000, early));
    screen.run(310_000);
    assert_eq!((screen.state(), screen.look().problem), (State::Expired, None));
    // Or the app knows better.
    let mut options = options();
    options.capabilities.max_age_hint_ms = Some(300_000);
    let screen = Screen::shown(options, lives(900_000, pending));
    assert!(screen.look().expires_in_ms.unwrap() <= 300_000);
}

#[test]
fn c29_the_first_question_comes_after_three_seconds_and_no_burst_follows() {
    let mut screen = Screen::shown(options(), lives(LIFE, pending));
    screen.run(LIFE - 1_000);
    let checks = screen.checks();
    assert!((2_700..=3_400).contains(&checks[0]), "{checks:?}");
    let pauses: Vec<(u64, u64)> = checks.windows(2).map(|pair| (pair[0], pair[1] - pair[0])).collect();
    for (since, pause) in pauses {
        let base = match since {
            ..50_000 => 2_700..=3_400,
            65_000..170_000 => 4_500..=5_600,
            185_000.. => 9_000..=11_100,
            _ => continue,
        };
        assert!(base.contains(&pause), "{pause} after {since}");
    }
}

#[test]
fn c32_failures_are_forgotten_with_the_first_answer() {
    let mut asked = 0;
    // Every second question fails, a hundred times over.
    let mut screen = Screen::shown(
        options(),
        lives(900_000, move |_| {
            asked += 1;
            if asked % 2 == 0 { Err(failure(ErrorKind::Service)) } else { Ok(Answer::Pending) }
        }),
    );
    screen.run(890_000);
    assert!(matches!(screen.state(), State::Active | State::Expiring));
    let checks = screen.checks();
    assert!(checks.len() > 50, "{}", checks.len());
    assert!(checks.windows(2).all(|pair| pair[1] - pair[0] < 25_000));
}

#[test]
fn a_request_whose_answer_never_comes_is_given_up() {
    let mut screen = Screen::shown(options(), |action, _| {
        matches!(action, Action::RequestCode { .. }).then(|| (50, Ok(code(Some(LIFE)))))
    });
    screen.run(25_000);
    assert!(screen.times(|action| *action == Action::Abort).len() == 1);
    assert!(matches!(screen.look().connection, Connection::Retrying { .. }));
    // A last question does not hold up the new code either.
    screen.run(LIFE - 25_000 + 5_000);
    assert_eq!(screen.codes(), 2);
}

#[test]
fn clocks_that_are_a_day_off_decide_nothing() {
    for day in [-86_400_000_i64, 86_400_000] {
        let mut screen = Screen::new(options(), lives(LIFE, pending));
        screen.now.wall = screen.now.wall.saturating_add_signed(day);
        screen.event(Event::Start);
        screen.run(60_000);
        assert_eq!(screen.state(), State::Active);
        assert!(screen.look().expires_in_ms.unwrap().abs_diff(LIFE - 60_000) < 100);
        assert!(screen.checks().len() > 10);
    }
    // Set back by a day while a code is shown: it goes on by the other clock.
    let mut screen = Screen::shown(options(), lives(LIFE, pending));
    screen.now.wall -= 86_400_000;
    screen.run(30_000);
    assert!(screen.checks().len() > 4);
    assert!(screen.look().expires_in_ms.unwrap().abs_diff(LIFE - 30_200) < 1_000);
}
