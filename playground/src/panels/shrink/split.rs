//! Which samples make the variant, and which judge it.

use leptos::prelude::*;

use crate::app::Page;
use crate::bytes::Bytes;
use crate::panels::parts::failure;
use crate::shrink::Samples;

pub(super) fn show(page: Page) -> impl IntoView {
    let samples = page.part(|state| match &state.shrink.samples {
        // The archive itself is nothing to show.
        Samples::Counted { survey, .. } => Samples::Counted { survey: survey.clone(), archive: Bytes::default() },
        Samples::Counting { job, .. } => Samples::Counting { job: *job, archive: Bytes::default() },
        Samples::None => Samples::None,
        Samples::Unfit(failure) => Samples::Unfit(failure.clone()),
    });
    let chosen = page.part(|state| state.shrink.choices.samples);
    move || match samples.get() {
        Samples::None => view! {
            <p class="aside" id="split">
                "It takes samples as the model meets them at work: open an .npz with x, and with y to judge by."
            </p>
        }
        .into_any(),
        Samples::Counting { .. } => view! { <p class="aside" id="split">"Counting the samples"</p> }.into_any(),
        Samples::Unfit(why) => view! { <div id="split">{failure(&why)}</div> }.into_any(),
        Samples::Counted { survey, .. } => {
            let split = survey.split;
            let (samples, most, test) = (split.samples(), split.calibration(), split.test());
            let all = samples.max(1) as f64;
            let used = move || chosen.get().clamp(1, most.max(1));
            let width = move |count: usize| format!("{:.2}", count as f64 / all * 100.0);
            let judged = match survey.labelled {
                true => format!("{test} others judge it; none does both."),
                false => "There are no labels: nothing is judged.".into(),
            };
            view! {
                <div class="split" id="split">
                    <svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                        <rect class="bar-track" width="100" height="10" />
                        <rect class="bar-spare" width=width(most) height="10" />
                        <rect class="bar-fill" width=move || width(used()) height="10" />
                        <rect class="bar-test" x=width(most) width=width(test) height="10" />
                    </svg>
                    <p>
                        <span class="swatch swatch-fill" aria-hidden="true"></span>
                        {move || {
                            let spare = match most - used() {
                                0 => String::new(),
                                spare => format!(", {spare} more could"),
                            };
                            format!("{} of {samples} samples make the variant{spare}", used())
                        }}
                    </p>
                    <p>
                        <span class="swatch swatch-test" aria-hidden="true"></span>
                        {judged}
                    </p>
                </div>
            }
            .into_any()
        }
    }
}
