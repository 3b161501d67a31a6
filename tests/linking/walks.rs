//! Random walks: any events, answers and failures, in any order, with clocks that jump and sleep. What must hold after
//! each step is checked by the screen. `LINKING_WALKS=100000` walks all of them; else the first thousand.

use playerlink::ErrorKind;
use playerlink::linking::capabilities::Capabilities;
use playerlink::linking::display::{Action, Answer, Event, Failure, NewCode, Options, State};
use playerlink::linking::format::Format;
use playerlink::linking::watch::{Offered, Source};

use crate::screen::{CODE, Screen, link};

const STEPS: u32 = 40;

#[derive(Clone)]
struct Random(u64);

impl Random {
    fn of(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % limit
    }

    fn one_in(&mut self, limit: u64) -> bool {
        self.below(limit) == 0
    }
}

fn options(random: &mut Random) -> Options {
    let offered = Offered {
        listen: random.one_in(3),
        status: random.one_in(2),
        links: random.one_in(2),
        refresh: random.one_in(2),
        revoke: random.one_in(3),
    };
    Options {
        format: random.one_in(2).then(Format::xsolla_legacy6),
        expect_platform: random.one_in(2).then(|| "XboxLive".to_owned()),
        warn_ms: random.below(200_000),
        max_renewals: random.one_in(2).then(|| random.below(9) as u32),
        concealed: random.one_in(4),
        offered,
        capabilities: Capabilities {
            max_age_hint_ms: random.one_in(3).then(|| 1 + random.below(900_000)),
            ..Capabilities::XSOLLA
        },
        seed: random.below(1 << 32) as u32,
        ..Options::default()
    }
}

fn answer(action: &Action, random: &mut Random) -> Result<Answer, Failure> {
    if random.one_in(4) {
        let kind = ErrorKind::ALL[random.below(20) as usize];
        let code = random.one_in(3).then(|| "follower_already_linked".to_owned());
        return Err(Failure { kind, code, retry_after_ms: random.one_in(2).then(|| random.below(120_000)) });
    }
    let links = [link("XboxLive", "Nova"), link("PSN", "Ada")];
    Ok(match (action, random.below(12)) {
        // Now and then something that was not asked for.
        (_, 0) => Answer::Pending,
        (Action::RequestCode { .. }, _) => {
            let expires_in_ms =
                (!random.one_in(3)).then(|| [0, 5_000, 30_000, 300_000, u64::MAX][random.below(5) as usize]);
            Answer::Code(NewCode { code: CODE.into(), expires_in_ms, was_number: random.one_in(5) })
        }
        (Action::TakeBaseline { .. } | Action::Check { source: Source::Links, .. }, many) => {
            Answer::Links(links[..(many % 3) as usize].to_vec())
        }
        (Action::Refresh { .. } | Action::Check { source: Source::Refresh, .. }, _) => {
            Answer::Refreshed { player_changed: random.one_in(2) }
        }
        (_, 1) => Answer::Expired,
        (_, 2) => Answer::Denied,
        (_, 3) => Answer::Linked(links[0].clone()),
        _ => Answer::Pending,
    })
}

fn event(random: &mut Random) -> Event {
    match random.below(40) {
        0..=5 => Event::Start,
        6..=9 => Event::NewCode,
        10 => Event::Keep,
        11 => Event::Cancel,
        12 => Event::Conceal,
        13..=14 => Event::Reveal,
        15..=18 => Event::Finished,
        19 => Event::AccountSwitched,
        20..=22 => Event::Hidden,
        23..=26 => Event::Visible,
        27 => Event::PushedLinked(link("XboxLive", "Nova")),
        28 => Event::PushedConflict("same-player".to_owned()),
        29 => Event::Elsewhere(link("PSN", "Ada")),
        30..=31 => Event::Reply { id: random.below(20) as u32 + 1_000, result: Ok(Answer::Pending) },
        _ => Event::Tick,
    }
}

fn walk(seed: u64) -> [bool; 11] {
    let mut random = Random::of(seed);
    let mut service = random.clone();
    let mut screen = Screen::new(options(&mut random), move |action, _| {
        // Some answers never come.
        (!service.one_in(12)).then(|| (service.below(3) * service.below(9_000), answer(action, &mut service)))
    });
    let mut seen = [false; 11];
    for _ in 0..STEPS {
        match random.below(10) {
            0..=4 => screen.run([0, 10, 1_000, 20_000, 400_000][random.below(5) as usize]),
            5 => screen.sleep(random.below(1_000_000)),
            6 if random.one_in(6) => screen.now.wall = screen.now.wall.saturating_sub(random.below(86_400_000)),
            _ => {
                screen.event(event(&mut random));
            }
        }
        seen[screen.state() as usize] = true;
        // X1, and now and then because it takes the most time of all.
        assert!(!random.one_in(16) || !format!("{:?}", screen.machine).contains(CODE));
    }
    // Left alone, every walk comes to rest.
    screen.run(3_600_000);
    screen.run(7_200_000);
    let done = screen.done.len();
    screen.run(86_400_000);
    assert_eq!(screen.done.len(), done, "seed {seed}: still busy in {:?}", screen.state());
    screen.event(Event::Dispose);
    let done = screen.done.len();
    for event in [Event::Start, Event::NewCode, Event::Tick, Event::PushedLinked(link("XboxLive", "Nova"))] {
        screen.event(event);
    }
    assert_eq!((screen.state(), screen.done.len()), (State::Cancelled, done));
    assert_eq!(screen.machine.wake_in_ms(screen.now), None);
    seen
}

#[test]
fn whatever_happens_the_machine_keeps_its_promises() {
    let walks: u64 = std::env::var("LINKING_WALKS").map_or(1_000, |count| count.parse().unwrap());
    let mut seen = [0_u64; 11];
    for seed in 1..=walks {
        for (count, was_there) in seen.iter_mut().zip(walk(seed)) {
            *count += u64::from(was_there);
        }
    }
    assert!(seen.iter().all(|count| *count > walks / 50), "states hardly walked through: {seen:?}");
}
