//! What operations do when the world gets to them.

use playerlink::host::{HostError, TransportErrorKind};
use playerlink::http::Request;

use super::{Told, World, is_record};
use crate::judge::Invariant;
use crate::ledger::Token;
use crate::network::{self, Reply, Subject};
use crate::pace::Ended;
use crate::plan::{Answer, SendFault, StoreFault, Trouble};

impl World {
    pub(super) fn loads(&mut self, id: u64, key: &str) {
        let Some((tab, life, fault)) = self.op_of_store(id) else { return };
        let over = self.judge.is_over(life);
        let late =
            (!self.explored).then(|| self.pace.looks(life, self.clock.now(), self.clock.monotonic(), over)).flatten();
        if let Some(what) = late {
            self.judge.violate(Invariant::I15, || format!("tab {tab} {what}"));
        }
        let fails = self.is_troubled(|trouble| *trouble == Trouble::StoreFails);
        if fails || matches!(fault, Some(StoreFault::Fails | StoreFault::DoneButFails)) {
            self.store_fails(id, tab, life, "load");
            return;
        }
        let found = self.store.get(key).cloned();
        self.judge.is_blind(life, false);
        let read = found.as_deref().and_then(|text| self.ledger.read(text));
        if is_record(key) {
            let read = read.clone().unwrap_or_default();
            self.judge.reads(life, &read);
            if let Some(refresh) = read.refresh {
                self.judge.sees(life, self.ledger.root(refresh));
            }
            self.judge.finds(life, &read, &self.ledger);
            // Who is frozen does not look at the clock before it thaws.
            let frozen = self.tabs.get(tab).is_some_and(|state| state.frozen);
            if let Some(access) = read.access.filter(|_| !frozen) {
                let age =
                    self.ledger.access.get(access).map_or(0, |token| self.clock.wall().saturating_sub(token.sent_wall));
                self.ledger.meets(life, access, age, self.clock.monotonic());
            }
        }
        self.trace
            .line(&self.clock, tab, || format!("loads {} → {}", noun(key), what(read.as_ref(), found.as_deref())));
        self.tell(id, Told::Loaded(Ok(found)));
    }

    pub(super) fn swaps(&mut self, id: u64, key: &str, expected: Option<&str>, next: Option<String>) {
        let Some((tab, life, fault)) = self.op_of_store(id) else { return };
        let fails = self.is_troubled(|trouble| matches!(trouble, Trouble::StoreFails | Trouble::StoreFull));
        if fails || fault == Some(StoreFault::Fails) {
            self.store_fails(id, tab, life, "swap");
            return;
        }
        let is_second = self.ops.get(&id).is_some_and(|op| op.stage == 1);
        if !is_second {
            let fits = self.store.get(key).map(String::as_str) == expected;
            if !fits {
                self.judge.is_blind(life, false);
                self.trace.line(&self.clock, tab, || format!("swaps {} → not what was expected", noun(key)));
                self.tell(id, Told::Swapped(Ok(false)));
                return;
            }
            if !self.judge.atomic {
                if let Some(op) = self.ops.get_mut(&id) {
                    op.stage = 1;
                }
                self.get_to(id, 1);
                return;
            }
        }
        self.writes(tab, life, key, next);
        if fault == Some(StoreFault::DoneButFails) {
            self.judge.is_lied_to(life);
            self.store_fails(id, tab, life, "swap, done");
            return;
        }
        self.judge.is_blind(life, false);
        self.tell(id, Told::Swapped(Ok(true)));
    }

    fn writes(&mut self, tab: usize, life: u32, key: &str, next: Option<String>) {
        self.judge.check_public("a key of the store", key);
        let read = |text: Option<&String>| text.and_then(|text| self.ledger.read(text));
        let (old, new) = (read(self.store.get(key)), read(next.as_ref()));
        let words = (what(old.as_ref(), self.store.get(key).map(String::as_str)), what(new.as_ref(), next.as_deref()));
        self.trace.line(&self.clock, tab, || format!("swaps {} {} → {}", noun(key), words.0, words.1));
        if is_record(key) {
            self.judge.writes(life, tab, old.as_ref(), new.as_ref(), &self.ledger);
            if let Some(access) = new.as_ref().and_then(|new| new.access).and_then(|at| self.ledger.access.get_mut(at))
            {
                access.stored = true;
            }
            if let Some(refresh) =
                new.as_ref().and_then(|new| new.refresh).and_then(|at| self.ledger.refresh.get_mut(at))
            {
                refresh.stored = true;
            }
        } else if key.rsplit('/').next() != Some("active") && new.is_some_and(|new| new.is_live()) {
            self.judge.violate(Invariant::I10, || format!("tab {tab} wrote a token under another key"));
        } else {
            self.judge.lists(next.is_some());
        }
        match next {
            Some(text) => self.store.insert(key.to_owned(), text),
            None => self.store.remove(key),
        };
    }

