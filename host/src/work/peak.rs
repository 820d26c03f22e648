//! The most that 128-bit integer SIMD can do here, measured: `pmaddwd`, eight products each, and as many `paddd`, on registers alone.
//!
//! It is what a layer's time is held against: nothing that `i32x4.dot_i16x8_s` becomes is faster. float32 reaches half of it.

/// Multiply-accumulates a second; none where the processor has no such instruction or nobody wrote its loop.
#[must_use]
pub fn macs_per_second() -> Option<f64> {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx") {
        return Some(x86_64::macs_per_second());
    }
    None
}

#[cfg(target_arch = "x86_64")]
mod x86_64 {
    use std::arch::asm;
    use std::time::Instant;

    /// Four pairs of instructions for eight products each.
    const MACS_A_TURN: u64 = 32;
    /// Some hundreds of microseconds: short enough that some of [`RUNS`] are not interrupted.
    const TURNS: u64 = 400_000;
    const RUNS: usize = 400;

    pub(super) fn macs_per_second() -> f64 {
        let run = |_| {
            let started = Instant::now();
            // SAFETY: the caller has seen that the processor has AVX.
            unsafe { turns(TURNS) };
            (MACS_A_TURN * TURNS) as f64 / started.elapsed().as_secs_f64()
        };
        (0..RUNS).map(run).fold(0.0, f64::max)
    }

    /// `count` turns of a loop in which no product waits for anything, and no sum for a product: what is added is something else.
    ///
    /// # Safety
    /// The processor has AVX.
    unsafe fn turns(count: u64) {
        // SAFETY: only registers change, and all that do are named; what is read from the others does not matter.
        unsafe {
            asm!(
                "2:",
                "vpmaddwd xmm8, xmm14, xmm15", "vpmaddwd xmm9, xmm14, xmm15",
                "vpaddd xmm0, xmm0, xmm14", "vpaddd xmm1, xmm1, xmm14",
                "vpmaddwd xmm10, xmm14, xmm15", "vpmaddwd xmm11, xmm14, xmm15",
                "vpaddd xmm2, xmm2, xmm14", "vpaddd xmm3, xmm3, xmm14",
                "dec {count}",
                "jnz 2b",
                count = inout(reg) count => _,
                out("xmm0") _, out("xmm1") _, out("xmm2") _, out("xmm3") _,
                out("xmm8") _, out("xmm9") _, out("xmm10") _, out("xmm11") _,
                options(nomem, nostack),
            );
        }
    }
}
