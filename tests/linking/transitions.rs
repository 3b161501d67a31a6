//! The transitions of the machine, T1 to T23, each by its number.

use playerlink::ErrorKind;
use playerlink::linking::capabilities::{Capabilities, Undo};
use playerlink::linking::display::{
    Action, Answer, Connection, Event, Failure, NewCode, Options, RefreshState, State, Warning,
};
use playerlink::linking::format::Format;
use playerlink::linking::watch::{Evidence, Offered, Source};

use crate::screen::{CODE, Screen, code, failure, link, links_only, lives, options, request, undo};

const LIFE: u64 = 300_000;

fn pending(_: u64) -> Result<Answer, Failure> {
    Ok(Answer::Pending)
}

fn no_links(_: u64) -> Result<Answer, Failure> {
    Ok(Answer::Links(Vec::new()))
}

#[test]
fn t01_start_takes_the_links_of_before_and_then_asks_for_a_code() {
    let mut screen = Screen::new(links_only(), lives(LIFE, no_links));
    screen.run(3_600_000);
    assert_eq!(screen.requests(), 0, "nothing before start");
    screen.event(Event::Start);
    screen.run(200);
    assert!(matches!(screen.done[0].1, Action::TakeBaseline { .. }));
    assert!(matches!(screen.done[1].1, Action::RequestCode { .. }));
    assert_eq!(screen.state(), State::Active);
}

#[test]
fn t02_a_code_that_does_not_fit_the_format_is_shown_whole_and_reported() {
    let format = Some(Format::digits8());
    let screen = Screen::shown(Options { format, ..options() }, lives(LIFE, pending));
    let look = screen.look();
    assert!(look.format_mismatch && screen.warned(Warning::FormatMismatch));
    assert_eq!(look.groups.iter().map(|group| group.expose()).collect::<String>(), CODE);
    assert_eq!(look.code.unwrap().expose(), CODE);
    assert_eq!(screen.words(), ["shown 300"]);
}

#[test]
fn t03_a_busy_service_is_waited_for_and_never_asked_again_by_itself() {
    let busy = Failure { retry_after_ms: Some(40_000), ..failure(ErrorKind::Busy) };
    let mut answers = [Err(busy), Ok(code(Some(LIFE)))].into_iter();
    let mut screen = Screen::new(options(), move |action, _| {
        matches!(action, Action::RequestCode { .. }).then(|| (10, answers.next().unwrap()))
    });
    screen.event(Event::Start);
    screen.run(20);
    assert_eq!(screen.state(), State::Limited);
    let problem = screen.look().problem.unwrap();
    assert_eq!((problem.kind, problem.retryable), ("busy", true));
    assert_eq!(problem.retry_at_ms, Some(screen.now.wall - 10 + 40_000));
    screen.event(Event::NewCode);
    assert_eq!(screen.state(), State::Limited, "too early");
    screen.run(3_600_000);
    assert_eq!(screen.codes(), 1);
    assert!(screen.look().actions.contains(&"new-code"));
    screen.event(Event::NewCode);
    screen.run(20);
    assert_eq!(screen.state(), State::Active);
}

#[test]
fn t04_a_session_that_is_over_asks_the_player_to_sign_in() {
    for kind in [ErrorKind::SessionOver, ErrorKind::SessionStale, ErrorKind::Credentials, ErrorKind::PlatformTicket] {
        let mut screen = Screen::new(options(), |_, _| Some((10, Err(failure(kind)))));
        screen.event(Event::Start);
        screen.run(20);
        assert_eq!(screen.state(), State::Failed);
        assert_eq!(screen.look().problem.unwrap().kind, "session-over");
        assert!(screen.look().actions.contains(&"sign-in"));
        assert_eq!(screen.codes(), 1);
    }
}

