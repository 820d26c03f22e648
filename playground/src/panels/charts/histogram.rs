//! Two histograms over each other: the first as a filled outline, the second as bars.

use leptos::prelude::*;

use crate::charts::Overlaid;

/// Extents of the drawing, which is stretched to the room that there is.
const WIDTH: f64 = 320.0;
const HEIGHT: f64 = 80.0;

/// Draws them; `label` says what they tell.
pub(crate) fn histogram(both: &Overlaid, label: String) -> impl IntoView + use<> {
    let most = both.most().max(f64::MIN_POSITIVE);
    let step = WIDTH / both.after.len().max(1) as f64;
    // The root keeps what is rare in sight beside what is frequent.
    let height = move |share: f64| (share / most).sqrt() * HEIGHT;
    let bar = |(k, &share): (usize, &f64)| {
        let (x, high) = (k as f64 * step, height(share));
        format!("M{x:.2} {HEIGHT}v-{high:.2}h{:.2}v{high:.2}z", step * 0.8)
    };
    let bars: String = both.after.iter().enumerate().filter(|(_, share)| **share > 0.0).map(bar).collect();
    let outline = |(k, &share): (usize, &f64)| {
        let (x, y) = (k as f64 * step, HEIGHT - height(share));
        format!("L{x:.2} {y:.2}L{:.2} {y:.2}", x + step)
    };
    let outline: String = both.before.iter().enumerate().map(outline).collect();
    let (low, high) = both.range;
    view! {
        <figure class="histogram">
            <svg viewBox=format!("0 -1 {WIDTH} {}", HEIGHT + 2.0) preserveAspectRatio="none" role="img" aria-label=label>
                <path class="histogram-before" d=format!("M0 {HEIGHT}{outline}L{WIDTH} {HEIGHT}z") />
                <path class="histogram-after" d=bars />
                <line class="histogram-floor" x1="0" x2=WIDTH y1=HEIGHT y2=HEIGHT />
            </svg>
            <figcaption aria-hidden="true">
                <span>{short(low)}</span>
                <span>{short(high)}</span>
            </figcaption>
        </figure>
    }
}

/// Three digits that say something.
fn short(value: f64) -> String {
    let digits = if value == 0.0 { 0 } else { (2.0 - value.abs().log10().floor()).clamp(0.0, 6.0) as usize };
    format!("{value:.digits$}")
}
