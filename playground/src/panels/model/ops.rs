//! The loaded model's steps, as the guest runs them.

use leptos::prelude::*;
use mote_abi::Op;

use crate::app::Page;
use crate::format;
use crate::panels::learn::named;
use crate::panels::parts::bar;

pub(super) fn panel(page: Page) -> impl IntoView {
    let ops = page.part(|state| state.description().map(|description| description.ops.clone()).unwrap_or_default());
    let rows = move || {
        ops.with(|ops| {
            let most = ops.iter().map(|op| op.macs).max().unwrap_or(0).max(1);
            ops.iter().enumerate().map(|(step, op)| row(step, op, most)).collect_view()
        })
    };
    view! {
        <section class="panel" aria-labelledby="ops-title" id="ops">
            <h2 id="ops-title">"Steps"</h2>
            <div class="table-scroll tall" tabindex="0" role="region" aria-label="Steps in order">
                <table>
                    <thead>
                        <tr>
                            <th scope="col" class="number">"#"</th>
                            <th scope="col">{named("Op")}</th>
                            <th scope="col">{named("Kernel")}</th>
                            <th scope="col">"Output"</th>
                            <th scope="col" class="number">{named("MACs")}</th>
                            <th scope="col" class="share">
                                <span class="hidden">"Share of the largest"</span>
                            </th>
                            <th scope="col" class="number">{named("Weights")}</th>
                            <th scope="col" class="number">"Scratch"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
}

fn row(step: usize, op: &Op, most: u64) -> impl IntoView + use<> {
    let output = match op.outputs.as_slice() {
        [] => "–".into(),
        [one] => format!("{} {}", one.dtype, format::shape(&one.shape)),
        [first, rest @ ..] => format!("{} {} and {} more", first.dtype, format::shape(&first.shape), rest.len()),
    };
    let none_or = |value: u64, text: String| if value == 0 { "–".to_string() } else { text };
    let share = op.macs as f64 / most as f64;
    view! {
        <tr>
            <td class="number aside">{step}</td>
            <th scope="row">{op.op.clone()}</th>
            <td>{op.kernel.clone()}</td>
            <td class="mono">{output}</td>
            <td class="number">{none_or(op.macs, format::count(op.macs))}</td>
            <td class="share">{bar(move || share)}</td>
            <td class="number">{none_or(op.weight_bytes, format::bytes(op.weight_bytes))}</td>
            <td class="number">{none_or(op.scratch_bytes, format::bytes(op.scratch_bytes))}</td>
        </tr>
    }
}
