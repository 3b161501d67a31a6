//! The same on the native host: real threads, real HTTP, files that two programs share.

use emulator::rallyhere::Rotation;
use playerlink::Durability;
use playerlink::host::NativeHost;
use playerlink::rallyhere::{Config, Credential, RallyHere};

use crate::support::served::Served;

fn refreshes(served: &Served) -> usize {
    let emulator = served.emulator();
    emulator.log().entries().filter(|entry| entry.path == "/users/v1/login").count() - 1
}

/// A folder of its own that goes when the test ends.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("playerlink-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r05_twenty_threads_share_one_refresh() {
    let served = Served::start().await;
    let session = served.rallyhere("game", "game-secret").login(Credential::steam("emu.s1")).await.unwrap();
    let callers: Vec<_> = (0..20)
        .map(|_| {
            let session = session.clone();
            tokio::spawn(async move { session.refresh().await.is_ok() && session.access_token().await.is_ok() })
        })
        .collect();
    for caller in callers {
        assert!(caller.await.unwrap());
    }
    // Threads that came after the first flight had landed start one of their own; never one each.
    assert!((1..20).contains(&refreshes(&served)), "{}", refreshes(&served));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r09_two_programs_over_one_folder_rotate_once_and_both_live() {
    let folder = Folder::new("two-programs");
    let served = Served::start().await;
    served.emulator().rallyhere_mut().environment_mut().rotation = Rotation::Strict;
    let program = || {
        let host = NativeHost::new().unwrap().store_in(&folder.0);
        RallyHere::new(Config::base_url(&served.url).client("game", "game-secret").retries(false), host).unwrap()
    };
    let one = program().login(Credential::steam("emu.s1")).await.unwrap();
    let two = program().restore().await.expect("the other program's session");
    for round in 1..=10 {
        let (first, second) = tokio::join!(one.refresh(), two.refresh());
        assert!(first.is_ok() && second.is_ok(), "round {round}: {first:?} {second:?}");
        let tokens = (one.access_token().await.unwrap(), two.access_token().await.unwrap());
        assert_eq!(tokens.0, tokens.1);
        assert_eq!(refreshes(&served), round, "one rotation a round");
    }
    one.logout().await;
    assert!(two.refresh().await.is_err(), "signed out in both");
    assert!(program().restore().await.is_none());
}

#[tokio::test]
async fn a_session_in_memory_does_not_say_that_a_restart_finds_it() {
    let folder = Folder::new("durability");
    let served = Served::start().await;
    let client = |host| RallyHere::new(Config::base_url(&served.url).client("game", "game-secret"), host).unwrap();
    for (host, durability) in [
        (NativeHost::new().unwrap(), Durability::Memory),
        (NativeHost::new().unwrap().store_in(&folder.0), Durability::Durable),
    ] {
        let session = client(host).login(Credential::steam("emu.s1")).await.unwrap();
        assert_eq!(session.snapshot().durability, durability);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn r34_what_is_stored_in_files_is_readable_by_this_user_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new("modes");
    let served = Served::start().await;
    let host = NativeHost::new().unwrap().store_in(&folder.0);
    let config = Config::base_url(&served.url).client("game", "game-secret");
    let session = RallyHere::new(config, host).unwrap().login(Credential::steam("emu.s1")).await.unwrap();
    assert!(session.refresh().await.is_ok());
    let mut files = 0;
    for entry in std::fs::read_dir(&folder.0).unwrap() {
        let entry = entry.unwrap();
        files += 1;
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o077, 0, "{:?}", entry.path());
    }
    assert!(files >= 2);
}

#[tokio::test]
async fn r40_no_redirect_is_followed_so_no_token_reaches_another_host() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let elsewhere = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (url, target) = (listener.local_addr().unwrap(), elsewhere.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4_096]).await;
            let answer = format!("HTTP/1.1 307 elsewhere\r\nlocation: http://{target}/\r\ncontent-length: 0\r\n\r\n");
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    let config = Config::base_url(&format!("http://{url}")).client("game", "game-secret").retries(false);
    let rallyhere = RallyHere::new(config, NativeHost::new().unwrap()).unwrap();
    let error = rallyhere.login(Credential::steam("emu.s1")).await.unwrap_err();
    assert_eq!(error.kind(), playerlink::ErrorKind::Protocol, "{error}");
    let asked = tokio::time::timeout(std::time::Duration::from_millis(50), elsewhere.accept()).await;
    assert!(asked.is_err(), "the other host was asked");
}