#[test]
fn t05_without_an_answer_a_code_is_asked_for_three_times_more_with_longer_pauses() {
    let mut screen = Screen::new(options(), |_, _| Some((0, Err(failure(ErrorKind::Network)))));
    screen.event(Event::Start);
    screen.run(1);
    assert!(matches!(screen.look().connection, Connection::Retrying { next_ms: 750..=1_250 }));
    screen.run(60_000);
    let times = screen.times(|action| matches!(action, Action::RequestCode { .. }));
    let pauses: Vec<u64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    for (pause, base) in pauses.iter().zip([1_000, 2_000, 4_000]) {
        assert!(pause.abs_diff(base) <= base / 5 + 1, "{pause} is not {base} ±20 %");
    }
    assert_eq!(times.len(), 4);
    assert_eq!(screen.state(), State::Failed);
    let problem = screen.look().problem.unwrap();
    assert!(problem.retryable && problem.kind == "network" && screen.look().actions.contains(&"new-code"));
}

#[test]
fn t06_little_time_left_is_said_at_least_20_seconds_before_the_end() {
    for (warn_ms, least) in [(0, 20_000), (30_000, 30_000), (1_000_000, 120_000)] {
        let mut screen = Screen::shown(Options { warn_ms, ..options() }, lives(LIFE, pending));
        screen.run(LIFE - least - 1_300);
        assert_eq!(screen.state(), State::Active);
        screen.run(1_200);
        assert_eq!(screen.state(), State::Expiring);
        assert_eq!(screen.words().last().unwrap(), &format!("expiring {}", least / 1_000));
        assert!(screen.look().code.is_some());
    }
}

#[test]
fn t07_at_the_end_a_new_code_is_asked_for_while_the_old_one_is_struck_through_for_three_seconds() {
    let mut asked = 0;
    let mut screen = Screen::shown(Options { offered: Offered::default(), ..options() }, move |_, _| {
        asked += 1;
        Some((if asked == 1 { 50 } else { 10_000 }, Ok(code(Some(LIFE)))))
    });
    screen.run(LIFE);
    assert_eq!(screen.state(), State::Renewing);
    assert!(screen.look().code.is_some());
    screen.run(2_700);
    assert!(screen.look().code.is_some());
    screen.run(200);
    assert!(screen.look().code.is_none(), "longer than 3 s");
    screen.run(8_000);
    assert_eq!((screen.state(), screen.look().renewals_used), (State::Active, 1));
}

#[test]
fn t08_a_code_that_expires_unseen_or_once_too_often_is_not_renewed() {
    let mut screen = Screen::shown(options(), lives(LIFE, pending));
    screen.event(Event::Hidden);
    screen.run(LIFE);
    assert_eq!((screen.state(), screen.codes()), (State::Expired, 1));
    screen.event(Event::Visible);
    screen.run(3_600_000);
    assert_eq!((screen.state(), screen.codes()), (State::Expired, 1));
    assert!(screen.look().code.is_none() && screen.look().actions.contains(&"new-code"));
    let requests = screen.requests();
    screen.run(86_400_000);
    assert_eq!(screen.requests(), requests);
}

#[test]
fn t09_a_renewed_code_says_that_the_old_one_no_longer_works() {
    let mut screen = Screen::shown(options(), lives(LIFE, pending));
    screen.run(LIFE + 500);
    assert_eq!(screen.state(), State::Active);
    assert_eq!(screen.words(), ["shown 300", "expiring 60", "expiring 30", "renewed 300"]);
}

#[test]
fn t10_the_player_may_start_again_from_every_end_and_the_renewals_count_anew() {
    let mut screen = Screen::shown(options(), lives(LIFE, pending));
    screen.run(LIFE * 7);
    assert_eq!((screen.state(), screen.look().renewals_used), (State::Expired, 5));
    screen.event(Event::NewCode);
    screen.run(200);
    assert_eq!((screen.state(), screen.look().renewals_used), (State::Active, 0));
    screen.event(Event::Cancel);
    screen.event(Event::Start);
    screen.run(200);
    assert_eq!(screen.state(), State::Active);
    // Also while a code lives: it is struck through at once.
    screen.event(Event::NewCode);
    assert_eq!(screen.state(), State::Renewing);
    screen.run(200);
    assert_eq!((screen.state(), screen.look().renewals_used), (State::Active, 0));
}

