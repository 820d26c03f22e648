//! Which class is taken for which, before and after.

use leptos::prelude::*;

use crate::app::Page;
use crate::format;
use crate::panels::charts::heat_map::{Cell, HeatMap, Shade, heat_map};
use crate::panels::controls::segment;
use crate::panels::learn::term;
use crate::panels::parts::bar;
use crate::state::State;
use crate::understand::confusion::{Both, Class, Pair, Side};
use crate::understand::{Event, class_name};

const SIDES: [(Side, &str, &str); 3] = [
    (Side::Difference, "difference", "Difference"),
    (Side::Before, "before", "Original"),
    (Side::After, "after", "Variant"),
];

pub(super) fn panel(page: Page) -> impl IntoView {
    let both = page.part(State::confusion);
    let names = page.part(State::class_names);
    let side = page.part(|state| state.understand.side);
    let segments = move || {
        SIDES.map(|(which, key, label)| {
            segment("side", key, label, move || side.get() == which, move || page.tell(Event::SideChosen(which)))
        })
    };
    let is_small = Memo::new(move |_| both.with(|both| both.as_ref().is_some_and(Both::is_small)));
    let map = Memo::new(move |_| both.with(|both| map_of(both.as_ref(), side.get(), &names.get())));
    let about = move || match side.get() {
        Side::Before => "What the original says to the samples of each class.",
        Side::After => "What the variant says to the samples of each class.",
        Side::Difference => "How many more, or fewer, times the variant says so than the original. Nothing: as often.",
    };
    view! {
        <Show when=move || both.with(Option::is_some)>
            <section class="panel" aria-labelledby="confusion-title" id="confusion">
                <h2 id="confusion-title">"Which class is taken for which"</h2>
                <p class="aside">"The " {term("confusion", "confusion matrix")} " of the test samples."</p>
                <fieldset class="segments">
                    <legend>"Show"</legend>
                    <div class="segment-row">{segments().collect_view()}</div>
                    <p class="aside about">{about}</p>
                </fieldset>
                <div class="side-by-side">
                    <div>
                        <Show when=move || is_small.get()>
                            {heat_map("confusion-map", map, move |truth, _| page.tell(Event::ClassChosen(Some(truth))))}
                            <p class="aside">"Choose a cell to see the changed samples of its class below."</p>
                        </Show>
                        <Show when=move || !is_small.get()>{pairs(both, side, names)}</Show>
                    </div>
                    {classes(both, names)}
                </div>
            </section>
        </Show>
    }
}

fn map_of(both: Option<&Both>, side: Side, names: &[String]) -> HeatMap {
    let rows = both.map_or(&[][..], Both::rows);
    let (wrong, right) = both.map_or((0, 0), |both| both.scales(side));
    let name = |class: usize| class_name(names, class);
    let cell = |pair: &Pair| {
        let shown = pair.shown(side);
        let good = match side {
            Side::Before | Side::After => pair.is_right(),
            Side::Difference => pair.is_better().unwrap_or(true),
        };
        Cell {
            text: match side {
                _ if shown == 0 => String::new(),
                Side::Before | Side::After => shown.to_string(),
                Side::Difference => format!("{shown:+}"),
            },
            about: sentence(pair, names),
            shade: Shade::of(good, shown.unsigned_abs(), if pair.is_right() { right } else { wrong }),
        }
    };
    HeatMap {
        label: match side {
            Side::Before => "Confusion matrix of the original".into(),
            Side::After => "Confusion matrix of the variant".into(),
            Side::Difference => "Confusion matrix of the variant less that of the original".into(),
        },
        corner: "label \\ answer",
        columns: (0..rows.len()).map(name).collect(),
        rows: rows.iter().enumerate().map(|(class, row)| (name(class), row.iter().map(cell).collect())).collect(),
    }
}

fn sentence(pair: &Pair, names: &[String]) -> String {
    let (truth, said) = (class_name(names, pair.truth), class_name(names, pair.said));
    let Pair { before, after, .. } = pair;
    match pair.is_right() {
        true => format!("{truth} was known {before} times by the original, {after} times by the variant"),
        false => format!("{truth} was taken for {said} {before} times by the original, {after} times by the variant"),
    }
}

/// Of many classes, the pairs that are confused most.
fn pairs(both: Memo<Option<Both>>, side: Memo<Side>, names: Memo<Vec<String>>) -> impl IntoView {
    let line = move |pair: Pair| {
        let change = match pair.is_better() {
            Some(true) => "better",
            Some(false) => "worse",
            None => "",
        };
        view! {
            <tr>
                <th scope="row">{class_name(&names.get(), pair.truth)}</th>
                <td>{class_name(&names.get(), pair.said)}</td>
                <td class="number">{pair.before}</td>
                <td class="number">{pair.after}</td>
                <td class=format!("number {change}")>{format!("{:+}", pair.change())}</td>
            </tr>
        }
    };
    let lines = move || {
        let worst = both.with(|both| both.as_ref().map(|both| both.worst(side.get())).unwrap_or_default());
        worst.into_iter().map(line).collect_view()
    };
    let count = move || both.with(|both| both.as_ref().map_or(0, |both| both.rows().len()));
    view! {
        <p class="aside">{move || format!("Of {} classes, the pairs that are confused most.", count())}</p>
        <div class="table-scroll" tabindex="0" role="region" aria-label="Pairs that are confused most">
            <table id="confusion-pairs">
                <thead>
                    <tr>
                        <th scope="col">"Label"</th>
                        <th scope="col">"taken for"</th>
                        <th scope="col" class="number">"Original"</th>
                        <th scope="col" class="number">"Variant"</th>
                        <th scope="col" class="number">"Change"</th>
                    </tr>
                </thead>
                <tbody>{lines}</tbody>
            </table>
        </div>
    }
}

/// Class by class: how many of its samples are known.
fn classes(both: Memo<Option<Both>>, names: Memo<Vec<String>>) -> impl IntoView {
    let line = move |class: Class| {
        let share = |right: u64| right as f64 / class.samples.max(1) as f64;
        let (before, after) = (share(class.before), share(class.after));
        let (word, points) = match class.after.cmp(&class.before) {
            std::cmp::Ordering::Less => ("worse", format!("{:+.1}", (after - before) * 100.0)),
            std::cmp::Ordering::Equal => ("", "0".to_owned()),
            std::cmp::Ordering::Greater => ("better", format!("{:+.1}", (after - before) * 100.0)),
        };
        view! {
            <tr>
                <th scope="row">{class_name(&names.get(), class.class)}</th>
                <td class="number">{class.samples}</td>
                <td class="share">{bar(move || before)} {bar(move || after)}</td>
                <td class="number">{format::percent(before)}</td>
                <td class="number">{format::percent(after)}</td>
                <td class=format!("number {word}")>{points}</td>
            </tr>
        }
    };
    let lines = move || {
        let classes = both.with(|both| both.as_ref().map(Both::classes).unwrap_or_default());
        classes.into_iter().map(line).collect_view()
    };
    view! {
        <div class="table-scroll class-changes" tabindex="0" role="region" aria-label="Change of each class">
            <table id="class-changes">
                <thead>
                    <tr>
                        <th scope="col">"Class"</th>
                        <th scope="col" class="number">"Samples"</th>
                        <th scope="col" class="share"><span class="hidden">"Known"</span></th>
                        <th scope="col" class="number">"Original"</th>
                        <th scope="col" class="number">"Variant"</th>
                        <th scope="col" class="number">"Points"</th>
                    </tr>
                </thead>
                <tbody>{lines}</tbody>
            </table>
        </div>
    }
}
