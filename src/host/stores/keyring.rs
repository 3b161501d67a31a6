//! A store in the system's keychain: Keychain on macOS, the Credential Manager on Windows, the Secret Service (GNOME
//! Keyring, KWallet) elsewhere.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use keyring_core::{CredentialStore, Entry, Error};
use tokio::sync::Mutex;

use super::file::lock_file;
use super::{Asked, HostError, SessionStore, StoreFuture, StoreLock, blocking, name_of};

/// How many bytes one entry may have. Windows: `CRED_MAX_CREDENTIAL_BLOB_SIZE`; the others name no limit.
const LIMIT: usize = if cfg!(windows) { 2_560 } else { usize::MAX };
/// More parts than any record needs.
const MAX_PARTS: usize = 256;

/// Keeps sessions in the system's keychain. Needs the feature `keyring`.
///
/// A keychain cannot compare and swap: when several programs share the sessions, give all of them the same folder in
/// [`lock_in`](Self::lock_in). A text longer than the system allows is kept in parts; a crash between them leaves the
/// old text.
///
/// A keychain that is locked, or a system without one, shows as a failed store: sessions go on in memory.
///
/// ```no_run
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> playerlink::Result<()> {
/// use playerlink::host::{KeyringStore, NativeHost};
/// let host = NativeHost::new()?.store(KeyringStore::new("com.studio.launcher"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct KeyringStore(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    service: String,
    /// `None`: the system's, opened at the first use.
    keychain: Option<Arc<CredentialStore>>,
    limit: usize,
    swapping: Arc<Mutex<()>>,
    locks: Option<Arc<Path>>,
}

impl KeyringStore {
    /// Under this name, which the user sees in the system's list: your program's own.
    pub fn new(service: impl Into<String>) -> Self {
        let swapping = Arc::default();
        Self(Arc::new(Inner { service: service.into(), keychain: None, limit: LIMIT, swapping, locks: None }))
    }

    /// Keeps lock files, without any content, in this folder: for programs that share the sessions.
    #[must_use]
    pub fn lock_in(self, folder: impl Into<PathBuf>) -> Self {
        Self(Arc::new(Inner { locks: Some(folder.into().into()), ..(*self.0).clone() }))
    }

    async fn lock_between(&self, file: String) -> Result<StoreLock, HostError> {
        match &self.0.locks {
            Some(folder) => lock_file(folder.clone(), folder.join(file)).await,
            None => Ok(StoreLock::nobody_else()),
        }
    }
}

impl SessionStore for KeyringStore {
    fn load<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<String>> {
        let (inner, name) = (self.0.clone(), name_of(key));
        Box::pin(blocking(move || Ok(inner.open()?.read(&name).map_err(|error| failed(&error))?.map(|(text, _)| text))))
    }

    fn compare_and_swap<'a>(
        &'a self,
        key: &'a str,
        expected: Option<&'a str>,
        next: Option<&'a str>,
    ) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            let asked = Asked::default();
            let alone = self.0.swapping.clone().lock_owned().await;
            let between = self.lock_between(".lock".to_owned()).await?;
            let (inner, name, still) = (self.0.clone(), name_of(key), asked.still());
            let (expected, next) = (expected.map(str::to_owned), next.map(str::to_owned));
            blocking(move || {
                // Held until the work is done, also when nobody waits for it any more.
                let _held = (between, alone);
                inner.open()?.swap(&name, expected.as_deref(), next.as_deref(), &still)
            })
            .await
        })
    }

    fn lock<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<StoreLock>> {
        let file = [&name_of(name), ".lock"].concat();
        Box::pin(async move { self.lock_between(file).await.map(Some) })
    }
}

impl Inner {
    fn open(&self) -> Result<Open<'_>, HostError> {
        let keychain = match &self.keychain {
            Some(keychain) => keychain.clone(),
            None => keyring::Entry::store_status()
                .as_ref()
                .ok()
                .and_then(|()| keyring_core::get_default_store())
                .ok_or_else(|| failed(&Error::NoDefaultStore))?,
        };
        Ok(Open { keychain, service: &self.service, limit: self.limit })
    }
}

struct Open<'a> {
    keychain: Arc<CredentialStore>,
    service: &'a str,
    limit: usize,
}

/// What the first entry of a text says: the text itself, or where its parts are. A new text's parts go to the side that
/// the old one's are not on, and count only once the first entry, written last, names them.
enum Head {
    Whole(String),
    Parts { side: Side, count: usize, hash: String },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    A,
    B,
}

impl Head {
    fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        let text = String::from_utf8(bytes).ok()?;
        if let Some(whole) = text.strip_prefix('=') {
            return Some(Self::Whole(whole.to_owned()));
        }
        let mut words = text.strip_prefix("parts ")?.split(' ');
        let side = match words.next()? {
            "a" => Side::A,
            "b" => Side::B,
            _ => return None,
        };
        let count = words.next()?.parse().ok().filter(|count| *count <= MAX_PARTS)?;
        Some(Self::Parts { side, count, hash: words.next()?.to_owned() })
    }

    fn side(&self) -> Option<Side> {
        match self {
            Self::Whole(_) => None,
            Self::Parts { side, .. } => Some(*side),
        }
    }
}

