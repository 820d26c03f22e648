//! What this machine's 128-bit unit can do at most, beside the figures of a group.

use std::sync::OnceLock;

pub use mote::work::peak::macs_per_second;

/// Says beside a group's figures what the group would take at that rate. float32 kernels have another limit, about half of it.
pub fn say(group: &str, macs: u64) {
    static PEAK: OnceLock<Option<f64>> = OnceLock::new();
    if let Some(peak) = PEAK.get_or_init(macs_per_second).filter(|_| macs > 0) {
        eprintln!("{group}: {:.2} µs at the 128-bit peak of {:.1} GMAC/s", macs as f64 / peak * 1e6, peak / 1e9);
    }
}
