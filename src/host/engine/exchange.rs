//! Requests under way: given to the host as errands, answered by number, given up at their deadline.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use super::{EngineHost, Errand, State, next_request_id, wipe};
use crate::host::{Host as _, TransportError, TransportErrorKind};
use crate::http::{Request, Response};
use crate::session::flight::{Either, first};

pub(super) struct Exchange {
    id: u64,
    /// The host has it.
    is_away: bool,
    waker: Option<Waker>,
    answer: Option<Result<Response, TransportError>>,
}

impl Exchange {
    pub(super) fn is_away(&self) -> bool {
        self.is_away && self.answer.is_none()
    }

    pub(super) fn awaits(&self, id: u64) -> bool {
        self.id == id && self.is_away()
    }
}

impl State {
    /// The host is being given the request.
    pub(super) fn exchange_left(&mut self, id: u64) {
        if let Some(exchange) = self.exchanges.iter_mut().find(|exchange| exchange.id == id) {
            exchange.is_away = true;
        }
    }

    /// `None`: nobody waits for that one; else who is to be woken.
    pub(super) fn answer(&mut self, id: u64, answer: Result<Response, TransportError>) -> Option<Option<Waker>> {
        let exchange = self.exchanges.iter_mut().find(|exchange| exchange.awaits(id))?;
        exchange.answer = Some(answer);
        Some(exchange.waker.take())
    }
}

/// Sends a request: its deadline begins in the tick that polls this first.
pub(super) async fn send(host: &EngineHost, request: Request) -> Result<Response, TransportError> {
    let timeout = request.timeout_ms;
    let waiting = {
        let mut state = host.state();
        if state.closed {
            return Err(TransportError::new(TransportErrorKind::Network, "the client was destroyed"));
        }
        let id = next_request_id();
        state.exchanges.push(Exchange { id, is_away: false, waker: None, answer: None });
        state.errands.push_back(Errand::Send { id, request });
        Waiting { host, id }
    };
    match first(waiting, host.sleep(timeout)).await {
        Either::A(answer) => answer,
        Either::B(()) => Err(TransportError::new(TransportErrorKind::Timeout, "deadline")),
    }
}

/// Waits for the answer. Dropped before, it takes the request back.
struct Waiting<'a> {
    host: &'a EngineHost,
    id: u64,
}

impl Future for Waiting<'_> {
    type Output = Result<Response, TransportError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.host.state();
        let Some(exchange) = state.exchanges.iter_mut().find(|exchange| exchange.id == self.id) else {
            return Poll::Ready(Err(TransportError::new(TransportErrorKind::Network, "the client was destroyed")));
        };
        match exchange.answer.take() {
            Some(answer) => Poll::Ready(answer),
            None => {
                exchange.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut state = self.host.state();
        let at = state.exchanges.iter().position(|exchange| exchange.id == self.id);
        let Some(exchange) = at.map(|at| state.exchanges.swap_remove(at)) else { return };
        // The waker is still there as long as no answer has come.
        if exchange.is_away && exchange.waker.is_some() {
            state.errands.push_back(Errand::Cancel { id: self.id });
            return;
        }
        let unsent =
            state.errands.iter().position(|errand| matches!(errand, Errand::Send { id, .. } if *id == self.id));
        if let Some(Errand::Send { request, .. }) = unsent.and_then(|at| state.errands.remove(at)) {
            wipe(request);
        }
    }
}
