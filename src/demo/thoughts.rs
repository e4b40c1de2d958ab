//! The words of an answer: thoughts about what the prompt asks, as models write them (a bold headline, sentences,
//! blank lines), and the short reply beside the picture.

use super::painter::{Filter, Land, Plan, Thing, Time, Water};

/// The longest stretch of a prompt that a thought quotes, in characters.
const QUOTED: usize = 90;

fn thought(headline: &str, sentences: &str) -> String {
    format!("**{headline}**\n\n{sentences}\n\n\n")
}

/// The prompt on one line, cut at a word, in quotation marks.
fn quote(prompt: &str) -> String {
    let mut short = String::new();
    for word in prompt.split_whitespace() {
        if short.chars().count() + word.chars().count() > QUOTED {
            short.push('\u{2026}');
            break;
        }
        if !short.is_empty() {
            short.push(' ');
        }
        short.push_str(word);
    }
    format!("\u{201c}{short}\u{201d}")
}

/// Words as a list: "a, b and c".
fn list(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}

fn distinct(words: &[String]) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    for word in words.iter().take(8) {
        let word = format!("*{word}*");
        if !seen.contains(&word) {
            seen.push(word);
        }
    }
    seen
}

/// The thoughts before the draft.
pub(super) fn before(plan: &Plan, prompt: &str, given: bool) -> Vec<String> {
    if given || is_change(plan) {
        return vec![
            thought("Reading the change", &reading_a_change(plan, prompt, given)),
            thought(
                "Looking at the picture",
                if given {
                    "I am taking in the picture as it was given: where its light comes from, which edges hold it \
                 together, what has to stay as it is. Only what the words name may move."
                } else {
                    "It is my own picture from the last turn, so its composition is known. I keep every line of it \
                 where it is and work the change into the paint instead of over it."
                },
            ),
            thought("Planning the change", &change_light(plan)),
        ];
    }
    let mut reading = format!("The request is {}. ", quote(prompt));
    let nouns = distinct(&plan.nouns);
    if nouns.is_empty() {
        reading.push_str(
            "I know none of these words as things to draw, so I take their sound as a seed: a place that belongs to \
             this prompt and to no other.",
        );
    } else {
        let sentence = format!("What carries the picture is {}; the rest is mood.", list(&nouns));
        reading.push_str(&sentence);
        let unknown = distinct(&plan.unknown);
        if !unknown.is_empty() {
            let sentence = format!(
                " I cannot draw {} as such and let it shape the details.",
                list(&unknown)
            );
            reading.push_str(&sentence);
        }
    }
    vec![
        thought("Reading the request", &reading),
        thought("Setting the light", light(plan)),
        thought("Composing the scene", &composition(plan)),
    ]
}

/// The thoughts between the draft and the picture.
pub(super) fn after(plan: &Plan, given: bool) -> Vec<String> {
    let check = if given {
        "The draft keeps the picture recognisable and the change can be seen at a glance. The transitions are still \
         hard; I am softening them before the final pass."
    } else if plan.things.is_empty() {
        "The big shapes stand and the eye finds its way in. The distances are still too close to each other in \
         tone, so I am pulling the far ones towards the sky."
    } else {
        "The subject reads at once against what is behind it. Its edge is a little hard for this light; I am letting \
         the air between it and the background show."
    };
    let finish = if plan
        .filters
        .iter()
        .any(|filter| matches!(filter, Filter::Watercolour | Filter::Oil | Filter::Sketch))
    {
        "Now the medium itself: the surface it lies on, the edges where it gathers, the places where it is left bare."
    } else {
        "Last, the surface: fine grain so that the gradients do not band, a slight fall of light towards the \
         corners, and the final size."
    };
    vec![
        thought("Checking the draft", check),
        thought("Finishing the surface", finish),
    ]
}

/// The words beside the picture, where there is something to say.
pub(super) fn reply(plan: &Plan, given: bool) -> Option<String> {
    let graded = plan
        .filters
        .iter()
        .any(|filter| matches!(filter, Filter::Grade(_)));
    if graded && (given || is_change(plan)) {
        return Some(
            "I did not recognise a change in these words, so I gave the picture a new colour grade. Try a time of day, \
             a thing to add, or a medium such as watercolour."
                .to_owned(),
        );
    }
    if given || is_change(plan) {
        return Some(format!(
            "Here is the picture with your change: {}.",
            list(&distinct(&plan.changes))
        ));
    }
    None
}

/// What a model says that talks about a picture and makes none.
pub(super) fn words_only(prompt: &str) -> String {
    format!(
        "Okay, here is an image for {}: the subject in the middle, calm light, an open sky.",
        quote(prompt)
    )
}

/// An answer in words to a prompt that asks for words: four lines about what it names.
pub(super) fn verse(prompt: &str) -> String {
    const COMMON: &str = "poem haiku limerick sonnet story essay joke describe explain translate about write with that \
                          this what some please the and one for are you how why";
    let is_named = |word: &&str| {
        let word = word.to_lowercase();
        word.chars().count() > 2 && COMMON.split(' ').all(|common| common != word)
    };
    let words = prompt.split(|letter: char| !letter.is_alphanumeric());
    let named: Vec<String> = words.filter(is_named).map(str::to_lowercase).collect();
    let first = named.first().map_or("light", String::as_str);
    let last = named.last().map_or("water", String::as_str);
    format!(
        "The {first} was here before the day began,\n\
         and kept its colour while the hours ran.\n\
         Whoever asks the {last} what it knew\n\
         is told in silver, and then told in blue."
    )
}

