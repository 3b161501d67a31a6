//! The stores of native programs, as two programs on one folder use them. What a crash in the middle of a write leaves
//! is in `src/host/stores/file.rs`; sessions over a folder are in `tests/session/native.rs`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a failed test")]

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use playerlink::host::{
    FileStore, Host as _, HostError, KeyValue, MemoryStore, NativeHost, SessionStore, StoreFuture, from_key_value,
};

/// A folder of its own that goes when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("playerlink-stores-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// In a program of its own: the same test once more, which finds the folder in its environment and plays that part.
fn another_program(test: &str, folder: &Folder) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env("PLAYERLINK_TEST_FOLDER", &folder.0)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

fn folder_given() -> Option<FileStore> {
    std::env::var_os("PLAYERLINK_TEST_FOLDER").map(FileStore::new)
}

/// Adds one to the number in the store until it has done so `times` times.
async fn count(store: &dyn SessionStore, times: usize) {
    let mut done = 0;
    while done < times {
        let found = store.load("count").await.unwrap();
        let next = found.as_deref().unwrap_or("0").parse::<u32>().unwrap() + 1;
        done += usize::from(store.compare_and_swap("count", found.as_deref(), Some(&next.to_string())).await.unwrap());
    }
}

/// 2 to 40 KB that say by themselves whether they are whole.
fn letter(round: usize) -> String {
    let letter = char::from(b'a' + u8::try_from(round % 26).unwrap());
    String::from(letter).repeat(2_000 + 1_500 * (round % 26))
}

fn is_whole(text: &str) -> bool {
    (0..26).any(|round| letter(round) == text)
}

#[tokio::test]
async fn r34_no_swap_of_two_programs_is_lost() {
    if let Some(store) = folder_given() {
        return count(&store, 100).await;
    }
    let folder = Folder::new("count");
    let mut programs = [(); 2].map(|()| another_program("r34_no_swap_of_two_programs_is_lost", &folder));
    let store = FileStore::new(&folder.0);
    count(&store, 50).await;
    for program in &mut programs {
        assert!(program.wait().unwrap().success());
    }
    assert_eq!(store.load("count").await.unwrap().as_deref(), Some("250"));
}

#[tokio::test]
async fn r34_a_program_killed_at_any_moment_leaves_a_whole_text_and_no_lock() {
    if let Some(store) = folder_given() {
        let _held = store.lock("session").await.unwrap();
        for round in 0.. {
            let found = store.load("letter").await.unwrap();
            assert!(store.compare_and_swap("letter", found.as_deref(), Some(&letter(round))).await.unwrap());
        }
    }
    let folder = Folder::new("killed");
    let store = FileStore::new(&folder.0);
    for round in 0..20 {
        let test = "r34_a_program_killed_at_any_moment_leaves_a_whole_text_and_no_lock";
        let mut program = another_program(test, &folder);
        // Once it works, at another moment each time.
        let before = store.load("letter").await.unwrap();
        while store.load("letter").await.unwrap() == before {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        tokio::time::sleep(Duration::from_micros(700 * round)).await;
        program.kill().unwrap();
        program.wait().unwrap();
        let text = store.load("letter").await.unwrap().unwrap();
        assert!(is_whole(&text), "{} bytes", text.len());
        let swap = store.compare_and_swap("letter", Some(&text), Some("mine"));
        assert!(tokio::time::timeout(Duration::from_secs(5), swap).await.expect("the folder is free").unwrap());
        let lock = tokio::time::timeout(Duration::from_secs(5), store.lock("session"));
        drop(lock.await.expect("the lock is free").unwrap());
    }
}

#[cfg(unix)]
#[tokio::test]
async fn r34_files_are_for_this_user_only_and_name_no_account() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new("modes");
    let store = FileStore::new(folder.0.join("new/and/deep"));
    assert!(store.compare_and_swap("playerlink/rallyhere/x/account/nova", None, Some("text")).await.unwrap());
    let _lock = store.lock("playerlink/rallyhere/x/account/nova").await.unwrap();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder.0.join("new/and/deep")), 0o700);
    let mut files = 0;
    for entry in std::fs::read_dir(folder.0.join("new/and/deep")).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(mode(&entry.path()), 0o600, "{entry:?}");
        assert!(!entry.file_name().to_string_lossy().contains("nova"));
        files += 1;
    }
    assert_eq!(files, 3, "the text, the folder's lock, the session's lock");
}

