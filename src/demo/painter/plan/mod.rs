//! Words to a plan: what is in the picture, in which light, with which changes. Deterministic, and pure: a plan holds
//! no pixels and knows no size.

mod grammar;
mod naming;
mod settle;

use super::colour::Rgb;
use super::noise::hash_text;
use super::words::{Filter, Land, Thing, Time, Water};
use grammar::tokens;

/// Something to be drawn, as the prompt names it.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::demo) struct Placed {
    pub(in crate::demo) thing: Thing,
    pub(super) colour: Option<Rgb>,
    pub(super) size: f32,
    pub(super) count: u32,
}

/// The sun or the moon.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::demo) struct Orb {
    pub(super) size: f32,
    pub(super) colour: Option<Rgb>,
    pub(super) crescent: bool,
}

impl Orb {
    pub(super) const PLAIN: Self = Self {
        size: 1.0,
        colour: None,
        crescent: false,
    };
}

/// What a picture is to show, or how one is to change.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a thing that is in the picture or is not"
)]
pub(in crate::demo) struct Plan {
    pub(super) seed: u64,
    /// How many turns of a conversation went into it.
    pub(in crate::demo) turns: u32,
    pub(in crate::demo) time: Option<Time>,
    pub(in crate::demo) storm: bool,
    pub(in crate::demo) lands: Vec<Land>,
    pub(in crate::demo) water: Option<Water>,
    pub(in crate::demo) things: Vec<Placed>,
    pub(in crate::demo) sun: Option<Orb>,
    pub(in crate::demo) moon: Option<Orb>,
    pub(super) stars: Option<f32>,
    pub(super) clouds: Option<f32>,
    pub(super) aurora: bool,
    pub(super) rainbow: bool,
    pub(in crate::demo) snow: f32,
    pub(in crate::demo) rain: f32,
    pub(in crate::demo) fog: f32,
    pub(super) lightning: bool,
    pub(in crate::demo) filters: Vec<Filter>,
    pub(in crate::demo) studio: bool,
    pub(super) sky_tint: Option<Rgb>,
    pub(super) land_tint: Option<Rgb>,
    pub(super) water_tint: Option<Rgb>,
    /// The words that say what is seen, as they were typed, oldest first.
    pub(in crate::demo) nouns: Vec<String>,
    /// The words of the last turn that meant nothing to the painter.
    pub(in crate::demo) unknown: Vec<String>,
    /// The words of the last turn that changed something.
    pub(in crate::demo) changes: Vec<String>,
}

impl Plan {
    /// The plan of a conversation: the first text gives the picture, the later ones change it.
    pub(super) fn of(texts: &[String]) -> Self {
        let mut texts = texts.iter().filter(|text| !text.trim().is_empty());
        let first = texts.next().map_or("", String::as_str);
        let mut plan = Self {
            seed: hash_text(&tokens(first).join(" ")),
            turns: 1,
            ..Self::default()
        };
        plan.apply(first);
        plan.settle();
        for text in texts {
            plan.change(text);
        }
        plan
    }

    /// The plan of a change to a picture that somebody gave.
    pub(super) fn edit(text: &str) -> Self {
        let mut plan = Self {
            seed: hash_text(&tokens(text).join(" ")),
            ..Self::default()
        };
        plan.change(text);
        plan
    }

    /// The same plan in another hand, for a further candidate: what is in the picture stays.
    pub(in crate::demo) fn varied(&self, number: u32) -> Self {
        Self {
            seed: self.seed ^ u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15),
            ..self.clone()
        }
    }

    /// Takes up a change; one that means nothing becomes a colour grade of its own, so that it is seen.
    fn change(&mut self, text: &str) {
        let before = self.clone();
        self.turns += 1;
        self.unknown.clear();
        self.changes.clear();
        self.apply(text);
        let same = Self {
            unknown: before.unknown.clone(),
            changes: before.changes.clone(),
            turns: before.turns,
            nouns: before.nouns.clone(),
            ..self.clone()
        } == before;
        if same {
            self.filters
                .push(Filter::Grade(hash_text(&tokens(text).join(" "))));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(texts: &[&str]) -> Plan {
        Plan::of(&texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn words_say_what_is_seen() {
        let plan = of(&["A mountain lake at dusk"]);
        assert_eq!(plan.time, Some(Time::Dusk));
        assert_eq!(plan.lands, [Land::Mountain]);
        assert_eq!(plan.water, Some(Water::Lake));
        let plan = of(&["two red foxes in the snow"]);
        assert_eq!(plan.things[0].thing, Thing::Fox);
        assert_eq!(plan.things[0].count, 2);
        assert!(plan.things[0].colour.is_some() && plan.snow > 0.0);
    }

    #[test]
    fn larger_finds_its_noun_before_and_after() {
        let first = of(&["a moon over hills"]);
        for change in [
            "make the moon larger",
            "a larger moon please",
            "make the moon much bigger and add stars",
        ] {
            let plan = of(&["a moon over hills", change]);
            assert!(plan.moon.unwrap().size > first.moon.unwrap().size, "{change}");
            assert_eq!(plan.seed, first.seed, "the composition stays");
        }
    }

    #[test]
    fn things_come_and_go() {
        let plan = of(&["a boat on a lake", "remove the boat and add a lighthouse"]);
        assert_eq!(
            plan.things.iter().map(|placed| placed.thing).collect::<Vec<_>>(),
            [Thing::Lighthouse]
        );
        let plan = of(&["a house", "make it blue"]);
        assert!(plan.things[0].colour.is_some());
    }

    #[test]
    fn a_change_without_a_known_word_is_still_a_change() {
        let plan = of(&["a house", "xyzzy plugh"]);
        assert!(matches!(plan.filters[..], [Filter::Grade(_)]));
        assert_eq!(plan.unknown, ["xyzzy", "plugh"]);
        assert!(matches!(Plan::edit("hmm").filters[..], [Filter::Grade(_)]));
        assert_eq!(Plan::edit("as a watercolour").filters, [Filter::Watercolour]);
    }

    #[test]
    fn prompts_without_a_known_word_differ() {
        assert_ne!(of(&["asdf qwerty"]).seed, of(&["qwerty asdf"]).seed);
        assert!(!of(&["asdf qwerty"]).lands.is_empty());
    }
}
