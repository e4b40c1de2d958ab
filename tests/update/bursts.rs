//! Keys that came at once.

use crossterm::event::KeyCode;
use tintype::tui::effect::Effect;
use tintype::tui::model::Overlay;
use tintype::tui::msg::Msg;

use super::opened;
use super::stage::*;

/// The keys of this script as one message, as they come over a link that stood still.
fn at_once(stage: &mut Stage, script: &str) {
    let keys = script.chars().map(|character| match character {
        '\r' => KeyCode::Enter.into(),
        '\t' => KeyCode::Tab.into(),
        _ => KeyCode::Char(character).into(),
    });
    stage.tell(Msg::Keys(keys.collect()));
}

#[test]
fn what_spends_or_answers_is_a_key_that_came_alone() {
    let mut stage = opened();
    stage.keys("<tab><tab>");
    for keys in ["rr", "jr"] {
        at_once(&mut stage, keys);
        assert!(stage.model.jobs.is_empty(), "{keys:?} sent something");
    }
    at_once(&mut stage, "dd");
    assert!(matches!(stage.model.overlay, Some(Overlay::Delete(_))));
    at_once(&mut stage, "\r\r");
    assert!(
        !stage
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::Delete { .. }))
    );
    assert!(stage.model.notice.is_some());
    stage.keys("<esc>r");
    assert_eq!(stage.model.jobs.len(), 1);
}
