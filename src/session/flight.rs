//! One piece of work in the air that any number of callers wait for: the single flight of a refresh, of a
//! sign-out, or of a server's token. A waiter that gives up changes nothing for the others.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use crate::error::{Error, ErrorKind, Result};
use crate::guarded::Guarded;

enum State {
    Flying(Vec<Waker>),
    Landed(Result<()>),
}

/// The shared side: callers wait on it.
#[derive(Clone)]
pub(crate) struct Flight(Arc<Guarded<State>>);

/// The working side: lands the flight, also when it is dropped unfinished.
pub(crate) struct Pilot(Flight);

impl Flight {
    pub(crate) fn take_off() -> (Self, Pilot) {
        let flight = Self(Arc::new(Guarded::new(State::Flying(Vec::new()))));
        (flight.clone(), Pilot(flight))
    }

    /// Whether it has ended, in whatever way.
    pub(crate) fn has_landed(&self) -> bool {
        matches!(*self.0.lock(), State::Landed(_))
    }

    /// Whether both are the same flight.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Future for &Flight {
    type Output = Result<()>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut *self.0.lock() {
            State::Landed(result) => Poll::Ready(result.clone()),
            State::Flying(wakers) => {
                if !wakers.iter().any(|waker| waker.will_wake(context.waker())) {
                    wakers.push(context.waker().clone());
                }
                Poll::Pending
            }
        }
    }
}

impl Pilot {
    pub(crate) fn land(self, result: Result<()>) {
        self.settle(result);
    }

    fn settle(&self, result: Result<()>) {
        let wakers = {
            let mut state = self.0.0.lock();
            match &mut *state {
                State::Landed(_) => return,
                State::Flying(wakers) => {
                    let wakers = std::mem::take(wakers);
                    *state = State::Landed(result);
                    wakers
                }
            }
        };
        for waker in wakers {
            waker.wake();
        }
    }
}

impl Drop for Pilot {
    fn drop(&mut self) {
        self.settle(Err(Error::new(ErrorKind::Cancelled, "the program ended the work before it was done")));
    }
}

/// The first of two to finish; the other is dropped.
pub(crate) async fn first<A, B>(a: impl Future<Output = A>, b: impl Future<Output = B>) -> Either<A, B> {
    let mut a = pin!(a);
    let mut b = pin!(b);
    std::future::poll_fn(move |context| {
        if let Poll::Ready(value) = a.as_mut().poll(context) {
            return Poll::Ready(Either::A(value));
        }
        b.as_mut().poll(context).map(Either::B)
    })
    .await
}

pub(crate) enum Either<A, B> {
    A(A),
    B(B),
}
