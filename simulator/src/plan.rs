//! What a world does: its set-up and a list of steps, all drawn from the seed before it begins. The steps are
//! independent of each other, so that a failing plan can be made smaller by leaving some out.

use emulator::rallyhere::Rotation;

use crate::dice::Dice;

/// How the world is made.
#[derive(Clone, Debug, PartialEq)]
pub struct Setup {
    /// Tabs or processes over one store, 1 to 8.
    pub tabs: usize,
    /// What the service does with a refresh token it has replaced.
    pub rotation: Rotation,
    /// The life of an access token, in seconds.
    pub ttl_s: u64,
    /// Whether the host has locks; without them every tab is handed one at once.
    pub locks: bool,
    /// Whether a compare-and-swap of the store is one step. If not, another tab's write may come between its two.
    pub atomic: bool,
    /// How wrong the machine's wall clock is at the beginning, in milliseconds.
    pub skew_ms: i64,
    /// How fast the machine's clocks run, in millionths too much.
    pub drift_ppm: i64,
    /// How many of 100 messages to another tab are lost.
    pub lost_messages: u64,
    /// Whether a tab's listener calls the session again, as an interface that redraws itself does.
    pub reentrant: bool,
    /// When the troubles end, in milliseconds.
    pub length_ms: u64,
}

/// One thing that happens.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Somebody does something in a tab, and perhaps gives up waiting after a while.
    Act { at: u64, tab: usize, act: Act, gives_up_ms: Option<u64> },
    /// Something is wrong for a while, for everyone.
    Trouble { from: u64, until: u64, trouble: Trouble },
    /// Something happens to the machine or the service.
    Event { at: u64, event: Event },
    /// A fault at the tab's `nth` call to its host, before that call had its effect or right after.
    OnCall { tab: usize, nth: u64, after: bool, fault: TabFault },
    /// A fault of the tab's `nth` operation of the store.
    OnStore { tab: usize, nth: u64, fault: StoreFault },
    /// A fault of the tab's `nth` request.
    OnSend { tab: usize, nth: u64, fault: SendFault },
}

/// What somebody does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Asks for the access token, so many times at once.
    Tokens(u8),
    Refresh,
    /// Makes a call with the access token, which is replayed when the token is refused.
    Call,
    /// Changes who the active player is, one way or the other.
    Enable,
    Disable,
    Logout,
    Login,
    Close,
    Restore,
}

/// What is wrong for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// No network, and the system says so.
    Offline,
    /// Every request is answered with this instead of by the service.
    Answers(Answer),
    /// Every request arrives and no answer comes back.
    NoAnswers,
    /// Requests go nowhere and hang.
    BlackHole,
    /// Every operation of the store fails.
    StoreFails,
    /// Writes fail, reads work.
    StoreFull,
    /// The store does not answer.
    StoreHangs,
}

/// An answer that is not the service's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// 200 with a page of HTML.
    Portal,
    /// A redirect to a page to sign in to the network.
    Redirect,
    /// A status, and how long to wait: not told, in seconds, or as a date.
    Busy(u16, Wait),
    /// A status with HTML.
    Broken(u16),
}

/// What an answer says about when to come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    Untold,
    Seconds(u64),
    /// That many seconds from now, as a date.
    Date(u64),
}

/// What happens to all tabs at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The wall clock is set.
    Jump(i64),
    /// The machine sleeps; one clock, both or neither stand still.
    Sleep { ms: u64, stops_monotonic: bool, stops_wall: bool },
    /// The browser throws the store's content away.
    Eviction,
    /// The service restarts and forgets the grace of replaced refresh tokens.
    Restart,
    /// The service ends every refresh token.
    Revocation,
}

