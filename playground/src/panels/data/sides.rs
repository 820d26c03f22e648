//! The split: how many samples of each class make models, and how many judge them.

use leptos::prelude::*;

use super::files::summary_of;
use crate::app::Page;
use crate::pipeline::{OfClass, Summary};

pub(super) fn panel(page: Page) -> impl IntoView {
    let summary = page.part(|state| summary_of(state).cloned());
    move || summary.get().map(shown)
}

fn shown(summary: Summary) -> impl IntoView {
    let split = &summary.survey.split;
    let how = if split.by_class() { "of each class its share" } else { "evenly spaced over the file" };
    let width = |count: usize, all: usize| format!("{:.2}", count as f64 / all.max(1) as f64 * 100.0);
    let most = summary.classes.iter().map(|class| class.calibration + class.test).max().unwrap_or(0);
    let row = |OfClass { name, calibration, test }: &OfClass| {
        view! {
            <tr>
                <th scope="row">{name.clone()}</th>
                <td class="number">{*calibration}</td>
                <td class="number">{*test}</td>
                <td class="share">
                    <svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                        <rect class="bar-fill" width=width(*calibration, most) height="10" />
                        <rect class="bar-test" x=width(*calibration, most) width=width(*test, most) height="10" />
                    </svg>
                </td>
            </tr>
        }
    };
    let rows = summary.classes.iter().map(row).collect_view();
    let lacking = |count: fn(&OfClass) -> usize| {
        let names = summary.classes.iter().filter(|class| class.calibration + class.test > 0 && count(class) == 0);
        names.map(|class| class.name.clone()).collect::<Vec<_>>().join(", ")
    };
    let (unmade, unjudged) = (lacking(|class| class.calibration), lacking(|class| class.test));
    let shared = match summary.shared {
        0 => "No sample is on both sides, nor one that equals it.".to_owned(),
        count => format!(
            "{count} of the samples to judge by equal one to make models by: the file holds them more than once, so that the \
             accuracy of variants may be told a little too well."
        ),
    };
    view! {
        <section class="panel" aria-labelledby="sides-title" id="sides">
            <h2 id="sides-title">"Split"</h2>
            <p>
                {format!(
                    "{} samples, {how}, may make models; the other {} judge them, the original and all variants alike.",
                    split.calibration(),
                    split.test(),
                )}
            </p>
            <p class="aside" id="sides-leak">{shared}</p>
            {(!unmade.is_empty()).then(|| view! { <p class="warning">{format!("None of {unmade} makes models.")}</p> })}
            {(!unjudged.is_empty()).then(|| view! { <p class="warning">{format!("None of {unjudged} judges them.")}</p> })}
            {(!summary.classes.is_empty()).then(|| view! {
                <div class="table-scroll tall" tabindex="0" role="region" aria-label="Samples of each class">
                    <table id="sides-classes">
                        <thead>
                            <tr>
                                <th scope="col">"Class"</th>
                                <th scope="col" class="number">
                                    <span class="swatch swatch-fill" aria-hidden="true"></span> " Make"
                                </th>
                                <th scope="col" class="number">
                                    <span class="swatch swatch-test" aria-hidden="true"></span> " Judge"
                                </th>
                                <th scope="col" class="share"><span class="hidden">"Both"</span></th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            })}
        </section>
    }
}
