use super::*;

/// Where the memory of the tests begins.
const BEGIN: usize = 1 << 16;
/// It grows by as much at a time.
const PAGE: usize = 1 << 12;

/// Words in a list; as many bytes as `most` at most, with `gap` bytes that are somebody else's before each growth.
struct Words {
    words: Vec<usize>,
    most: usize,
    gap: usize,
}

impl Memory for Words {
    fn read(&self, at: usize) -> usize {
        assert_eq!(at % WORD, 0);
        self.words[(at - BEGIN) / WORD]
    }

    fn write(&mut self, at: usize, word: usize) {
        assert_eq!(at % WORD, 0);
        self.words[(at - BEGIN) / WORD] = word;
    }

    fn grow(&mut self, bytes: usize) -> Option<(usize, usize)> {
        let bytes = bytes.checked_next_multiple_of(PAGE)?;
        let begin = self.words.len() * WORD + self.gap;
        let end = begin.checked_add(bytes).filter(|&end| end <= self.most)?;
        self.words.resize(end / WORD, usize::MAX);
        Some((BEGIN + begin, bytes))
    }
}

fn heap(most: usize, gap: usize) -> Heap<Words> {
    Heap::new(Words { words: Vec::new(), most, gap })
}

#[test]
fn seeded_blocks_lie_apart_keep_their_bytes_and_come_back() {
    for gap in [0, PAGE] {
        let mut heap = heap(1 << 22, gap);
        let mut random = 1u64;
        let mut next = |below: usize| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) as usize % below
        };
        // Address, words, and the word that all of them hold.
        let mut live: Vec<(usize, usize, usize)> = Vec::new();
        for mark in 1..20_000 {
            if next(5) < 3 || live.is_empty() {
                let most = 1 << next(9);
                let words = next(most);
                let at = heap.allocate(words * WORD).unwrap();
                assert_eq!(at % GRAIN, 0);
                (0..words).for_each(|k| heap.memory.write(at + k * WORD, mark));
                live.push((at, words, mark));
            } else {
                let (at, words, mark) = live.swap_remove(next(live.len()));
                assert!((0..words).all(|k| heap.memory.read(at + k * WORD) == mark));
                heap.free(at);
            }
            if live.len() > 300 {
                live.drain(..200).for_each(|(at, ..)| heap.free(at));
            }
        }
        live.drain(..).for_each(|(at, ..)| heap.free(at));
        // Everything is joined again: as many blocks as there were pieces of memory, and without gaps one.
        let free: usize = heap.lists.iter().filter(|&&first| first != 0).count();
        assert!(gap > 0 || free == 1, "{free}");
        assert!(heap.memory.words.len() * WORD < 1 << 21, "memory is used again");
    }
}

#[test]
fn freed_neighbours_hold_what_neither_could() {
    let mut heap = heap(2 * PAGE, 0);
    let blocks: Vec<usize> = core::iter::from_fn(|| heap.allocate(PAGE / 8)).collect();
    assert!(blocks.len() > 10);
    assert_eq!(heap.allocate(PAGE / 4), None);
    heap.free(blocks[4]);
    heap.free(blocks[6]);
    assert_eq!(heap.allocate(PAGE / 4), None);
    heap.free(blocks[5]);
    assert_eq!(heap.allocate(PAGE / 4), Some(blocks[4]));
}

#[test]
fn nothing_is_something_and_too_much_is_refused() {
    let mut heap = heap(2 * PAGE, 0);
    let (a, b) = (heap.allocate(0).unwrap(), heap.allocate(0).unwrap());
    assert_ne!(a, b);
    for bytes in [2 * PAGE, usize::MAX / 2, usize::MAX - GRAIN, usize::MAX] {
        assert_eq!(heap.allocate(bytes), None);
    }
    heap.free(a);
    heap.free(b);
    assert!(heap.allocate(PAGE / 2).is_some());
}
