//! The answers of the original and a variant to one input, side by side.

use leptos::prelude::*;
use web_sys::Event as DomEvent;

use crate::app::Page;
use crate::format;
use crate::panels::learn::term;
use crate::panels::parts::{bar, failure};
use crate::pipeline::Answered;
use crate::try_it::{Answers, Device, Event};

/// Scores that are shown of each model, the highest ones.
const MOST: usize = 5;

pub(super) fn panel(page: Page) -> impl IntoView {
    let answers = page.part(|state| state.try_it.answers.clone());
    let original = page.part(|state| state.source.as_ref().map(|source| source.name.clone()));
    let streaming = page.part(|state| matches!(state.try_it.device, Device::On(_)));
    let shown = move || match answers.get() {
        Answers::None => {
            view! { <p class="aside">"Nothing yet: draw, give an input, or turn a sensor on."</p> }.into_any()
        }
        Answers::Failed(why) => failure(&why).into_any(),
        Answers::Given { of, variant, .. } => {
            let names = [original.get().unwrap_or_default(), variant.unwrap_or_default()];
            let columns = of.into_iter().zip(names).enumerate();
            let columns = columns.map(|(place, (answered, name))| column(place, &name, &answered)).collect_view();
            view! { <div class="answers">{columns}</div> }.into_any()
        }
    };
    let said = move || match answers.get() {
        Answers::Given { of, variant, to } => verdict(&of, variant.as_deref(), &to),
        Answers::None | Answers::Failed(_) => String::new(),
    };
    view! {
        <section class="panel" aria-labelledby="answers-title" id="answers">
            <div class="title-row">
                <h2 id="answers-title">"Side by side"</h2>
                {variants(page)}
            </div>
            <p class="aside">
                "The " {term("score", "scores")} " of the original, and beside them those of a variant."
            </p>
            {shown}
            // What changes several times a second is not read out.
            <p role=move || (!streaming.get()).then_some("status") id="answers-said">{said}</p>
        </section>
    }
}

/// Which variant answers.
fn variants(page: Page) -> impl IntoView {
    let variants = page.part(|state| {
        let measured = state.shrink.variants.iter().filter(|variant| variant.measured.is_some());
        measured.map(|variant| (variant.id, variant.plan.name.clone())).collect::<Vec<_>>()
    });
    let chosen = page.part(|state| state.try_it.variant);
    let choose = move |event: DomEvent| page.tell(Event::VariantChosen(event_target_value(&event).parse().ok()));
    let option = move |(id, name): (u32, String)| {
        view! {
            <option value=id.to_string() prop:selected=move || chosen.get() == Some(id)>
                {name}
            </option>
        }
    };
    move || {
        let variants = variants.get();
        if variants.is_empty() {
            return view! { <p class="aside">"no variant yet: the Shrink view makes some"</p> }.into_any();
        }
        view! {
            <label class="field answers-variant">
                <span class="hidden">"Variant"</span>
                <select id="answers-variant" on:change=choose>
                    <option value="" prop:selected=move || chosen.get().is_none()>
                        "the last variant"
                    </option>
                    {variants.into_iter().map(option).collect_view()}
                </select>
            </label>
        }
        .into_any()
    }
}

fn column(place: usize, name: &str, answered: &Answered) -> impl IntoView + use<> {
    let row = |(class, score): (usize, f32)| {
        let share = f64::from(score);
        view! {
            <li>
                <span class="score-name">{class_name(answered, class)}</span>
                {bar(move || share)}
                <span class="score-value">{number(answered, score)}</span>
            </li>
        }
    };
    let rows = highest(&answered.scores).into_iter().take(MOST).map(row).collect_view();
    let title = format!("answer-{place}");
    view! {
        <div class="answer" id=title.clone()>
            <h3 id=format!("{title}-name")>{name.to_owned()}</h3>
            <ol class="scores named" aria-labelledby=format!("{title}-name")>{rows}</ol>
        </div>
    }
}

/// Classes with their scores, the highest first.
fn highest(scores: &[f32]) -> Vec<(usize, f32)> {
    let mut all: Vec<(usize, f32)> = scores.iter().copied().enumerate().collect();
    all.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    all
}

fn class_name(answered: &Answered, class: usize) -> String {
    answered.labels.get(class).cloned().unwrap_or_else(|| class.to_string())
}

/// Scores that are shares are shown as such; other outputs are numbers.
fn number(answered: &Answered, score: f32) -> String {
    let shares = answered.scores.len() > 1 && answered.scores.iter().all(|score| (-0.01..=1.01).contains(score));
    if shares { format::percent(f64::from(score)) } else { format!("{score:.3}") }
}

/// What both say, in a sentence.
fn verdict(answers: &[Answered], variant: Option<&str>, to: &str) -> String {
    let best = |answered: &Answered| highest(&answered.scores).first().map(|&(class, _)| class_name(answered, class));
    match (answers, variant) {
        ([original, other], Some(name)) => match (best(original), best(other)) {
            (Some(a), Some(b)) if a == b => format!("{to}: both say {a}."),
            (Some(a), Some(b)) => format!("{to}: the original says {a}, {name} says {b}."),
            _ => String::new(),
        },
        ([original, ..], _) => best(original).map_or_else(String::new, |a| format!("{to}: the model says {a}.")),
        ([], _) => String::new(),
    }
}