/// What happens to one tab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TabFault {
    /// It is gone, and comes back after a while.
    Crash { back_ms: u64 },
    /// It does not run for a while; the world around it does.
    Freeze(u64),
    /// The wall clock is set at that moment.
    Jump(i64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreFault {
    Fails,
    /// It is done, but the tab is told that it failed.
    DoneButFails,
    Hangs,
    Slow(u64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendFault {
    /// It never arrives; the tab is told at once, or waits for its deadline.
    RequestLost {
        told: bool,
    },
    /// It is done, and the answer never comes.
    AnswerLost {
        told: bool,
    },
    /// It arrives twice; the tab sees the first answer.
    Twice,
    /// The answer ends in the middle, and the platform says so or does not.
    Cut {
        told: bool,
    },
    Answers(Answer),
    /// Both ways take that long.
    Slow(u64),
}

/// A seed's set-up and steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    pub seed: u64,
    pub setup: Setup,
    pub steps: Vec<Step>,
}

impl Plan {
    /// The plan of a seed.
    pub fn of_seed(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let setup = setup(&mut dice);
        let count = dice.between(4, 34);
        let mut steps: Vec<Step> = (0..count).map(|_| step(&mut dice, &setup)).collect();
        steps.extend(rush(&mut dice, &setup));
        Self { seed, setup, steps }
    }
}

fn setup(dice: &mut Dice) -> Setup {
    let tabs = match dice.below(10) {
        0 => 1,
        1..=5 => 2,
        6..=8 => 3,
        _ => usize::try_from(dice.between(4, 8)).unwrap_or(4),
    };
    let rotation = match dice.below(4) {
        0 => Rotation::Reusable,
        1 => Rotation::Grace(dice.pick(&[5, 30], 30)),
        _ => Rotation::Strict,
    };
    let ttl_s = dice.pick(&[20, 60, 120, 600, 3_600], 60);
    let skewed = dice.percent(40);
    Setup {
        tabs,
        rotation,
        ttl_s,
        locks: dice.percent(80),
        atomic: dice.percent(90),
        skew_ms: if skewed { dice.around_zero(86_400_000) } else { 0 },
        drift_ppm: dice.around_zero(200),
        lost_messages: dice.pick(&[0, 20, 100], 20),
        reentrant: dice.percent(30),
        length_ms: ttl_s * 1_000 * dice.between(1, 3) + dice.below(20_000),
    }
}

fn step(dice: &mut Dice, setup: &Setup) -> Step {
    let at = moment(dice, setup);
    let tab = usize::try_from(dice.below(setup.tabs as u64)).unwrap_or(0);
    match dice.below(100) {
        0..=61 => {
            let gives_up_ms = dice.percent(10).then(|| dice.below(3_000));
            Step::Act { at, tab, act: act(dice), gives_up_ms }
        }
        62..=69 => Step::OnCall { tab, nth: dice.between(1, 40), after: dice.percent(50), fault: tab_fault(dice) },
        70..=76 => Step::OnStore { tab, nth: dice.between(1, 24), fault: store_fault(dice) },
        77..=89 => Step::OnSend { tab, nth: dice.between(1, 8), fault: send_fault(dice) },
        90..=94 => {
            let until = at + dice.pick(&[500, 5_000, 20_000, 90_000], 5_000);
            Step::Trouble { from: at, until, trouble: trouble(dice) }
        }
        _ => Step::Event { at, event: event(dice, setup) },
    }
}

/// Several tabs at one expiry: where most things can go wrong.
fn rush(dice: &mut Dice, setup: &Setup) -> Vec<Step> {
    let ttl = setup.ttl_s * 1_000;
    let at = ttl * dice.between(1, 2) + dice.below(2_000);
    let mut steps = Vec::new();
    for tab in 0..setup.tabs {
        if dice.percent(70) {
            let act = dice.pick(&[Act::Tokens(1), Act::Tokens(3), Act::Call, Act::Refresh], Act::Tokens(1));
            steps.push(Step::Act { at: at + dice.below(300), tab, act, gives_up_ms: None });
        }
    }
    steps
}

/// Anywhere, or near a moment when tokens expire.
fn moment(dice: &mut Dice, setup: &Setup) -> u64 {
    if dice.percent(50) {
        return dice.below(setup.length_ms);
    }
    let ttl = setup.ttl_s * 1_000;
    let expiry = ttl * dice.between(1, 2);
    let early = if dice.percent(40) { (ttl / 10).clamp(30_000, 300_000).min(ttl / 2) } else { 0 };
    expiry.saturating_sub(early).saturating_add_signed(dice.around_zero(1_500))
}

fn act(dice: &mut Dice) -> Act {
    match dice.below(100) {
        0..=34 => Act::Tokens(1),
        35..=44 => Act::Tokens(5),
        45..=59 => Act::Refresh,
        60..=73 => Act::Call,
        74..=78 => Act::Enable,
        79..=82 => Act::Disable,
        83..=87 => Act::Logout,
        88..=91 => Act::Login,
        92..=94 => Act::Close,
        _ => Act::Restore,
    }
}

fn tab_fault(dice: &mut Dice) -> TabFault {
    match dice.below(10) {
        0..=4 => TabFault::Crash { back_ms: dice.pick(&[0, 50, 2_000, 30_000], 50) },
        5..=7 => TabFault::Freeze(dice.pick(&[300, 5_000, 60_000], 5_000)),
        _ => TabFault::Jump(dice.around_zero(3_600_000)),
    }
}

fn store_fault(dice: &mut Dice) -> StoreFault {
    match dice.below(10) {
        0..=3 => StoreFault::Fails,
        4..=5 => StoreFault::DoneButFails,
        6..=7 => StoreFault::Hangs,
        _ => StoreFault::Slow(dice.pick(&[100, 1_500, 3_000], 100)),
    }
}

fn send_fault(dice: &mut Dice) -> SendFault {
    match dice.below(20) {
        0..=2 => SendFault::RequestLost { told: dice.percent(50) },
        3..=7 => SendFault::AnswerLost { told: dice.percent(50) },
        8..=9 => SendFault::Twice,
        10..=11 => SendFault::Cut { told: dice.percent(50) },
        12..=16 => SendFault::Answers(answer(dice)),
        _ => SendFault::Slow(dice.pick(&[500, 3_000, 6_000], 500)),
    }
}

fn answer(dice: &mut Dice) -> Answer {
    let wait = match dice.below(4) {
        0 => Wait::Untold,
        1 => Wait::Date(dice.between(1, 90)),
        _ => Wait::Seconds(dice.between(1, 90)),
    };
    match dice.below(10) {
        0..=1 => Answer::Portal,
        2 => Answer::Redirect,
        3..=6 => Answer::Busy(dice.pick(&[429, 429, 503], 429), wait),
        _ => Answer::Broken(dice.pick(&[400, 403, 404, 500, 502, 503, 504], 500)),
    }
}

fn trouble(dice: &mut Dice) -> Trouble {
    match dice.below(14) {
        0..=2 => Trouble::Offline,
        3..=6 => Trouble::Answers(answer(dice)),
        7 => Trouble::NoAnswers,
        8 => Trouble::BlackHole,
        9..=10 => Trouble::StoreFails,
        11..=12 => Trouble::StoreFull,
        _ => Trouble::StoreHangs,
    }
}

fn event(dice: &mut Dice, setup: &Setup) -> Event {
    match dice.below(12) {
        0..=4 => Event::Jump(dice.around_zero(3_600_000)),
        5..=8 => Event::Sleep {
            ms: dice.between(1_000, setup.ttl_s * 2_000),
            stops_monotonic: dice.percent(60),
            stops_wall: dice.percent(20),
        },
        9 => Event::Eviction,
        10 => Event::Restart,
        _ => Event::Revocation,
    }
}
