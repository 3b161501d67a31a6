//! New platform tickets, which only the game can get: asked for by an event, answered by a call.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Poll, Waker};

use super::constants::PLAYERLINK_EVENT_TICKET_WANTED;
use super::credential::Presented;
use super::ledger::{Ledger, Outcome};
use super::refusal::{Fallible, Refusal};

pub(super) struct Tickets {
    ledger: Weak<Ledger>,
    asked: Mutex<Option<Asked>>,
}

struct Asked {
    waker: Option<Waker>,
    answer: Option<Option<Arc<Presented>>>,
}

impl Tickets {
    pub(super) fn new(ledger: &Arc<Ledger>) -> Arc<Self> {
        Arc::new(Self { ledger: Arc::downgrade(ledger), asked: Mutex::new(None) })
    }

    /// Asks the game, and waits for what it says.
    pub(super) fn ask(self: &Arc<Self>) -> impl Future<Output = Option<Arc<Presented>>> + Send + use<> {
        *self.asked() = Some(Asked { waker: None, answer: None });
        if let Some(ledger) = self.ledger.upgrade() {
            ledger.tell(PLAYERLINK_EVENT_TICKET_WANTED, Outcome::ok());
        }
        let tickets = self.clone();
        std::future::poll_fn(move |context| {
            let mut asked = tickets.asked();
            match asked.as_mut() {
                Some(Asked { answer: None, waker }) => {
                    *waker = Some(context.waker().clone());
                    Poll::Pending
                }
                _ => Poll::Ready(asked.take().and_then(|asked| asked.answer).flatten()),
            }
        })
    }

    /// What the game says.
    pub(super) fn provide(&self, presented: Option<Presented>) -> Fallible<()> {
        let waker = match self.asked().as_mut() {
            Some(asked @ Asked { answer: None, .. }) => {
                asked.answer = Some(presented.map(Arc::new));
                asked.waker.take()
            }
            _ => return Err(Refusal::state("no ticket is wanted")),
        };
        waker.into_iter().for_each(Waker::wake);
        Ok(())
    }

    fn asked(&self) -> MutexGuard<'_, Option<Asked>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
