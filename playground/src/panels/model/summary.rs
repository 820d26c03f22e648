//! What the guest tells about the loaded model: its sizes, its inputs and outputs.

use leptos::prelude::*;
use mote_abi::{Build, Description, Tensor};

use crate::app::Page;
use crate::format;
use crate::panels::learn::named;
use crate::panels::parts::{bar, figure};
use crate::state::Model;

pub(super) fn panel(page: Page) -> impl IntoView {
    let description = page.part(|state| state.description().cloned());
    let build = page.part(|state| match state.model {
        Model::Ready { build, .. } => Some(build),
        Model::None | Model::Loading { .. } | Model::Refused(_) => None,
    });
    let name = page.part(|state| state.source.as_ref().map(|source| source.name.clone()));
    let show = move |text: fn(&Description) -> String| {
        move || description.with(|d| d.as_ref().map_or_else(|| "–".to_string(), text))
    };
    let remark =
        move |text: fn(&Description) -> String| move || description.with(|d| d.as_ref().map(text).unwrap_or_default());
    let bound = move || {
        description.with(|d| d.as_ref().map_or(0.0, |d| d.arena_lower_bound as f64 / d.arena_bytes.max(1) as f64))
    };
    let plan = move || {
        description.with(|d| match d {
            None => "\u{a0}".into(),
            Some(d) if d.arena_bytes == d.arena_lower_bound => "The arena is as small as any plan can make it.".into(),
            Some(d) => {
                let above = d.arena_bytes as f64 / d.arena_lower_bound.max(1) as f64 - 1.0;
                format!("The arena is {} above what is live at once at the worst step.", format::percent(above))
            }
        })
    };
    let module = move || match build.get() {
        None => "",
        Some(Build::Scalar) => "in the scalar module",
        Some(Build::Simd128) => "in the SIMD128 module",
        Some(Build::RelaxedSimd) => "in the relaxed SIMD module, without this browser's dot product: it saturates",
        Some(Build::RelaxedDotSigned) => "in the relaxed SIMD module, by this browser's signed dot product",
        Some(Build::RelaxedDotUnsigned) => "in the relaxed SIMD module, by this browser's unsigned dot product",
    };
    view! {
        <section class="panel" aria-labelledby="summary-title" id="summary">
            <div class="title-row">
                <h2 id="summary-title">{move || name.get().unwrap_or_else(|| "Summary".into())}</h2>
                <p class="aside">{module}</p>
            </div>
            <dl class="figures">
                {figure("File", show(|d| format::bytes(d.file_bytes)), remark(|d| format!("{} bytes", d.file_bytes)))}
                {figure(
                    "Weights",
                    show(|d| format::bytes(d.weight_bytes)),
                    remark(|_| "as packed".into()),
                )}
                {figure(
                    "Arena",
                    show(|d| format::bytes(d.arena_bytes)),
                    remark(|d| format!("lower bound {}", format::bytes(d.arena_lower_bound))),
                )}
                {figure(
                    "Work",
                    show(|d| format!("{} MAC", format::count(d.ops.iter().map(|op| op.macs).sum()))),
                    remark(|d| format!("in {} steps", d.ops.len())),
                )}
            </dl>
            <p class="bound">
                {bar(bound)}
                <span>{plan}</span>
            </p>
            <div class="table-scroll" tabindex="0" role="region" aria-label="Inputs and outputs">
                <table id="tensors">
                    <thead>
                        <tr>
                            <th scope="col">{named("Tensor")}</th>
                            <th scope="col">"Type"</th>
                            <th scope="col">"Shape"</th>
                            <th scope="col">{named("Scale")}</th>
                            <th scope="col" class="number">{named("Zero point")}</th>
                        </tr>
                    </thead>
                    <tbody>
                        {move || {
                            description
                                .with(|d| {
                                    let Some(d) = d else { return Vec::new() };
                                    let inputs = d.inputs.iter().enumerate().map(|(k, t)| row("input", k, t));
                                    let outputs = d.outputs.iter().enumerate().map(|(k, t)| row("output", k, t));
                                    inputs.chain(outputs).collect()
                                })
                        }}
                    </tbody>
                </table>
            </div>
        </section>
    }
}

fn row(role: &str, k: usize, tensor: &Tensor) -> impl IntoView + use<> {
    let (scale, zero_point) = match tensor.quantization() {
        Some((scale, zero_point)) => (format!("{scale}"), zero_point.to_string()),
        None => ("–".into(), "–".into()),
    };
    view! {
        <tr>
            <th scope="row" title=tensor.name.clone()>
                {format!("{role} {k}")}
            </th>
            <td class="mono">{tensor.dtype.clone()}</td>
            <td class="mono">{format::shape(&tensor.shape)}</td>
            <td class="mono">{scale}</td>
            <td class="mono number">{zero_point}</td>
        </tr>
    }
}
