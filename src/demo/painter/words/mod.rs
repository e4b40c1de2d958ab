//! Which words the painter knows, and what each means to it. Words only: grammar is [`super::plan`]'s.

mod lexicon;

use super::colour::Rgb;
use lexicon::{manner, place, thing};

/// The light of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::demo) enum Time {
    Dawn,
    Morning,
    Noon,
    Sunset,
    Dusk,
    Night,
    Overcast,
    Storm,
}

/// What the ground is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::demo) enum Land {
    Mountain,
    Hill,
    Desert,
    Field,
    Beach,
    Forest,
    City,
    Snow,
    Island,
    Space,
}

/// What the water is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::demo) enum Water {
    Sea,
    Lake,
    River,
}

/// A thing that is drawn as itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::demo) enum Thing {
    Pine,
    Palm,
    Tree,
    Cactus,
    Flower,
    House,
    Lighthouse,
    Castle,
    Tower,
    Windmill,
    Church,
    Bridge,
    Tent,
    Sailboat,
    Ship,
    Fox,
    Wolf,
    Cat,
    Dog,
    Bear,
    Panda,
    Rabbit,
    Owl,
    Lion,
    Bird,
    Fish,
    Whale,
    Balloon,
    Rocket,
    Car,
    Robot,
    Person,
    Cup,
    Apple,
    Mushroom,
    Lantern,
    Square,
    Circle,
    Triangle,
    Star,
    Heart,
}

/// What is in the sky.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::demo) enum Sky {
    Sun,
    Moon,
    Stars,
    Clouds,
    Aurora,
    Rainbow,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::demo) enum Weather {
    Snow,
    Rain,
    Fog,
    Lightning,
}

/// A treatment of the whole picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::demo) enum Filter {
    Watercolour,
    Oil,
    Sketch,
    Mono,
    Sepia,
    Blur,
    Sharpen,
    Brighter,
    Darker,
    Colder,
    Warmer,
    Mirror,
    UpsideDown,
    Vivid,
    Muted,
    Contrast,
    Zoom,
    Pixels,
    Invert,
    Poster,
    Autumn,
    Spring,
    /// A seeded colour grade, for instructions that hold no known word.
    Grade(u64),
}

/// What one word means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Meaning {
    Time(Time),
    Land(Land),
    Water(Water),
    Thing(Thing),
    Sky(Sky),
    Weather(Weather),
    Filter(Filter),
    Colour(Rgb),
    Count(u32),
    /// Larger or smaller, more or less, by this factor.
    Scale(f32),
    Remove,
    /// A sober backdrop instead of a landscape: a logo, an icon, a product.
    Studio,
    Crescent,
    /// A word that carries no picture.
    Nothing,
}

/// The meaning of a lower-case word, and whether it is a plural.
pub(super) fn meaning(word: &str) -> Option<(Meaning, bool)> {
    let exact = place(word).or_else(|| thing(word)).or_else(|| manner(word));
    exact.map(|meaning| (meaning, false)).or_else(|| {
        let stems = ["s", "es"].map(|ending| word.strip_suffix(ending).filter(|stem| stem.len() > 2));
        let known = |stem| place(stem).or_else(|| thing(stem));
        let meaning = stems.into_iter().flatten().find_map(known);
        meaning.map(|meaning| (meaning, true))
    })
}
