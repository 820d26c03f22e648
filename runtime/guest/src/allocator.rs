//! The [`heap`](crate::heap) over the module's linear memory, as Rust's allocator.

use alloc::alloc::{GlobalAlloc, Layout};
use core::arch::wasm32::{memory_grow, memory_size};
use core::cell::UnsafeCell;
use core::ptr::{null_mut, with_exposed_provenance, with_exposed_provenance_mut};

use crate::heap::{GRAIN, Heap, Memory};

/// Bytes of a page of linear memory.
const PAGE: usize = 1 << 16;

/// The linear memory behind what the linker laid out. Hosts may grow it too; those pages are left to them.
struct Linear;

impl Memory for Linear {
    fn read(&self, at: usize) -> usize {
        // SAFETY: the heap reads words of its own headers and links, aligned, in memory that `grow` gave it.
        unsafe { with_exposed_provenance::<usize>(at).read() }
    }

    fn write(&mut self, at: usize, word: usize) {
        // SAFETY: as in `read`; these words are in no block that is handed out.
        unsafe { with_exposed_provenance_mut::<usize>(at).write(word) }
    }

    fn grow(&mut self, bytes: usize) -> Option<(usize, usize)> {
        let pages = bytes.div_ceil(PAGE);
        // The last page of all stays out, so that no address is too large for the heap's sums.
        if memory_size::<0>() + pages >= 1 << 16 {
            return None;
        }
        let before = memory_grow::<0>(pages);
        (before != usize::MAX).then_some((before * PAGE, pages * PAGE))
    }
}

/// The module's allocator.
pub(crate) struct Allocator(UnsafeCell<Heap<Linear>>);

// SAFETY: the module has no threads (neither atomics nor shared memory are enabled), so nothing is ever shared.
unsafe impl Sync for Allocator {}

impl Allocator {
    pub(crate) const fn new() -> Self {
        Self(UnsafeCell::new(Heap::new(Linear)))
    }
}

// SAFETY: the heap gives memory that it owns, aligned to `GRAIN` and to no more, of at least as many bytes as asked, and to nobody
// else until it comes back. One thread, and the heap calls nothing that allocates, so that its reference is the only one.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() > GRAIN {
            return null_mut();
        }
        // SAFETY: see above.
        let heap = unsafe { &mut *self.0.get() };
        heap.allocate(layout.size()).map_or(null_mut(), with_exposed_provenance_mut)
    }

    unsafe fn dealloc(&self, payload: *mut u8, _: Layout) {
        // SAFETY: see above; the caller got `payload` from `alloc`.
        let heap = unsafe { &mut *self.0.get() };
        heap.free(payload.expose_provenance());
    }
}