#[test]
fn t11_a_code_that_is_kept_is_not_renewed_and_still_ends() {
    let mut screen = Screen::shown(options(), lives(LIFE, pending));
    assert!(screen.look().actions.contains(&"keep"));
    screen.event(Event::Keep);
    assert!(!screen.look().actions.contains(&"keep"));
    screen.run(LIFE);
    assert_eq!((screen.state(), screen.codes()), (State::Expired, 1));
}

#[test]
fn t12_it_is_asked_for_60_seconds_more_whether_a_code_was_used_in_its_last_moment() {
    let late = LIFE + 40_000;
    let options = Options { max_renewals: Some(0), ..options() };
    let used = move |at| Ok(if at < late { Answer::Pending } else { Answer::Linked(link("XboxLive", "Nova")) });
    let mut screen = Screen::shown(options.clone(), lives(LIFE, used));
    screen.run(LIFE + 30_000);
    assert_eq!(screen.state(), State::Expired);
    screen.run(30_000);
    assert_eq!(screen.state(), State::Linked);

    let mut screen = Screen::shown(options, lives(LIFE, pending));
    screen.run(LIFE * 3);
    let checks = screen.checks();
    assert!(checks.iter().any(|at| (LIFE + 40_000..LIFE + 61_000).contains(at)));
    assert!(checks.iter().all(|at| *at < LIFE + 61_000));
}

#[test]
fn t12_a_code_that_is_used_in_the_very_moment_of_its_end_is_linked_once() {
    for answer_first in [true, false] {
        let options = Options { max_renewals: Some(0), ..options() };
        let mut usual = lives(LIFE, move |at| {
            Ok(if at < LIFE { Answer::Pending } else { Answer::Linked(link("XboxLive", "Nova")) })
        });
        // The last question before the end is not answered by itself.
        let mut screen = Screen::shown(options, move |action, at| {
            let last = matches!(action, Action::Check { .. }) && (LIFE - 12_000..LIFE).contains(&at);
            if last { None } else { usual(action, at) }
        });
        let left = screen.look().expires_in_ms.unwrap();
        screen.run(left - 1);
        let id = screen.done.iter().rev().find_map(|(_, action)| request(action)).unwrap();
        screen.pass(1);
        assert_eq!(screen.look().expires_in_ms, Some(0));
        let answer = Event::Reply { id, result: Ok(Answer::Linked(link("XboxLive", "Nova"))) };
        let both = if answer_first { [answer, Event::Tick] } else { [Event::Tick, answer] };
        for event in both {
            screen.event(event);
        }
        screen.run(30_000);
        assert_eq!(screen.state(), State::Linked, "answer first: {answer_first}");
        assert_eq!(screen.linked().len(), 1);
    }
}

#[test]
fn t13_what_the_service_says_of_the_code_links_at_once_and_refreshes() {
    let mut options = options();
    options.offered.refresh = true;
    let mut service = lives(LIFE, |_| Ok(Answer::Linked(link("XboxLive", "Nova"))));
    let mut screen = Screen::shown(options, |action, at| {
        let (after, result) = service(action, at)?;
        Some((if matches!(action, Action::Refresh { .. }) { 5_000 } else { after }, result))
    });
    screen.run(4_000);
    let look = screen.look();
    assert_eq!((look.state, look.evidence, look.refresh), (State::Linked, Evidence::Status, RefreshState::Running));
    assert!(look.code.is_none() && screen.linked().is_empty());
    screen.run(5_000);
    assert_eq!(screen.linked().len(), 1);
}