impl Side {
    const fn as_str(self) -> &'static str {
        match self {
            Self::A => "a",
            Self::B => "b",
        }
    }

    const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

impl Open<'_> {
    /// The text, and the side its parts are on. What is damaged is nothing.
    fn read(&self, name: &str) -> keyring_core::Result<Option<(String, Option<Side>)>> {
        // Another program may replace the parts while they are read.
        for _ in 0..3 {
            let Some(bytes) = self.get(name)? else { return Ok(None) };
            let Some(head) = Head::from_bytes(bytes) else { return Ok(None) };
            let side = head.side();
            match head {
                Head::Whole(text) => return Ok(Some((text, side))),
                Head::Parts { side, count, hash } => {
                    let mut whole = Vec::new();
                    for index in 0..count {
                        whole.extend(self.get(&part(name, side, index))?.unwrap_or_default());
                    }
                    if let Some(text) = String::from_utf8(whole).ok().filter(|text| name_of(text) == hash) {
                        return Ok(Some((text, Some(side))));
                    }
                }
            }
        }
        Ok(None)
    }

    fn swap(
        &self,
        name: &str,
        expected: Option<&str>,
        next: Option<&str>,
        wanted: &dyn Fn() -> bool,
    ) -> Result<bool, HostError> {
        let found = self.read(name).map_err(|error| failed(&error))?;
        if found.as_ref().map(|(text, _)| text.as_str()) != expected {
            return Ok(false);
        }
        let old = found.and_then(|(_, side)| side);
        if !wanted() {
            return Err(HostError("given up".into()));
        }
        let written = match next {
            Some(text) => self.write(name, old, text),
            None => self.delete(name).map(|_| ()),
        };
        written.map_err(|error| failed(&error))?;
        if let Some(side) = old {
            self.forget_parts(name, side, 0);
        }
        Ok(true)
    }

    fn write(&self, name: &str, old: Option<Side>, text: &str) -> keyring_core::Result<()> {
        if text.len() < self.limit {
            return self.set(name, ["=", text].concat().as_bytes());
        }
        let side = old.map_or(Side::A, Side::other);
        let parts = text.as_bytes().chunks(self.limit);
        let count = parts.len();
        for (index, bytes) in parts.enumerate() {
            self.set(&part(name, side, index), bytes)?;
        }
        let head = ["parts", side.as_str(), &count.to_string(), &name_of(text)].join(" ");
        self.set(name, head.as_bytes())?;
        // Of a longer text whose writing was cut short.
        self.forget_parts(name, side, count);
        Ok(())
    }

    fn forget_parts(&self, name: &str, side: Side, from: usize) {
        for index in from..MAX_PARTS {
            if !matches!(self.delete(&part(name, side, index)), Ok(true)) {
                return;
            }
        }
    }

    fn entry(&self, name: &str) -> keyring_core::Result<Entry> {
        self.keychain.build(self.service, name, None)
    }

    fn get(&self, name: &str) -> keyring_core::Result<Option<Vec<u8>>> {
        match self.entry(name)?.get_secret() {
            Ok(bytes) => Ok(Some(bytes)),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn set(&self, name: &str, bytes: &[u8]) -> keyring_core::Result<()> {
        self.entry(name)?.set_secret(bytes)
    }

    fn delete(&self, name: &str) -> keyring_core::Result<bool> {
        match self.entry(name)?.delete_credential() {
            Ok(()) => Ok(true),
            Err(Error::NoEntry) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

fn part(name: &str, side: Side, index: usize) -> String {
    [name, ".", side.as_str(), &index.to_string()].concat()
}

/// In our words: some of the errors hold what was to be stored.
fn failed(error: &Error) -> HostError {
    HostError(match error {
        Error::NoStorageAccess(_) => "the system's keychain is locked or out of reach".into(),
        Error::NoDefaultStore => "this system has no keychain that can be used".into(),
        Error::TooLong(..) => "the text is too long for the system's keychain".into(),
        _ => "the system's keychain failed".into(),
    })
}

impl std::fmt::Debug for KeyringStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyringStore")
    }
}

#[cfg(test)]
mod tests {
    use keyring_core::api::CredentialStoreApi as _;
    use keyring_core::mock;

    use super::*;

    /// Entries of 64 bytes, so that every record is in parts.
    fn mocked() -> (KeyringStore, Arc<mock::Store>) {
        let mock = mock::Store::new().unwrap();
        let mut inner = (*KeyringStore::new("test").0).clone();
        inner.limit = 64;
        inner.keychain = Some(mock.clone());
        (KeyringStore(Arc::new(inner)), mock)
    }

    /// The names of what is really in the keychain.
    fn entries(mock: &mock::Store) -> Vec<String> {
        let inner = mock.inner.lock().unwrap();
        let full = |cred: &&Arc<mock::Cred>| cred.get_secret_for_test().is_some();
        inner.borrow().iter().filter(full).map(|cred| cred.specifiers.1.clone()).collect()
    }

    trait Peek {
        fn get_secret_for_test(&self) -> Option<Vec<u8>>;
    }
    impl Peek for mock::Cred {
        fn get_secret_for_test(&self) -> Option<Vec<u8>> {
            self.inner.lock().unwrap().borrow().secret.clone()
        }
    }

    fn fail_next(mock: &mock::Store, name: &str) {
        let inner = mock.inner.lock().unwrap();
        let creds = inner.borrow();
        let cred = creds.iter().find(|cred| cred.specifiers.1 == name).unwrap();
        cred.set_error(Error::Invalid("text".into(), "secret".into()));
    }

    #[tokio::test]
    async fn short_and_long_texts_are_swapped_and_leave_nothing_behind() {
        let (store, mock) = mocked();
        let texts =
            ["short".to_owned(), "ü".repeat(500), "x".repeat(63), "x".repeat(64), "y".repeat(1_000), String::new()];
        let mut expected: Option<&str> = None;
        for text in &texts {
            assert!(!store.compare_and_swap("k", Some("another"), Some(text)).await.unwrap());
            assert!(store.compare_and_swap("k", expected, Some(text)).await.unwrap());
            assert_eq!(store.load("k").await.unwrap().as_ref(), Some(text));
            let parts = if text.len() < 64 { 0 } else { text.len().div_ceil(64) };
            assert_eq!(entries(&mock).len(), 1 + parts, "of {} bytes", text.len());
            expected = Some(text);
        }
        assert!(store.compare_and_swap("k", expected, None).await.unwrap());
        assert_eq!(store.load("k").await.unwrap(), None);
        assert!(entries(&mock).is_empty());
    }

    #[tokio::test]
    async fn a_failure_between_the_parts_leaves_the_old_text() {
        let (store, mock) = mocked();
        let (old, new) = ("o".repeat(200), "n".repeat(300));
        let name = name_of("k");
        for _ in 0..2 {
            // Entries of both sides exist in the mock from now on.
            assert!(store.compare_and_swap("k", None, Some(&old)).await.unwrap());
            assert!(store.compare_and_swap("k", Some(&old), Some(&new)).await.unwrap());
            assert!(store.compare_and_swap("k", Some(&new), None).await.unwrap());
        }
        assert!(store.compare_and_swap("k", None, Some(&old)).await.unwrap());
        for index in 0..5 {
            fail_next(&mock, &part(&name, Side::B, index));
            let error = store.compare_and_swap("k", Some(&old), Some(&new)).await.unwrap_err();
            assert_eq!(error.0, "the system's keychain failed", "nothing of what the keychain said");
            assert_eq!(store.load("k").await.unwrap().as_ref(), Some(&old));
        }
        assert!(store.compare_and_swap("k", Some(&old), Some(&new)).await.unwrap());
        assert_eq!(store.load("k").await.unwrap().as_ref(), Some(&new));
        assert_eq!(entries(&mock).len(), 1 + 300_usize.div_ceil(64));
    }

    #[tokio::test]
    async fn a_damaged_entry_is_nothing_and_can_be_replaced() {
        let (store, mock) = mocked();
        for bytes in
            [&b""[..], b"nonsense", b"parts", b"parts a 1 00", b"parts c 1 00", b"parts a 99999999 00", b"=\xFF"]
        {
            mock.build("test", &name_of("k"), None).unwrap().set_secret(bytes).unwrap();
            assert_eq!(store.load("k").await.unwrap(), None);
            assert!(store.compare_and_swap("k", None, Some("new")).await.unwrap());
            assert_eq!(store.load("k").await.unwrap().as_deref(), Some("new"));
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn a_hundred_swaps_at_once_are_all_counted() {
        let (store, _) = mocked();
        let folder = std::env::temp_dir().join(format!("playerlink-keyring-{}", std::process::id()));
        // As two programs: each has its own lock in the process, and both have the folder.
        let stores = [store.clone(), KeyringStore(Arc::new(Inner { swapping: Arc::default(), ..(*store.0).clone() }))];
        let stores = stores.map(|store| store.lock_in(&folder));
        let tasks: Vec<_> = (0..10)
            .map(|task| {
                let store = stores[task % 2].clone();
                tokio::spawn(async move {
                    let mut done = 0;
                    while done < 10 {
                        let found = store.load("n").await.unwrap();
                        let next = found.as_deref().unwrap_or("0").parse::<u32>().unwrap() + 1;
                        done += usize::from(
                            store.compare_and_swap("n", found.as_deref(), Some(&next.to_string())).await.unwrap(),
                        );
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(store.load("n").await.unwrap().as_deref(), Some("100"));
        let _ = std::fs::remove_dir_all(&folder);
    }
}
