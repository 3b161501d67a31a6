//! The allocator of the published wasm. Rust's own one weighs 2 KB there; a session holds a few dozen short texts and now
//! and then an answer, for which free lists are enough.
//!
//! Blocks have sizes of powers of two, from 16 bytes. A freed block goes to its size's list and is the first to be used
//! again, so a page that stays open for days holds what each size needed at its busiest moment, at most doubled. Nothing
//! goes back to the engine: WebAssembly has no means to.

#![allow(unsafe_code, reason = "an allocator is made of addresses")]

use std::alloc::{GlobalAlloc, Layout};
use std::cell::UnsafeCell;
use std::ptr;

/// Blocks of `1 << (index + SMALLEST)` bytes.
const LISTS: usize = 28;
/// 16 bytes, which also is an alignment that every ordinary type has.
const SMALLEST: u32 = 4;
/// What WebAssembly's memory grows by.
pub(crate) const PAGE: usize = 64 * 1024;

/// Where fresh memory comes from.
pub(crate) trait Pages {
    /// The start of that many new pages, or `None` when there are no more.
    fn grow(&self, pages: usize) -> Option<*mut u8>;
}

/// Free lists by size over pages that are never given back. For one thread.
pub(crate) struct Blocks<P> {
    pages: P,
    state: UnsafeCell<State>,
}

struct State {
    free: [*mut Free; LISTS],
    /// What is left of the newest pages.
    next: *mut u8,
    left: usize,
}

/// What a free block holds.
struct Free {
    next: *mut Free,
}

impl<P: Pages> Blocks<P> {
    pub(crate) const fn new(pages: P) -> Self {
        let state = State { free: [ptr::null_mut(); LISTS], next: ptr::null_mut(), left: 0 };
        Self { pages, state: UnsafeCell::new(state) }
    }

    fn carve(&self, state: &mut State, size: usize) -> *mut u8 {
        if state.left < size {
            let pages = size.div_ceil(PAGE);
            let Some(start) = self.pages.grow(pages) else { return ptr::null_mut() };
            if !ptr::eq(start, state.next.wrapping_add(state.left)) {
                (state.next, state.left) = (start, 0);
            }
            state.left += pages * PAGE;
        }
        let block = state.next;
        state.next = block.wrapping_add(size);
        state.left -= size;
        block
    }
}

/// The list of the smallest blocks that many bytes fit into.
fn list(size: usize) -> usize {
    (usize::BITS - (size.saturating_sub(1) >> SMALLEST).leading_zeros()) as usize
}

// SAFETY: a block is in one list or in use, never both; blocks do not overlap, are at least as large as the layout that
// asked for them, and aligned as it asked.
unsafe impl<P: Pages> GlobalAlloc for Blocks<P> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: one thread, and nothing in here calls back.
        let state = unsafe { &mut *self.state.get() };
        let list = list(layout.size());
        let Some(head) = state.free.get_mut(list).filter(|_| layout.align() <= 1 << SMALLEST) else {
            return ptr::null_mut();
        };
        let block = *head;
        if block.is_null() {
            return self.carve(state, (1 << SMALLEST) << list);
        }
        // SAFETY: a block in a list was written by `dealloc`.
        *head = unsafe { (*block).next };
        block.cast()
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as above.
        let state = unsafe { &mut *self.state.get() };
        if let Some(head) = state.free.get_mut(list(layout.size())) {
            let block: *mut Free = block.cast();
            // SAFETY: the caller gives up a block of at least 16 bytes, aligned to at least 16 bytes.
            unsafe { block.write(Free { next: *head }) };
            *head = block;
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        if list(layout.size()) == list(new_size) {
            return block;
        }
        // SAFETY: the caller's promises are those of the three calls.
        unsafe {
            let new = self.alloc(Layout::from_size_align_unchecked(new_size, layout.align()));
            if !new.is_null() {
                ptr::copy_nonoverlapping(block, new, layout.size().min(new_size));
                self.dealloc(block, layout);
            }
            new
        }
    }
}

#[cfg(all(feature = "web", target_family = "wasm", target_os = "unknown"))]
mod wasm {
    use super::{Blocks, PAGE, Pages};

    struct Memory;

    impl Pages for Memory {
        fn grow(&self, pages: usize) -> Option<*mut u8> {
            let before = core::arch::wasm32::memory_grow(0, pages);
            (before != usize::MAX).then(|| std::ptr::with_exposed_provenance_mut(before * PAGE))
        }
    }

