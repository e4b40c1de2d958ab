//! What this day has cost: asked at the start, on coming back, and whenever a generation has ended.

use crate::domain::Cost;
use crate::error::Result;
use crate::tui::effect::Effect;
use crate::tui::model::Model;
use crate::tui::msg::Ask;

pub(super) fn load(model: &mut Model) -> Effect {
    let ask = model.next_ask();
    model.spending.asked = Some(ask);
    let offset = i64::from(model.utc_offset_s) * 1_000;
    let day = 86_400_000;
    let since_ms = (model.now_ms + offset).div_euclid(day) * day - offset;
    Effect::LoadSpending { ask, since_ms }
}

/// What cannot be added up is not worth an interruption: the line goes without it.
pub(super) fn spent(model: &mut Model, ask: Ask, result: Result<Cost>) -> Vec<Effect> {
    if model.spending.asked == Some(ask) {
        model.spending.asked = None;
        model.spending.today = result.ok();
    }
    Vec::new()
}
