//! What something costs, in the words that titles, the picker and the status line have room for.

use crate::domain::{Cost, Size};
use crate::provider::capability::Capability;

/// A price before it is paid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Price {
    usd: Option<f64>,
    /// Google's list, where somebody else sends the bill.
    guessed: bool,
}

/// What so many pictures of this size cost.
pub fn price(cap: &Capability, size: Option<&Size>, count: u32) -> Price {
    let each = cap.estimate(size);
    Price::new(cap, each.map(|each| each * f64::from(count)))
}

impl Price {
    /// An amount by the list that this model has.
    pub fn new(cap: &Capability, usd: Option<f64>) -> Self {
        let guessed = !cap.has_own_price();
        Self { usd, guessed }
    }

    /// US dollars; `None` where they are not known.
    pub fn usd(self) -> Option<f64> {
        self.usd
    }

    pub fn is_paid(self) -> bool {
        self.usd.is_some_and(|usd| usd > 0.0)
    }

    /// `$0.067`, `≈ $0.067`, `free`, `price unknown`.
    pub fn short(self) -> String {
        match self.usd {
            None => "price unknown".to_owned(),
            Some(usd) if usd <= 0.0 => "free".to_owned(),
            Some(usd) if self.guessed => format!("≈ {}", dollars(usd)),
            Some(usd) => dollars(usd),
        }
    }

    /// The same with whose list it is.
    pub fn long(self) -> String {
        if self.guessed && self.is_paid() {
            format!("{} by Google's list", self.short())
        } else {
            self.short()
        }
    }
}

/// What was paid: `$0.41`, `≈ $0.41`.
pub fn cost(cost: Cost) -> String {
    let about = if cost.exact { "" } else { "≈ " };
    format!("{about}{}", dollars(cost.usd))
}

/// Three digits behind the point below a dollar, where pictures differ in them; two from there on.
fn dollars(usd: f64) -> String {
    if usd >= 0.9995 {
        return format!("${usd:.2}");
    }
    if usd > 0.0 && usd < 0.0005 {
        return "below $0.001".to_owned();
    }
    let three = format!("${usd:.3}");
    match three.strip_suffix('0') {
        Some(two) => two.to_owned(),
        None => three,
    }
}

/// A model's name without what nearly all of them begin with.
pub fn short_name(model: &str) -> &str {
    model
        .strip_prefix("gemini-")
        .filter(|rest| !rest.is_empty())
        .unwrap_or(model)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::capability::find;

    #[test]
    fn money_is_written_as_exactly_as_it_is_known() {
        assert_eq!(dollars(0.067), "$0.067");
        assert_eq!(dollars(0.24), "$0.24");
        assert_eq!(dollars(1.072), "$1.07");
        assert_eq!(dollars(0.0), "$0.00");
        assert_eq!(dollars(0.0001), "below $0.001");
        let usd = 0.41;
        assert_eq!(cost(Cost { usd, exact: true }), "$0.41");
        assert_eq!(cost(Cost { usd, exact: false }), "≈ $0.41");
    }

    #[test]
    fn a_relay_s_price_is_only_google_s_list() {
        let size = "1K".parse().ok();
        let google = find("google", "gemini-3-pro-image");
        assert_eq!(price(&google, size.as_ref(), 2).long(), "$0.268");
        let relay = find("anyfast", "gemini-3-pro-image");
        assert_eq!(price(&relay, size.as_ref(), 1).short(), "≈ $0.134");
        assert_eq!(
            price(&relay, size.as_ref(), 1).long(),
            "≈ $0.134 by Google's list"
        );
        assert_eq!(price(&find("demo", "gemini-3-pro-image"), None, 4).long(), "free");
        assert_eq!(
            price(&find("mine", "some-model"), None, 1).long(),
            "price unknown"
        );
    }

    #[test]
    fn names_lose_only_what_says_nothing() {
        assert_eq!(short_name("gemini-3-pro-image"), "3-pro-image");
        assert_eq!(short_name("imagen-4"), "imagen-4");
        assert_eq!(short_name("gemini-"), "gemini-");
    }
}