    // SAFETY: this target has one thread.
    unsafe impl Sync for Blocks<Memory> {}

    #[global_allocator]
    static ALLOCATOR: Blocks<Memory> = Blocks::new(Memory);
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// Pages of the test's own memory, at most so many.
    struct Few(Cell<usize>);

    impl Pages for Few {
        fn grow(&self, pages: usize) -> Option<*mut u8> {
            self.0.set(self.0.get().checked_sub(pages)?);
            let aligned = Layout::from_size_align(pages * PAGE, PAGE).ok()?;
            // SAFETY: not empty. Never freed: the blocks in it live as long as the test.
            Some(unsafe { std::alloc::alloc(aligned) })
        }
    }

    fn few(pages: usize) -> Blocks<Few> {
        Blocks::new(Few(Cell::new(pages)))
    }

    fn layout(size: usize) -> Layout {
        Layout::from_size_align(size, 8).unwrap()
    }

    #[test]
    fn a_freed_block_is_the_next_one_of_its_size() {
        let blocks = few(1);
        // SAFETY: every pointer is used with the layout it was asked for with.
        unsafe {
            let (first, second) = (blocks.alloc(layout(17)), blocks.alloc(layout(32)));
            assert_eq!(second.addr() - first.addr(), 32);
            blocks.dealloc(first, layout(17));
            blocks.dealloc(second, layout(32));
            assert_ne!(blocks.alloc(layout(33)), second, "another size");
            assert_eq!(blocks.alloc(layout(20)), second);
            assert_eq!(blocks.alloc(layout(20)), first);
        }
    }

    #[test]
    fn blocks_do_not_overlap_and_are_aligned() {
        let blocks = few(64);
        let sizes = [1, 15, 16, 17, 100, 1000, 4096, 5000, 70_000, 200_000];
        // SAFETY: as above.
        unsafe {
            let wanted = sizes.iter().cycle().take(40).zip(0..);
            let held: Vec<_> = wanted.map(|(&size, mark)| (blocks.alloc(layout(size)), size, mark)).collect();
            for (block, size, mark) in &held {
                assert!(!block.is_null() && block.addr() % 16 == 0);
                block.write_bytes(*mark, *size);
            }
            for (block, size, mark) in held {
                assert!((0..size).all(|at| block.add(at).read() == mark));
                blocks.dealloc(block, layout(size));
            }
        }
    }

    #[test]
    fn a_page_that_stays_open_for_days_needs_no_more_than_its_first_hour() {
        let blocks = few(40);
        for _ in 0..10_000 {
            // SAFETY: as above.
            unsafe {
                let mut answer = blocks.alloc(layout(8));
                let mut size = 8;
                while size < 500_000 {
                    answer = blocks.realloc(answer, layout(size), size * 2);
                    assert!(!answer.is_null());
                    size *= 2;
                }
                let texts = [3, 40, 300, 900].map(|size| blocks.alloc(layout(size)));
                blocks.dealloc(answer, layout(size));
                for (text, size) in texts.into_iter().zip([3, 40, 300, 900]) {
                    blocks.dealloc(text, layout(size));
                }
            }
        }
    }

    #[test]
    fn a_grown_block_keeps_its_bytes() {
        let blocks = few(2);
        // SAFETY: as above.
        unsafe {
            let block = blocks.alloc(layout(20));
            block.write_bytes(7, 20);
            assert_eq!(blocks.realloc(block, layout(20), 32), block, "it fits already");
            let moved = blocks.realloc(block, layout(32), 33);
            assert_ne!(moved, block);
            assert!((0..20).all(|at| moved.add(at).read() == 7));
            assert_eq!(blocks.alloc(layout(20)), block);
        }
    }

    #[test]
    fn when_there_is_no_more_memory_the_answer_is_null_and_what_is_there_stays_usable() {
        let blocks = few(1);
        // SAFETY: as above.
        unsafe {
            let block = blocks.alloc(layout(100));
            assert!(blocks.alloc(layout(PAGE + 1)).is_null());
            assert!(blocks.realloc(block, layout(100), 10 * PAGE).is_null());
            assert!(blocks.alloc(layout(isize::MAX as usize - 7)).is_null());
            assert!(blocks.alloc(Layout::from_size_align(8, 32).unwrap()).is_null());
            assert!(!blocks.alloc(layout(200)).is_null());
        }
    }
}
