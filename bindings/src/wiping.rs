//! What is freed on our side of the FFI is wiped first: a PIN or a registration code crosses in buffers that uniffi
//! makes and frees, in both directions, and no type of ours is asked about those.

use std::alloc::{GlobalAlloc, Layout, System};

/// An allocator that zeroes every block before it is freed. A block that grows or shrinks is freed too.
struct Wiping<A>(A);

#[global_allocator]
static ALLOCATOR: Wiping<System> = Wiping(System);

// SAFETY: every call goes to the allocator below with the arguments as they came, so its guarantees are ours; a block
// is written to only while it is still the caller's, and over no more than its layout. `realloc` is the trait's own:
// a new block, a copy, and `dealloc` of the old one.
unsafe impl<A: GlobalAlloc> GlobalAlloc for Wiping<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        unsafe { self.0.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        unsafe { self.0.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        unsafe {
            block.write_bytes(0, layout.size());
            // Whoever frees it might else be shown that nobody reads the zeroes.
            zeroize::optimization_barrier(&block);
            self.0.dealloc(block, layout);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Counts the blocks that come back, and those among them that are not all zero.
    #[derive(Default)]
    struct Looking {
        freed: AtomicUsize,
        dirty: AtomicUsize,
    }

    // SAFETY: the system's allocator, after a look at a block that is still whole.
    unsafe impl GlobalAlloc for Looking {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            unsafe { System.alloc(layout) }
        }

        unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
            unsafe {
                let octets = std::slice::from_raw_parts(block, layout.size());
                self.freed.fetch_add(1, Ordering::Relaxed);
                self.dirty.fetch_add(usize::from(octets.iter().any(|octet| *octet != 0)), Ordering::Relaxed);
                System.dealloc(block, layout);
            }
        }
    }

    #[test]
    fn a_block_is_zero_when_it_is_freed_grown_or_shrunk() {
        let allocator = Wiping(Looking::default());
        let layout = Layout::from_size_align(48, 8).unwrap();
        unsafe {
            let block = allocator.alloc(layout);
            block.write_bytes(0x31, 48);
            let grown = allocator.realloc(block, layout, 96);
            assert_eq!(std::slice::from_raw_parts(grown, 48), [0x31; 48]);
            allocator.dealloc(grown, Layout::from_size_align(96, 8).unwrap());
        }
        assert_eq!(allocator.0.freed.load(Ordering::Relaxed), 2);
        assert_eq!(allocator.0.dirty.load(Ordering::Relaxed), 0);
    }
}