#[test]
fn t14_a_new_link_in_the_list_is_a_sign_and_says_so() {
    let lists = |at| Ok(Answer::Links(if at < 10_000 { vec![] } else { vec![link("XboxLive", "Nova")] }));
    let mut screen = Screen::shown(links_only(), lives(LIFE, lists));
    screen.run(15_000);
    let look = screen.look();
    assert_eq!((look.state, look.evidence), (State::Linked, Evidence::ListDiff));
    assert_eq!(look.linked.unwrap().display_name.as_deref(), Some("Nova"));
    assert_eq!(screen.said.last().unwrap().1.platform.as_deref(), Some("XboxLive"));
}

#[test]
fn t15_a_new_link_of_another_platform_keeps_the_code() {
    let options = Options { expect_platform: Some("xboxlive".into()), ..links_only() };
    let lists = |at| {
        Ok(Answer::Links(match at {
            ..10_000 => vec![],
            10_000..20_000 => vec![link("PSN", "Ada")],
            _ => vec![link("PSN", "Ada"), link("XboxLive", "Nova")],
        }))
    };
    let mut screen = Screen::shown(options, lives(LIFE, lists));
    screen.run(15_000);
    let look = screen.look();
    assert_eq!((look.state, look.code.unwrap().expose()), (State::Active, CODE));
    assert_eq!(look.other_link.unwrap().platform, "PSN");
    screen.run(10_000);
    assert_eq!(screen.state(), State::Linked);
    assert_eq!(screen.words(), ["shown 300", "other-link", "linked"], "each once");
}

#[test]
fn t16_after_the_refresh_the_app_is_told_once() {
    for player_changed in [true, false] {
        let mut options = links_only();
        options.offered.refresh = true;
        let mut screen = Screen::shown(options, move |action, _| {
            Some((
                50,
                Ok(match action {
                    Action::Refresh { .. } => Answer::Refreshed { player_changed },
                    Action::RequestCode { .. } => code(Some(LIFE)),
                    Action::TakeBaseline { .. } => Answer::Links(vec![]),
                    _ => Answer::Links(vec![link("XboxLive", "Nova")]),
                }),
            ))
        });
        screen.run(60_000);
        let evidence = if player_changed { Evidence::Claims } else { Evidence::ListDiff };
        let linked = link("XboxLive", "Nova");
        assert_eq!(screen.linked(), [Action::Linked { link: linked, evidence, player_changed, refreshed: true }]);
        assert_eq!(screen.look().refresh, RefreshState::Done);
        assert_eq!(screen.machine.wake_in_ms(screen.now), None);
    }
}

#[test]
fn t17_a_refresh_that_fails_three_times_asks_the_player_to_sign_in() {
    let mut options = options();
    options.offered.refresh = true;
    let mut screen = Screen::shown(options, |action, _| {
        Some((
            50,
            match action {
                Action::Refresh { .. } => Err(failure(ErrorKind::Network)),
                Action::RequestCode { .. } => Ok(code(Some(LIFE))),
                _ => Ok(Answer::Linked(link("XboxLive", "Nova"))),
            },
        ))
    });
    screen.run(60_000);
    assert_eq!(screen.times(|action| matches!(action, Action::Refresh { .. })).len(), 3);
    assert_eq!((screen.state(), screen.look().refresh), (State::Linked, RefreshState::Failed));
    assert!(screen.look().actions.contains(&"sign-in"));
    assert!(matches!(screen.linked()[..], [Action::Linked { refreshed: false, .. }]));
}

