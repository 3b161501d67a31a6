//! A store in a folder: one file a key, replaced whole or not at all, whenever the program or the machine stops.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::{Asked, HostError, SessionStore, StoreFuture, StoreLock, blocking, name_of};

/// How long until a file lock that another program holds is tried again.
const PAUSE: Duration = Duration::from_millis(10);
/// How often, and how long apart, a file that something else (a virus scanner) has open is tried to be replaced.
const RENAMES: u32 = 10;

/// Keeps sessions in files of a folder, readable by this user only (modes 0600 and 0700 on Unix). Several programs may
/// use the same folder.
///
/// A text is written to a new file, flushed to the disk, and renamed over the old one: after a crash at any point the old
/// text is there, or the new one. What guards the folder are advisory locks of the system, which end with whoever holds
/// them. Put the folder on a local disk.
#[derive(Clone)]
pub struct FileStore(Arc<Path>);

impl FileStore {
    /// In this folder, which is made when it is missing: best one of your program's own, in the user's local
    /// application data.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self(folder.into().into())
    }

    fn file_of(&self, key: &str) -> PathBuf {
        self.0.join(name_of(key)).with_extension("json")
    }
}

impl SessionStore for FileStore {
    fn load<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<String>> {
        let (path, key) = (self.file_of(key), key.to_owned());
        Box::pin(blocking(move || read(&path, &key).map_err(|error| failed(&error))))
    }

    fn compare_and_swap<'a>(
        &'a self,
        key: &'a str,
        expected: Option<&'a str>,
        next: Option<&'a str>,
    ) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            let asked = Asked::default();
            let swap = Arc::new(Swap {
                folder: self.0.clone(),
                path: self.file_of(key),
                key: key.to_owned(),
                expected: expected.map(str::to_owned),
                next: next.map(str::to_owned),
            });
            loop {
                let (swap, still) = (swap.clone(), asked.still());
                let swapped = blocking(move || {
                    let wanted = |_| if still() { Ok(()) } else { Err(io::ErrorKind::Interrupted.into()) };
                    swap.run(&wanted).map_err(|error| failed(&error))
                });
                match swapped.await? {
                    Some(swapped) => return Ok(swapped),
                    None => tokio::time::sleep(PAUSE).await,
                }
            }
        })
    }

    fn lock<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<StoreLock>> {
        let path = self.0.join(name_of(name)).with_extension("lock");
        Box::pin(async move { lock_file(self.0.clone(), path).await.map(Some) })
    }
}

impl std::fmt::Debug for FileStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FileStore")
    }
}

/// The lock that is the file at `path`, in a folder that may have to be made.
pub(super) async fn lock_file(folder: Arc<Path>, path: PathBuf) -> Result<StoreLock, HostError> {
    loop {
        let (folder, path) = (folder.clone(), path.clone());
        let tried = blocking(move || {
            let locked = private_folder(&folder).and_then(|()| try_lock(&path));
            locked.map_err(|error| failed(&error))
        });
        match tried.await? {
            Some(file) => return Ok(StoreLock::new(file)),
            None => tokio::time::sleep(PAUSE).await,
        }
    }
}

struct Swap {
    folder: Arc<Path>,
    path: PathBuf,
    key: String,
    expected: Option<String>,
    next: Option<String>,
}

/// Where a program may stop in the middle of a swap. From the rename on, it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Locked,
    Opened,
    Written,
    Flushed,
}

impl Swap {
    /// Does it, unless another program holds the folder; `step` may end it early.
    fn run(&self, step: &dyn Fn(Step) -> io::Result<()>) -> io::Result<Option<bool>> {
        private_folder(&self.folder)?;
        let Some(_alone) = try_lock(&self.folder.join(".lock"))? else { return Ok(None) };
        step(Step::Locked)?;
        if read(&self.path, &self.key)? != self.expected {
            return Ok(Some(false));
        }
        match &self.next {
            None if self.expected.is_none() => return Ok(Some(true)),
            None => fs::remove_file(&self.path)?,
            Some(text) => {
                let draft = self.path.with_extension("new");
                let replaced = self.write(&draft, text, step).and_then(|()| rename(&draft, &self.path));
                if let Err(error) = replaced {
                    // On a full disk its space is missed.
                    let _ = fs::remove_file(&draft);
                    return Err(error);
                }
            }
        }
        flush_folder(&self.folder);
        Ok(Some(true))
    }

    fn write(&self, draft: &Path, text: &str, step: &dyn Fn(Step) -> io::Result<()>) -> io::Result<()> {
        // Left by a crash: half a text, or an older and longer one.
        let _ = fs::remove_file(draft);
        let mut file = private_file(draft)?;
        step(Step::Opened)?;
        file.write_all([&self.key, "\n", text].concat().as_bytes())?;
        step(Step::Written)?;
        file.sync_all()?;
        step(Step::Flushed)
    }
}