    fn op_of_store(&self, id: u64) -> Option<(usize, u32, Option<StoreFault>)> {
        self.ops.get(&id).map(|op| (op.tab, op.life, op.store_fault))
    }

    fn store_fails(&mut self, id: u64, tab: usize, life: u32, verb: &str) {
        self.trace.line(&self.clock, tab, || format!("{verb} → the store fails"));
        self.judge.is_blind(life, true);
        let swap = self.ops.get(&id).is_some_and(|op| matches!(op.ask, super::Ask::Swap { .. }));
        let error = HostError("simulated store failure".into());
        self.tell(id, if swap { Told::Swapped(Err(error)) } else { Told::Loaded(Err(error)) });
    }

    pub(super) fn locks_up(&mut self, id: u64, name: String) {
        if !self.plan.setup.locks {
            self.granted(id);
            return;
        }
        let Some(owner) = self.owner(id) else { return };
        let lock = self.locks.entry(name).or_default();
        if lock.holder.is_some() {
            lock.waiting.push_back(id);
            self.enabled.remove(&id);
            let tab = self.ops.get(&id).map_or(0, |op| op.tab);
            self.trace.line(&self.clock, tab, || "waits for the lock".into());
            return;
        }
        lock.holder = Some((id, owner));
        self.granted(id);
    }

    pub(super) fn granted(&mut self, id: u64) {
        let Some((tab, life)) = self.ops.get(&id).map(|op| (op.tab, op.life)) else { return };
        self.trace.line(&self.clock, tab, || "has the lock".into());
        self.judge.locked(life);
        self.tell(id, Told::Locked);
    }

    /// A request leaves its tab.
    pub(super) fn sends(&mut self, id: u64, tab: usize, life: u32, subject: &Subject) {
        self.stirs(life);
        let Subject::Refresh(text) = subject else {
            if *subject == Subject::Logout {
                self.trace.line(&self.clock, tab, || "sends logout".into());
            } else {
                self.trace.line(&self.clock, tab, || format!("sends {}", subject.word()));
            }
            return;
        };
        let Some(refresh) = self.ledger.refresh_of(text) else {
            self.judge.violate(Invariant::I3, || format!("tab {tab} sends a refresh token nobody issued"));
            return;
        };
        self.trace.line(&self.clock, tab, || format!("sends refresh with R{refresh}"));
        let stored = self.record().unwrap_or_default();
        self.judge.sends(id, life, tab, refresh, &stored, &self.ledger);
        let (root, single) = (self.ledger.root(refresh), self.judge.had_one_session(life));
        let late = self.pace.sends(life, self.clock.now(), self.clock.monotonic(), root, single);
        if let Some(what) = late {
            self.judge.violate(Invariant::I9, || format!("tab {tab} {what}"));
        }
    }

    /// A request arrives, or its answer does.
    pub(super) fn travels(&mut self, id: u64, request: &Request, subject: &Subject) {
        let Some(op) = self.ops.get_mut(&id) else { return };
        if let Some(reply) = op.reply.take() {
            self.deliver(id, reply);
            return;
        }
        let (tab, nth, fault, asked) = (op.tab, op.nth, op.send_fault, op.asked);
        if self.is_troubled(|trouble| *trouble == Trouble::Offline) {
            self.deliver(id, network::fails(TransportErrorKind::Network));
            return;
        }
        if self.is_troubled(|trouble| *trouble == Trouble::BlackHole) {
            return;
        }
        if let Some(SendFault::RequestLost { told }) = fault {
            self.lost(id, told);
            return;
        }
        let instead = self.trouble(|trouble| match trouble {
            Trouble::Answers(answer) => Some(*answer),
            _ => None,
        });
        let instead = match fault {
            Some(SendFault::Answers(answer)) => Some(answer),
            _ => instead,
        };
        let mut reply = match instead {
            Some(answer) => self.answers(id, answer),
            None => self.processes(tab, request, subject, asked),
        };
        if fault == Some(SendFault::Twice) {
            let _ = self.processes(tab, request, subject, asked);
        }
        if let Some(SendFault::AnswerLost { told }) = fault {
            self.lost(id, told);
            return;
        }
        if self.is_troubled(|trouble| *trouble == Trouble::NoAnswers) {
            return;
        }
        if let Some(SendFault::Cut { told }) = fault {
            reply = network::cut(reply, told);
        }
        if let Some(op) = self.ops.get_mut(&id) {
            op.reply = Some(reply);
        }
        let latency = self.travel(tab, nth + 1_000, fault);
        self.get_to(id, latency);
    }

