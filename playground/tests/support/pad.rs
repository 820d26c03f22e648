//! The pad that digits are drawn on.

use std::time::Duration;

use fantoccini::actions::{InputSource, MOUSE_BUTTON_LEFT, MouseActions, PointerAction};

use super::browser::Browser;

/// Draws a stroke; points are shares of the pad.
pub(crate) async fn draw(browser: &Browser, stroke: &[(f64, f64)]) {
    let script = "const { left, top, width, height } = document.querySelector('#pad').getBoundingClientRect();
        return [left, top, width, height];";
    let area: Vec<f64> = serde_json::from_value(browser.run(script, vec![]).await).unwrap();
    let at = |&(x, y): &(f64, f64)| PointerAction::MoveTo {
        duration: Some(Duration::from_millis(10)),
        x: area[0] + x * area[2],
        y: area[1] + y * area[3],
    };
    let mut pen =
        MouseActions::new("mouse".into()).then(at(&stroke[0])).then(PointerAction::Down { button: MOUSE_BUTTON_LEFT });
    for point in &stroke[1..] {
        pen = pen.then(at(point));
    }
    pen = pen.then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
    browser.client().perform_actions(pen).await.unwrap();
}
