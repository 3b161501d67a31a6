//! HTTP in the library (feature `builtin-http`): one thread for a client, with the transport of desktop programs. It
//! takes requests by the same numbers as a host, and answers by the same way.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::refusal::{Fallible, Refusal};
use super::result::playerlink_result;
use crate::host::engine::EngineHost;
use crate::host::{Host as _, NativeHost};
use crate::http::Request;

/// How soon to tick again while an answer may come, in milliseconds.
pub(super) const LOOK_AGAIN_MS: u32 = 10;

pub(super) struct BuiltinHttp {
    jobs: UnboundedSender<Job>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

enum Job {
    Send(u64, Request),
    Cancel(u64),
    Stop,
}

impl BuiltinHttp {
    pub(super) fn start(engine: EngineHost) -> Fallible<Self> {
        let failed = || Refusal::new(playerlink_result::PLAYERLINK_E_CONFIGURATION, "HTTP could not be set up here");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|_| failed())?;
        let (jobs, received) = unbounded_channel();
        let work = move || runtime.block_on(work(engine, received));
        let thread = std::thread::Builder::new().name("playerlink-http".into()).spawn(work).map_err(|_| failed())?;
        Ok(Self { jobs, thread: Mutex::new(Some(thread)) })
    }

    pub(super) fn send(&self, id: u64, request: Request) {
        let _ = self.jobs.send(Job::Send(id, request));
    }

    pub(super) fn cancel(&self, id: u64) {
        let _ = self.jobs.send(Job::Cancel(id));
    }

    /// Ends the thread, and waits for it.
    pub(super) fn stop(&self) {
        let _ = self.jobs.send(Job::Stop);
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            let _ = thread.join();
        }
    }
}

async fn work(engine: EngineHost, mut jobs: UnboundedReceiver<Job>) {
    let Ok(native) = NativeHost::new() else { return };
    let mut under_way = HashMap::new();
    // Ends with `Stop`, or with the client; what is under way ends with the runtime.
    while let Some(job) = jobs.recv().await {
        match job {
            Job::Send(id, request) => {
                under_way.retain(|_, task: &mut tokio::task::JoinHandle<()>| !task.is_finished());
                let (engine, native) = (engine.clone(), native.clone());
                let exchange = async move {
                    let answer = native.send(request).await;
                    engine.complete_http(id, answer);
                };
                under_way.insert(id, tokio::spawn(exchange));
            }
            Job::Cancel(id) => {
                if let Some(task) = under_way.remove(&id) {
                    task.abort();
                }
            }
            Job::Stop => return,
        }
    }
}