#[test]
fn t18_a_conflict_says_which_and_what_may_be_chosen() {
    let offered = Offered { listen: true, ..Offered::default() };
    for (told, conflict, choices) in [
        ("follower_already_linked", "platform-linked-elsewhere", 3),
        ("main-has-this-platform", "main-has-this-platform", 2),
        ("agreements-needed", "agreements-needed", 1),
        ("tomorrow's", "other", 2),
    ] {
        let options = Options { offered, capabilities: undo(Undo::Player), ..Options::default() };
        let mut screen = Screen::shown(options, lives(LIFE, pending));
        screen.event(Event::PushedConflict(told.into()));
        assert_eq!(screen.state(), State::Failed);
        let problem = screen.look().problem.unwrap();
        assert_eq!((problem.kind, problem.conflict, problem.choices.len()), ("conflict", Some(conflict), choices));
        assert!(screen.look().actions.contains(&"new-code"));
    }
}

#[test]
fn t19_cancelling_aborts_revokes_and_leaves_nothing_behind() {
    let offered = Offered { status: true, listen: true, revoke: true, ..Offered::default() };
    let mut screen = Screen::shown(Options { offered, ..Options::default() }, |action, _| {
        matches!(action, Action::RequestCode { .. }).then(|| (50, Ok(code(Some(LIFE)))))
    });
    screen.run(31_000);
    assert_eq!(screen.checks().len(), 1, "in the air");
    let actions = screen.event(Event::Cancel);
    assert_eq!(actions, [Action::Abort, Action::Revoke, Action::StopListening]);
    assert_eq!(screen.state(), State::Cancelled);
    assert!(!format!("{:?}", screen.machine).contains(CODE));
    let done = screen.done.len();
    screen.event(Event::Reply { id: 2, result: Ok(Answer::Linked(link("XboxLive", "Nova"))) });
    screen.event(Event::PushedLinked(link("XboxLive", "Nova")));
    screen.run(3_600_000);
    assert_eq!((screen.state(), screen.done.len()), (State::Cancelled, done));
}

#[test]
fn t20_a_code_of_one_account_is_never_seen_by_the_next() {
    let mut options = options();
    options.offered.revoke = true;
    let mut screen = Screen::shown(options, lives(LIFE, pending));
    let actions = screen.event(Event::AccountSwitched);
    assert_eq!((screen.state(), actions.len()), (State::Idle, 0), "the new session cannot revoke the old one's code");
    screen.run(3_600_000);
    assert_eq!((screen.state(), screen.codes()), (State::Idle, 1));

    // Also a code that is still on its way.
    let mut screen = Screen::new(Options::default(), |_, _| None);
    screen.event(Event::Start);
    let Some(id) = request(&screen.done[0].1) else { panic!() };
    screen.event(Event::AccountSwitched);
    screen.event(Event::Reply { id, result: Ok(code(None)) });
    assert_eq!((screen.state(), screen.look().code), (State::Idle, None));
}

#[test]
fn t21_a_concealed_code_is_nowhere_and_on_streams_conceals_itself_again() {
    let mut screen = Screen::shown(options(), lives(LIFE, pending));
    screen.event(Event::Conceal);
    assert!(screen.look().concealed && screen.look().actions.contains(&"reveal"));
    screen.event(Event::Reveal);
    screen.run(60_000);
    assert_eq!(screen.look().code.unwrap().expose(), CODE);

    let mut screen = Screen::shown(Options { concealed: true, ..options() }, lives(LIFE, pending));
    assert_eq!(screen.look().code, None);
    screen.event(Event::Reveal);
    screen.run(14_900);
    assert!(screen.look().code.is_some());
    screen.run(200);
    assert!(screen.look().code.is_none() && screen.look().concealed);
    // A new code is concealed as well.
    screen.event(Event::Reveal);
    screen.event(Event::NewCode);
    screen.run(200);
    assert_eq!((screen.state(), screen.look().concealed), (State::Active, true));
}

