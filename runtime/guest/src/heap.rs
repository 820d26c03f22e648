//! The guest's heap: blocks that know their neighbours, and lists of the free ones by size.
//!
//! An instance lives long and loads and unloads many models, so freed memory is joined with what is free around it and used again.
//! Both operations take a bounded number of steps, whatever a model made the heap look like.
//!
//! A block is a multiple of [`GRAIN`] bytes: two words (its size, with bit 0 set if it is free; the size of the block before it, 0
//! if there is none) and then the payload, which begins on a multiple of [`GRAIN`]. A free block keeps in its payload the next and
//! the previous block of its list. Behind the last block stand two words that read as a used block of size 0.
//!
//! The words lie in the very memory that is handed out, so they are reached through [`Memory`]: the code here only computes
//! addresses.

/// Payloads begin on multiples of this, so that any vector load fits.
pub(crate) const GRAIN: usize = 16;

const WORD: usize = size_of::<usize>();
const HEADER: usize = 2 * WORD;
const SMALLEST: usize = HEADER + 2 * WORD;
const FREE: usize = 1;
/// How many blocks of a list whose sizes are near the wanted one are looked at before a larger block is split.
const LOOKED_AT: usize = 8;

/// Memory that words are read from and written to by address, and that grows at its end.
pub(crate) trait Memory {
    /// The word at an address that was given out by [`Memory::grow`].
    fn read(&self, at: usize) -> usize;
    /// Writes such a word.
    fn write(&mut self, at: usize, word: usize);
    /// At least `bytes` more: where they begin, and how many there are. None when there is no more; 0 is no address.
    fn grow(&mut self, bytes: usize) -> Option<(usize, usize)>;
}

/// A heap over a memory.
pub(crate) struct Heap<M> {
    memory: M,
    /// First block of each list of free blocks, by the logarithm of their size; 0 if it is empty.
    lists: [usize; usize::BITS as usize],
    /// Where the grown memory ends.
    end: usize,
}

impl<M: Memory> Heap<M> {
    pub(crate) const fn new(memory: M) -> Self {
        Self { memory, lists: [0; usize::BITS as usize], end: 0 }
    }

    /// The address of `bytes` bytes; none when the memory does not grow so far.
    pub(crate) fn allocate(&mut self, bytes: usize) -> Option<usize> {
        let wanted = bytes.checked_add(HEADER + GRAIN - 1)? & !(GRAIN - 1);
        let wanted = wanted.max(SMALLEST);
        let block = match self.find(wanted) {
            Some(block) => block,
            None => self.grow(wanted)?,
        };
        self.unlink(block);
        let size = self.size(block);
        if size - wanted < SMALLEST {
            self.set_size(block, size, 0);
        } else {
            self.set_size(block, wanted, 0);
            self.link(block + wanted, size - wanted);
        }
        Some(block + HEADER)
    }

    /// Takes back what [`Heap::allocate`] gave.
    pub(crate) fn free(&mut self, payload: usize) {
        let block = payload - HEADER;
        self.join(block, self.size(block));
    }

    /// Makes a block that is in no list free, together with what is free on both sides of it; gives the whole block.
    fn join(&mut self, mut block: usize, mut size: usize) -> usize {
        let after = block + size;
        if self.is_free(after) {
            self.unlink(after);
            size += self.size(after);
        }
        let before = block - self.memory.read(block + WORD);
        if before != block && self.is_free(before) {
            self.unlink(before);
            size += block - before;
            block = before;
        }
        self.link(block, size);
        block
    }

    /// A free block of at least `wanted` bytes.
    fn find(&self, wanted: usize) -> Option<usize> {
        let list = wanted.ilog2() as usize;
        let mut block = self.lists[list];
        for _ in 0..LOOKED_AT {
            if block == 0 {
                break;
            }
            if self.size(block) >= wanted {
                return Some(block);
            }
            block = self.memory.read(block + HEADER);
        }
        self.lists[list + 1..].iter().copied().find(|&first| first != 0)
    }

    /// Grows the memory, and gives the free block at its end, which has at least `wanted` bytes.
    fn grow(&mut self, wanted: usize) -> Option<usize> {
        let (begin, bytes) = self.memory.grow(wanted.checked_add(2 * GRAIN + HEADER)?)?;
        // The end's own two words become the header of the new block; memory that lies elsewhere begins with a new one.
        let block = if begin == self.end {
            begin - HEADER
        } else {
            let block = (begin + HEADER).next_multiple_of(GRAIN) - HEADER;
            self.memory.write(block + WORD, 0);
            block
        };
        let size = (begin + bytes - HEADER - block) & !(GRAIN - 1);
        self.end = block + size + HEADER;
        self.memory.write(block + size, 0);
        Some(self.join(block, size))
    }

    fn size(&self, block: usize) -> usize {
        self.memory.read(block) & !FREE
    }

    fn is_free(&self, block: usize) -> bool {
        self.memory.read(block) & FREE != 0
    }

    fn set_size(&mut self, block: usize, size: usize, free: usize) {
        self.memory.write(block, size | free);
        self.memory.write(block + size + WORD, size);
    }

    /// Puts a block before the others of its list.
    fn link(&mut self, block: usize, size: usize) {
        self.set_size(block, size, FREE);
        let list = size.ilog2() as usize;
        let next = core::mem::replace(&mut self.lists[list], block);
        self.memory.write(block + HEADER, next);
        self.memory.write(block + HEADER + WORD, 0);
        if next != 0 {
            self.memory.write(next + HEADER + WORD, block);
        }
    }

    fn unlink(&mut self, block: usize) {
        let (next, previous) = (self.memory.read(block + HEADER), self.memory.read(block + HEADER + WORD));
        match previous {
            0 => self.lists[self.size(block).ilog2() as usize] = next,
            _ => self.memory.write(previous + HEADER, next),
        }
        if next != 0 {
            self.memory.write(next + HEADER + WORD, previous);
        }
    }
}

#[cfg(test)]
mod tests;
