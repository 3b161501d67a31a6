//! A value that many handles share. A mutex that knows no poison where there are threads; in WebAssembly, which has none
//! here, a cell: the mutex of the standard library asks at each use whether the thread is panicking, which weighs
//! kilobytes.

#[cfg(not(target_family = "wasm"))]
pub(crate) type Guard<'a, T> = std::sync::MutexGuard<'a, T>;
#[cfg(target_family = "wasm")]
pub(crate) type Guard<'a, T> = std::cell::RefMut<'a, T>;

#[cfg(not(target_family = "wasm"))]
#[derive(Default)]
pub(crate) struct Guarded<T>(std::sync::Mutex<T>);
#[cfg(target_family = "wasm")]
#[derive(Default)]
pub(crate) struct Guarded<T>(std::cell::RefCell<T>);

impl<T> Guarded<T> {
    #[cfg(not(target_family = "wasm"))]
    pub(crate) const fn new(value: T) -> Self {
        Self(std::sync::Mutex::new(value))
    }

    #[cfg(target_family = "wasm")]
    pub(crate) const fn new(value: T) -> Self {
        Self(std::cell::RefCell::new(value))
    }

    /// The value, for this one alone until the guard is dropped. Never held across an await, nor across a call that may
    /// come back here.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) fn lock(&self) -> Guard<'_, T> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// The value, for this one alone until the guard is dropped. Never held across an await, nor across a call that may
    /// come back here.
    #[cfg(target_family = "wasm")]
    pub(crate) fn lock(&self) -> Guard<'_, T> {
        self.0.borrow_mut()
    }
}
