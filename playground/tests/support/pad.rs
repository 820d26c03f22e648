//! The pad that digits are drawn on.

use std::time::Duration;

use fantoccini::actions::{Actions, InputSource, MOUSE_BUTTON_LEFT, MouseActions, PointerAction};

use super::browser::Browser;

/// A mouse to draw with.
pub(crate) fn mouse() -> MouseActions {
    MouseActions::new("mouse".into())
}

/// A stroke that is a 0.
pub(crate) fn ring() -> Vec<(f64, f64)> {
    (0..=24)
        .map(|step| std::f64::consts::TAU * f64::from(step) / 24.0)
        .map(|angle| (0.5 + 0.18 * angle.sin(), 0.5 - 0.3 * angle.cos()))
        .collect()
}

/// Draws strokes; points are shares of the pad.
pub(crate) async fn draw<S>(browser: &Browser, mut pen: S, strokes: &[&[(f64, f64)]])
where
    S: InputSource<Action = PointerAction> + Into<Actions>,
{
    browser.find("#pad").await;
    let script = "const pad = document.querySelector('#pad');
        pad.scrollIntoView({ block: 'center' });
        const { left, top, width, height } = pad.getBoundingClientRect();
        return [left, top, width, height];";
    let area: Vec<f64> = serde_json::from_value(browser.run(script, vec![]).await).unwrap();
    let at = |&(x, y): &(f64, f64)| PointerAction::MoveTo {
        duration: Some(Duration::from_millis(10)),
        x: area[0] + x * area[2],
        y: area[1] + y * area[3],
    };
    for stroke in strokes {
        pen = pen.then(at(&stroke[0])).then(PointerAction::Down { button: MOUSE_BUTTON_LEFT });
        for point in &stroke[1..] {
            pen = pen.then(at(point));
        }
        pen = pen.then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
    }
    browser.client().perform_actions(pen).await.unwrap();
}
