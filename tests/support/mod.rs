//! What the test programs share: the emulator under the simulated host, the emulator behind a real socket, and the
//! contracts' tables.
#![allow(dead_code, reason = "each test program uses its part")]

pub(crate) mod contract;
pub(crate) mod served;
pub(crate) mod world;

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use playerlink::Error;

/// The error's code as the service spells it; empty when it has none.
pub(crate) fn code(error: &Error) -> &str {
    error.code().map_or("", playerlink::ServiceCode::as_str)
}

/// Polls once, with nobody to wake.
pub(crate) fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// All of them, at the same time, in the order given.
pub(crate) async fn all<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut futures: Vec<Pin<Box<F>>> = futures.into_iter().map(Box::pin).collect();
    let mut outputs: Vec<Option<F::Output>> = futures.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (future, output) in futures.iter_mut().zip(&mut outputs) {
            if output.is_none()
                && let Poll::Ready(value) = future.as_mut().poll(context)
            {
                *output = Some(value);
            }
        }
        if outputs.iter().all(Option::is_some) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    outputs.into_iter().flatten().collect()
}
