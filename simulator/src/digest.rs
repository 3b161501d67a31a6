//! 64 bits of whatever it is.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::world::{Ask, Told};

pub(crate) fn digest(what: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

pub(crate) fn of_ask(ask: &Ask) -> u64 {
    match ask {
        Ask::Load(key) => digest((1, key)),
        Ask::Swap { key, expected, next } => digest((2, key, expected, next)),
        Ask::Lock(name) => digest((3, name)),
        Ask::Send(request, _) => digest((4, &request.url, &request.body)),
        Ask::Sleep => digest(5),
    }
}

pub(crate) fn of_told(told: &Told) -> u64 {
    match told {
        Told::Loaded(Ok(text)) => digest((1, text)),
        Told::Loaded(Err(_)) => digest(2),
        Told::Swapped(Ok(done)) => digest((3, done)),
        Told::Swapped(Err(_)) => digest(4),
        Told::Locked => digest(5),
        Told::Sent(Ok(response)) => digest((6, response.status, &response.body)),
        Told::Sent(Err(error)) => digest((7, error.kind as u8)),
        Told::Slept => digest(8),
    }
}