#[cfg(unix)]
#[tokio::test]
async fn r35_a_folder_that_cannot_be_written_is_an_error_without_its_path() {
    let folder = Folder::new("refused");
    std::fs::create_dir_all(&folder.0).unwrap();
    std::fs::write(folder.0.join("file"), "").unwrap();
    let store = FileStore::new(folder.0.join("file/below"));
    let HostError(text) = store.compare_and_swap("k", None, Some("text")).await.unwrap_err();
    assert!(!text.contains("file") && !text.contains('/'), "{text}");
    assert!(store.load("k").await.is_err());
}

#[tokio::test]
async fn a_host_hands_its_lock_to_one_after_the_other_also_across_stores_of_one_folder() {
    let folder = Folder::new("hosts");
    let hosts = [(); 2].map(|()| NativeHost::new().unwrap().store(FileStore::new(&folder.0)));
    let held = hosts[0].lock("session").await.unwrap();
    for host in &hosts {
        // Whoever gives up waiting leaves nothing behind.
        assert!(tokio::time::timeout(Duration::from_millis(50), host.lock("session")).await.is_err());
    }
    drop(hosts[0].lock("another session").await.unwrap());
    drop(held);
    drop(tokio::time::timeout(Duration::from_secs(5), hosts[1].lock("session")).await.expect("free again").unwrap());
    drop(tokio::time::timeout(Duration::from_secs(5), hosts[0].lock("session")).await.expect("free again").unwrap());
}

#[tokio::test]
async fn a_store_without_locks_is_not_taken_for_one_that_locked_others_out() {
    let store = MemoryStore::default();
    assert!(NativeHost::new().unwrap().store(store.clone()).lock("session").await.is_some(), "nobody else uses it");
    let host = NativeHost::new().unwrap().store(WithoutLocks(store));
    assert!(host.lock("session").await.is_none());
}

/// Load and compare-and-swap, as a database has them.
struct WithoutLocks(MemoryStore);

impl SessionStore for WithoutLocks {
    fn load<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<String>> {
        self.0.load(key)
    }

    fn compare_and_swap<'a>(
        &'a self,
        key: &'a str,
        expected: Option<&'a str>,
        next: Option<&'a str>,
    ) -> StoreFuture<'a, bool> {
        self.0.compare_and_swap(key, expected, next)
    }
}

#[tokio::test]
async fn a_host_says_whether_its_store_outlives_the_program() {
    let folder = Folder::new("durable");
    let host = NativeHost::new().unwrap();
    assert!(!host.is_durable(), "memory unless told otherwise");
    assert!(host.clone().store_in(&folder.0).is_durable());
    assert!(!host.store(MemoryStore::default()).is_durable());
}

/// What an engine's settings are like: no atomicity, and slow.
#[derive(Default)]
struct Settings(Mutex<HashMap<String, String>>);

impl KeyValue for Settings {
    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<String>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            Ok(self.0.lock().unwrap().get(key).cloned())
        })
    }

    fn set<'a>(&'a self, key: &'a str, text: &'a str) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            if text == "refused" {
                return Err(HostError("full".into()));
            }
            self.0.lock().unwrap().insert(key.to_owned(), text.to_owned());
            Ok(())
        })
    }

    fn remove<'a>(&'a self, key: &'a str) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            self.0.lock().unwrap().remove(key);
            Ok(())
        })
    }
}

#[tokio::test]
async fn r34_get_set_and_remove_become_a_store_whose_swaps_do_not_mix() {
    let store = std::sync::Arc::new(from_key_value(Settings::default()));
    let tasks: Vec<_> = (0..10)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { count(&*store, 10).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(store.load("count").await.unwrap().as_deref(), Some("100"));
    assert!(store.compare_and_swap("count", Some("100"), Some("refused")).await.is_err());
    assert!(store.compare_and_swap("count", Some("100"), None).await.unwrap());
    assert!(store.compare_and_swap("count", None, None).await.unwrap());
    assert_eq!(store.load("count").await.unwrap(), None);
}