/// Whether the plan continues an earlier turn.
fn is_change(plan: &Plan) -> bool {
    plan.turns > 1
}

fn reading_a_change(plan: &Plan, prompt: &str, given: bool) -> String {
    let whose = if given {
        "the picture that came with it"
    } else {
        "the picture of the last turn"
    };
    let mut text = format!("The request is {}, and it is about {whose}. ", quote(prompt));
    if plan.changes.is_empty() {
        text.push_str(
            "None of these words names a change that I know, so I give the picture a new colour grade, chosen by the \
             words themselves, and leave its drawing alone.",
        );
    } else {
        let sentence = format!(
            "The words that change something are {}.",
            list(&distinct(&plan.changes))
        );
        text.push_str(&sentence);
    }
    text
}

fn change_light(plan: &Plan) -> String {
    let mut plans = Vec::new();
    if plan
        .filters
        .iter()
        .any(|filter| matches!(filter, Filter::Watercolour))
    {
        plans.push("flat washes with darker rims, grain of the paper in the lights");
    }
    if plan.time == Some(Time::Night) {
        plans.push("the lights pulled down towards blue, stars where the picture leaves room for sky");
    }
    if plan.moon.is_some() {
        plans.push("the moon with its glow first, because everything near it has to answer to it");
    }
    if plan.snow > 0.0 || plan.rain > 0.0 || plan.fog > 0.0 {
        plans.push("the weather in layers, the far one finer than the near one");
    }
    if !plan.things.is_empty() {
        plans.push("things standing on the ground with a shadow under them, in the light that is there");
    }
    if plans.is_empty() {
        plans.push("the tones of the whole picture in one move, so that it stays of a piece");
    }
    format!("In this order: {}.", plans.join("; "))
}

fn light(plan: &Plan) -> &'static str {
    if plan.studio {
        return "No landscape here: a quiet backdrop, one soft light from the upper left, and a shadow that puts the \
                subject on the ground.";
    }
    match plan.time {
        Some(Time::Dawn) => {
            "Dawn: the sun is about to clear the horizon, so warmth lies low and the zenith is still cold."
        }
        Some(Time::Morning) => {
            "Morning light: clear and slightly warm, long soft shadows, the distance pale blue."
        }
        Some(Time::Noon) => {
            "The sun stands high. Colours are full, shadows short, and the sky deepens upwards."
        }
        Some(Time::Sunset) => {
            "Sunset: a low sun with a wide glow. Everything between it and us turns into silhouettes with warm rims."
        }
        Some(Time::Dusk) => {
            "Dusk: the sun has gone and the sky does the lighting, violet above and a last band of coral at the horizon."
        }
        Some(Time::Night) => {
            "Night: deep blues rather than black, so that shapes stay readable under stars or moon."
        }
        Some(Time::Storm) => {
            "A storm: heavy cloud, a narrow pale gap at the horizon, and drained colours below."
        }
        Some(Time::Overcast) | None => {
            "Soft grey light without a direction: tones carry the depth instead of shadows."
        }
    }
}

fn composition(plan: &Plan) -> String {
    let mut text = String::new();
    if plan.studio {
        text.push_str("The subject goes into the middle, large, with enough air around it to breathe.");
        return text;
    }
    text.push_str(match plan.lands.first() {
        Some(Land::Mountain) => "Ranges in three depths, each paler than the one before it.",
        Some(Land::Hill) => "Hills that overlap like folded cloth, with mist in the folds.",
        Some(Land::Desert) => "Dunes with one clean crest line that leads into the picture.",
        Some(Land::Field) => "An open field, its texture coarse near us and dissolving towards the horizon.",
        Some(Land::Beach) => "A curve of sand from the lower corner, a thin line of foam, then the sea.",
        Some(Land::Forest) => "Rows of spires, the far ones half lost in the air.",
        Some(Land::City) => "The skyline in three depths, windows lit here and there.",
        Some(Land::Snow) => "Snow over everything, so the shadows have to be blue and the whites warm.",
        Some(Land::Island) => "An island as the one dark shape in a wide plane of water.",
        Some(Land::Space) => "A planet's limb across the lower corner against a field of stars.",
        None => "A low horizon, so that the sky has room.",
    });
    match plan.water {
        Some(Water::Lake) => text.push_str(" The lake mirrors it, broken by fine ripples."),
        Some(Water::Sea) => text.push_str(" The sea below keeps a path of light."),
        Some(Water::River) => text.push_str(" The river winds from the distance to our feet."),
        None => {}
    }
    if let Some(placed) = plan.things.first() {
        let animal = matches!(
            placed.thing,
            Thing::Fox
                | Thing::Cat
                | Thing::Dog
                | Thing::Wolf
                | Thing::Bear
                | Thing::Rabbit
                | Thing::Owl
                | Thing::Panda
        );
        text.push_str(if animal {
            " The animal sits a little off centre and looks at us."
        } else {
            " The subject stands a little off centre, on the line where the thirds meet."
        });
    }
    text
}