#[test]
fn t22_unseen_it_is_asked_every_30_seconds_and_at_once_when_seen_again() {
    let mut screen = Screen::shown(options(), lives(600_000, pending));
    screen.run(10_000);
    screen.event(Event::Hidden);
    let before = screen.checks().len();
    screen.run(90_000);
    assert!((2..=4).contains(&(screen.checks().len() - before)));
    screen.run(20_000);
    let before = screen.checks().len();
    screen.event(Event::Visible);
    assert_eq!(screen.checks().len(), before + 1);
}

#[test]
fn t23_an_answer_to_a_request_of_before_changes_nothing() {
    let mut screen = Screen::new(options(), |_, _| None);
    screen.event(Event::Start);
    let Some(old) = request(&screen.done[0].1) else { panic!() };
    screen.event(Event::Cancel);
    screen.event(Event::Start);
    let Some(new) = request(&screen.done.last().unwrap().1) else { panic!() };
    screen.event(Event::Reply { id: old, result: Ok(code(None)) });
    assert_eq!(screen.state(), State::Requesting);
    screen.event(Event::Reply { id: new, result: Ok(code(None)) });
    assert_eq!(screen.state(), State::Active);
    let shown = screen.look();
    for id in [old, new, 99] {
        let late = NewCode { code: "000000".into(), expires_in_ms: None, was_number: false };
        screen.event(Event::Reply { id, result: Ok(Answer::Code(late)) });
        assert_eq!(screen.look(), shown);
    }
}

#[test]
fn the_players_word_is_looked_into_at_once_and_counts_where_nothing_else_does() {
    // Asked: not yet, and the code is back.
    let mut screen = Screen::shown(options(), lives(LIFE, pending));
    screen.event(Event::Finished);
    assert_eq!((screen.state(), screen.look().code), (State::Checking, None));
    screen.run(100);
    assert_eq!(screen.look().code.unwrap().expose(), CODE);
    assert_eq!(screen.words(), ["shown 300", "not-yet"]);

    // Nothing but tokens: they say who the player is now.
    for (player_changed, evidence) in [(true, Evidence::Claims), (false, Evidence::Manual)] {
        let offered = Offered { refresh: true, ..Offered::default() };
        let mut screen = Screen::shown(Options { offered, ..Options::default() }, move |action, _| {
            let refreshed = Answer::Refreshed { player_changed };
            let is_code = matches!(action, Action::RequestCode { .. });
            Some((50, Ok(if is_code { code(None) } else { refreshed })))
        });
        screen.run(60_000);
        assert!(screen.checks().is_empty(), "a rotation of tokens is nothing to ask by");
        screen.event(Event::Finished);
        screen.run(100);
        assert!(matches!(screen.done[1].1, Action::Check { source: Source::Refresh, .. }));
        assert_eq!((screen.state(), screen.look().evidence, screen.linked().len()), (State::Linked, evidence, 1));
    }

    // Nothing at all.
    let mut screen = Screen::shown(Options { offered: Offered::default(), ..Options::default() }, lives(LIFE, pending));
    screen.event(Event::Finished);
    assert_eq!((screen.state(), screen.look().evidence), (State::Linked, Evidence::Manual));
}

#[test]
fn a_code_without_a_told_lifetime_has_no_countdown_and_leaves_after_the_hint() {
    for (hint, life) in [(None, 300_000), (Some(90_000), 90_000)] {
        let capabilities = Capabilities { max_age_hint_ms: hint, ..Capabilities::XSOLLA };
        let offered = Offered::default();
        let mut screen =
            Screen::shown(Options { capabilities, offered, ..Options::default() }, |_, _| Some((50, Ok(code(None)))));
        let look = screen.look();
        assert_eq!((look.expires_in_ms, look.lifetime_ms, look.undo), (None, None, Undo::Never));
        screen.run(life - 1_000);
        assert_eq!(screen.state(), State::Expiring);
        assert_eq!(screen.words(), ["shown", "expiring"], "no seconds where nobody tells them");
        screen.run(1_000);
        assert_eq!((screen.state(), screen.codes()), (State::Expired, 1));
    }
}