    /// Nothing comes back; the tab is told so, or finds out at its deadline.
    pub(crate) fn lost(&mut self, id: u64, told: bool) {
        self.enabled.remove(&id);
        if told {
            if let Some(op) = self.ops.get_mut(&id) {
                op.reply = Some(network::fails(TransportErrorKind::Network));
            }
            self.get_to(id, 20);
        }
    }

    fn answers(&mut self, id: u64, answer: Answer) -> Reply {
        if let Some(op) = self.ops.get_mut(&id) {
            op.wait = network::asked_wait(answer);
        }
        network::made_up(answer, self.clock.server())
    }

    fn processes(&mut self, tab: usize, request: &Request, subject: &Subject, asked: crate::ledger::Asked) -> Reply {
        let now = self.clock.server();
        let response = self.service.answer(now, request);
        let success = response.is_success();
        self.trace
            .line(&self.clock, tab, || format!("the service answers {} with {}", subject.word(), response.status));
        if success && matches!(subject, Subject::Login | Subject::Refresh(_)) {
            let parent = match subject {
                Subject::Refresh(text) => self.ledger.refresh_of(text),
                _ => None,
            };
            let issued = self.ledger.issue(&response.body, parent, asked, self.clock.now());
            for token in issued {
                match token {
                    Token::Access(access) => self.ledger.meets(asked.life, access, 0, asked.monotonic),
                    Token::Refresh(refresh) => {
                        self.trace.line(&self.clock, tab, || format!("the service issues R{refresh}"));
                        if parent.is_none() {
                            self.judge.logs_in();
                        }
                    }
                }
            }
        }
        if success && *subject == Subject::Change {
            let of = self.judge.held_by(asked.life).map(|held| self.ledger.root(held));
            self.changes.push((asked.life, self.ledger.access.len(), of));
        }
        Ok(response)
    }

    /// An answer reaches its tab, or the news that there is none.
    pub(super) fn deliver(&mut self, id: u64, reply: Reply) {
        let Some(op) = self.ops.get(&id) else { return };
        let (tab, life, wait, asked) = (op.tab, op.life, op.wait, op.asked);
        let super::Ask::Send(_, subject) = &op.ask else { return };
        let subject = subject.clone();
        self.trace.line(&self.clock, tab, || match &reply {
            Ok(response) => format!("{} is answered with {}", subject.word(), response.status),
            Err(error) => format!("{} fails: {:?}", subject.word(), error.kind),
        });
        let mut success = false;
        if let Ok(response) = &reply
            && response.is_success()
        {
            let body: Option<serde_json::Value> = serde_json::from_slice(&response.body).ok();
            let token = body.as_ref().and_then(|body| body.get("refresh_token")?.as_str());
            let token = token.and_then(|text| self.ledger.refresh_of(text));
            success = token.is_some();
            if let Some(token) = token {
                self.judge.sees(life, self.ledger.root(token));
                self.judge.receives(id, life, token, !matches!(subject, Subject::Refresh(_)));
            }
        }
        self.judge.resolves(id, matches!(subject, Subject::Refresh(_)) && network::is_terminal(&reply));
        if let Subject::Refresh(text) = &subject {
            let root = self.ledger.refresh_of(text).map(|refresh| self.ledger.root(refresh));
            let clear = success || reply.as_ref().is_ok_and(|response| response.status >= 400);
            let wait = wait.filter(|_| reply.is_ok());
            self.pace.ends(life, &self.clock, &Ended { asked: asked.monotonic, root, success, clear, wait });
        }
        self.tell(id, Told::Sent(reply));
    }
}

fn noun(key: &str) -> &'static str {
    if is_record(key) { "record" } else { "pointer" }
}

fn what(read: Option<&crate::ledger::Found>, text: Option<&str>) -> String {
    match (read, text) {
        (Some(found), _) => match (&found.ended, found.refresh) {
            (Some(reason), _) => format!("[{}: ended, {reason}]", found.generation),
            (None, Some(refresh)) => format!("[{}: R{refresh}]", found.generation),
            (None, None) => format!("[{}: no refresh token]", found.generation),
        },
        (None, Some(_)) => "[a text]".into(),
        (None, None) => "[nothing]".into(),
    }
}
