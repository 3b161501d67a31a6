//! The emulator behind a real socket on loopback, for the tests whose point is HTTP.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use emulator::Emulator;
use emulator::serve::{Options, serve};
use playerlink::Secret;
use playerlink::host::NativeHost;
use playerlink::rallyhere::{Config, RallyHere};
use playerlink::xsolla::{self, Xsolla};

/// A served emulator and a native host in the same runtime.
pub(crate) struct Served {
    pub(crate) url: String,
    pub(crate) host: NativeHost,
    emulator: Arc<Mutex<Emulator>>,
    server: tokio::task::JoinHandle<()>,
}

impl Served {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let emulator = Arc::new(Mutex::new(Emulator::new(7)));
        let served = emulator.clone();
        let server = tokio::spawn(async move {
            let _ = serve(listener, served, Options::default()).await;
        });
        Self { url, host: NativeHost::new().expect("inside a runtime"), emulator, server }
    }

    pub(crate) fn emulator(&self) -> MutexGuard<'_, Emulator> {
        self.emulator.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn rallyhere(&self, id: &str, secret: &str) -> RallyHere<NativeHost> {
        let config = Config::base_url(&self.url).client(id, secret).retries(false);
        RallyHere::new(config, self.host.clone()).expect("a valid configuration")
    }

    pub(crate) fn xsolla(&self) -> Xsolla<NativeHost> {
        let config = xsolla::Config::project(emulator::xsolla::MAIN_PROJECT_ID)
            .oauth("57", "https://companion.example/callback")
            .base_url(&format!("{}/api", self.url));
        Xsolla::new(config, self.host.clone()).expect("a valid configuration")
    }

    pub(crate) fn password() -> Secret {
        Secret::new(emulator::xsolla::PASSWORD)
    }

    /// The code of the last request's answer, as the service's own log has it.
    pub(crate) fn last_code(&self) -> Option<String> {
        self.emulator().log().entries().next_back().and_then(|entry| entry.error_code.clone())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.server.abort();
    }
}