/// The text under that key; a file that is not of that key, or damaged, holds none.
fn read(path: &Path, key: &str) -> io::Result<Option<String>> {
    match fs::read(path) {
        Ok(bytes) => Ok(text_behind(key, bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The text behind the key it was stored with.
fn text_behind(key: &str, bytes: Vec<u8>) -> Option<String> {
    let text = String::from_utf8(bytes).ok()?;
    text.strip_prefix(key)?.strip_prefix('\n').map(str::to_owned)
}

/// Never the path: it holds the user's name.
fn failed(error: &io::Error) -> HostError {
    HostError(error.kind().to_string())
}

/// Windows refuses while another program, e.g. a virus scanner, has the old file open.
#[expect(clippy::disallowed_methods, reason = "a thread for work that may block")]
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    for _ in 1..RENAMES {
        match fs::rename(from, to) {
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => std::thread::sleep(PAUSE),
            result => return result,
        }
    }
    fs::rename(from, to)
}

/// Makes the rename itself survive a power cut, where the system can.
fn flush_folder(folder: &Path) {
    #[cfg(unix)]
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
    #[cfg(not(unix))]
    let _ = folder;
}

fn try_lock(path: &Path) -> io::Result<Option<File>> {
    let file = private_file(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(fs::TryLockError::WouldBlock) => Ok(None),
        Err(fs::TryLockError::Error(error)) => Err(error),
    }
}

fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn private_file(path: &Path) -> io::Result<File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

    use super::*;

    const STEPS: [Step; 4] = [Step::Locked, Step::Opened, Step::Written, Step::Flushed];

    struct Folder(FileStore);

    impl Folder {
        fn new(name: &str) -> Self {
            let folder = std::env::temp_dir().join(format!("playerlink-{name}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&folder);
            Self(FileStore::new(folder))
        }

        fn swap(&self, expected: Option<&str>, next: Option<&str>) -> Swap {
            let text = |text: Option<&str>| text.map(str::to_owned);
            let folder = self.0.0.clone();
            Swap { folder, path: self.0.file_of("k"), key: "k".into(), expected: text(expected), next: text(next) }
        }

        fn text(&self) -> Option<String> {
            read(&self.0.file_of("k"), "k").unwrap()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0.0);
        }
    }

    fn go_on(_: Step) -> io::Result<()> {
        Ok(())
    }

    #[test]
    fn a_crash_at_any_step_leaves_the_old_text_and_a_folder_that_works() {
        for (round, last) in STEPS.into_iter().enumerate() {
            for cut in [0, 3, 100] {
                let folder = Folder::new(&format!("crash-{round}-{cut}"));
                assert_eq!(folder.swap(None, Some("old")).run(&go_on).unwrap(), Some(true));
                // As a crash: nothing after this step runs, the system gives the lock back, half the text is on disk.
                let crash = |step| {
                    if step == last {
                        let draft = folder.0.file_of("k").with_extension("new");
                        if let Ok(file) = fs::OpenOptions::new().write(true).open(&draft) {
                            let whole = file.metadata().unwrap().len();
                            file.set_len(whole.min(cut)).unwrap();
                        }
                        resume_unwind(Box::new("crash"));
                    }
                    Ok(())
                };
                let swap = folder.swap(Some("old"), Some("a much longer new text"));
                assert!(catch_unwind(AssertUnwindSafe(|| swap.run(&crash))).is_err());
                assert_eq!(folder.text().as_deref(), Some("old"), "{last:?}");
                assert_eq!(folder.swap(Some("old"), Some("new")).run(&go_on).unwrap(), Some(true));
                assert_eq!(folder.text().as_deref(), Some("new"), "{last:?}");
            }
        }
    }

    #[test]
    fn a_failure_at_any_step_is_told_and_leaves_neither_a_change_nor_a_draft() {
        for (round, last) in STEPS.into_iter().enumerate() {
            let folder = Folder::new(&format!("fails-{round}"));
            folder.swap(None, Some("old")).run(&go_on).unwrap();
            let full = |step| if step == last { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) };
            let error = folder.swap(Some("old"), Some("new")).run(&full).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::StorageFull);
            assert_eq!(folder.text().as_deref(), Some("old"));
            assert!(!folder.0.file_of("k").with_extension("new").exists(), "{last:?}");
        }
    }

    #[test]
    fn a_folder_that_another_program_holds_is_not_waited_for_on_a_thread() {
        let folder = Folder::new("held");
        folder.swap(None, Some("old")).run(&go_on).unwrap();
        let held = try_lock(&folder.0.0.join(".lock")).unwrap();
        assert!(held.is_some());
        assert_eq!(folder.swap(Some("old"), Some("new")).run(&go_on).unwrap(), None);
        drop(held);
        assert_eq!(folder.swap(Some("old"), None).run(&go_on).unwrap(), Some(true));
        assert_eq!(folder.text(), None);
    }

    #[tokio::test]
    async fn what_was_given_up_is_not_written_later() {
        let folder = Folder::new("given-up");
        folder.swap(None, Some("old")).run(&go_on).unwrap();
        let held = try_lock(&folder.0.0.join(".lock")).unwrap();
        let swap = folder.0.compare_and_swap("k", Some("old"), Some("late"));
        assert!(tokio::time::timeout(PAUSE * 3, swap).await.is_err());
        drop(held);
        tokio::time::sleep(PAUSE * 5).await;
        assert_eq!(folder.0.load("k").await.unwrap().as_deref(), Some("old"));
        // And when it was given up in the middle of the work.
        let asked = Asked::default();
        let still = asked.still();
        let given_up = std::cell::Cell::new(Some(asked));
        let step = |step| {
            if step == Step::Written {
                given_up.take();
            }
            if still() { Ok(()) } else { Err(io::ErrorKind::Interrupted.into()) }
        };
        assert!(folder.swap(Some("old"), Some("late")).run(&step).is_err());
        assert_eq!(folder.text().as_deref(), Some("old"));
    }

    #[test]
    fn a_file_of_another_key_or_without_sense_holds_nothing() {
        let folder = Folder::new("damaged");
        for bytes in [&b""[..], b"other\ntext", b"k", b"k text", b"k\n\xFF\xFE"] {
            private_folder(&folder.0.0).unwrap();
            fs::write(folder.0.file_of("k"), bytes).unwrap();
            assert_eq!(folder.text(), None, "{bytes:?}");
            assert_eq!(folder.swap(None, Some("new")).run(&go_on).unwrap(), Some(true));
            assert_eq!(folder.text().as_deref(), Some("new"));
        }
    }
}
