//! How words of a text find each other: colours, counts and sizes their nouns, before or behind them.

use super::super::colour::Rgb;
use super::super::words::{Filter, Meaning, Thing, meaning};
use super::{Orb, Plan};

/// What the last noun of a text was, so that "larger" and a colour after it find it.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Noun {
    Thing(usize),
    Sun,
    Moon,
    Sky,
    Stars,
    Clouds,
    Land,
    Water,
    Snow,
    Rain,
    Fog,
}

/// Words that wait for the noun that they belong to.
#[derive(Default)]
pub(super) struct Pending {
    pub(super) colour: Option<Rgb>,
    pub(super) factor: Option<f32>,
    pub(super) count: Option<u32>,
    pub(super) remove: bool,
    pub(super) crescent: bool,
}

/// The words of a text, lower case, with the phrases that are one word to the painter joined.
pub(super) fn tokens(text: &str) -> Vec<String> {
    let mut lower = text.to_lowercase();
    for (phrase, word) in [
        ("black and white", "monochrome"),
        ("black-and-white", "monochrome"),
        ("b&w", "monochrome"),
        ("golden hour", "sunset"),
        ("golden retriever", "dog"),
        ("hot air", "hot-air"),
        ("milky way", "milky"),
        ("northern lights", "aurora"),
        ("shooting star", "stars"),
        ("ice cream", "cup"),
    ] {
        lower = lower.replace(phrase, word);
    }
    lower
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

impl Plan {
    pub(super) fn apply(&mut self, text: &str) {
        let mut pending = Pending::default();
        let mut last: Option<Noun> = None;
        // Whether the word before was a noun: "the moon larger" looks back, "a larger moon" ahead.
        let mut just_named = false;
        let mut unclaimed = Vec::new();
        for word in tokens(text) {
            let Some((meaning, plural)) = meaning(&word) else {
                if word.chars().count() > 2 && !matches!(word.as_str(), "fail" | "much" | "even" | "jpeg") {
                    unclaimed.push(word);
                }
                continue;
            };
            match meaning {
                Meaning::Nothing => {
                    just_named &= !matches!(word.as_str(), "and" | "with" | "a" | "an" | "the");
                    continue;
                }
                Meaning::Scale(factor) => {
                    self.changes.push(word);
                    match last.filter(|_| just_named) {
                        Some(noun) => self.resize(noun, factor),
                        None => pending.factor = Some(factor),
                    }
                    continue;
                }
                Meaning::Colour(colour) => pending.colour = Some(colour),
                Meaning::Count(count) => pending.count = Some(count),
                Meaning::Remove => pending.remove = true,
                Meaning::Crescent => pending.crescent = true,
                Meaning::Studio => self.studio = true,
                Meaning::Filter(filter) => self.filter(filter),
                noun => {
                    self.nouns.push(word.clone());
                    let mut taken = std::mem::take(&mut pending);
                    // "Palm trees" are palms.
                    if noun == Meaning::Thing(Thing::Tree) && just_named && self.is_tree(last) {
                        self.several(last);
                        continue;
                    }
                    if plural && taken.count.is_none() && matches!(noun, Meaning::Thing(_)) {
                        taken.count = Some(3);
                    }
                    last = if taken.remove {
                        self.remove(noun);
                        None
                    } else {
                        self.name(noun, &taken)
                    };
                    just_named = true;
                    self.changes.push(word);
                    continue;
                }
            }
            just_named = false;
            self.changes.push(word);
        }
        self.rest(&pending, last);
        self.unknown.extend(unclaimed);
    }

    fn is_tree(&self, noun: Option<Noun>) -> bool {
        let trees = [Thing::Palm, Thing::Pine, Thing::Tree, Thing::Apple];
        matches!(noun, Some(Noun::Thing(index)) if trees.contains(&self.things[index].thing))
    }

    fn several(&mut self, noun: Option<Noun>) {
        if let Some(Noun::Thing(index)) = noun {
            self.things[index].count = self.things[index].count.max(3);
            if self.things[index].thing == Thing::Apple {
                self.things[index].thing = Thing::Tree;
            }
        }
    }

    /// What still waits at the end of a text goes to its last noun, else to what the picture is of.
    fn rest(&mut self, pending: &Pending, last: Option<Noun>) {
        let noun = last.or_else(|| (!self.things.is_empty()).then_some(Noun::Thing(0)));
        if let Some(factor) = pending.factor {
            match noun {
                Some(noun) => self.resize(noun, factor),
                None if factor > 1.0 => self.filters.push(Filter::Zoom),
                None => {}
            }
        }
        if let Some(colour) = pending.colour {
            match noun {
                Some(noun) => self.colour(noun, colour),
                None => self.sky_tint = Some(colour),
            }
        }
        if let (Some(count), Some(Noun::Thing(index))) = (pending.count, noun) {
            self.things[index].count = count;
        }
        if pending.crescent {
            self.moon.get_or_insert(Orb::PLAIN).crescent = true;
        }
    }

    fn filter(&mut self, filter: Filter) {
        // A second "darker" is darker still; twice a watercolour is once.
        let repeats = matches!(
            filter,
            Filter::Brighter
                | Filter::Darker
                | Filter::Colder
                | Filter::Warmer
                | Filter::Zoom
                | Filter::Mirror
        );
        if repeats || !self.filters.contains(&filter) {
            self.filters.push(filter);
        }
    }
}
