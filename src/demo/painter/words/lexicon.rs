//! The words themselves, in the singular.

use super::super::colour::{Rgb, hex};
use super::{Filter, Land, Meaning, Sky, Thing, Time, Water, Weather};

pub(super) fn place(word: &str) -> Option<Meaning> {
    use Meaning as M;
    Some(match word {
        "dawn" | "sunrise" | "daybreak" => M::Time(Time::Dawn),
        "morning" | "day" | "daylight" | "daytime" => M::Time(Time::Morning),
        "noon" | "midday" | "sunny" | "summer" | "tropical" => M::Time(Time::Noon),
        "sunset" | "evening" | "golden" => M::Time(Time::Sunset),
        "dusk" | "twilight" | "nightfall" => M::Time(Time::Dusk),
        "night" | "midnight" | "nighttime" | "nocturnal" | "dark" => M::Time(Time::Night),
        "overcast" | "cloudy" | "grey-sky" | "gloomy" => M::Time(Time::Overcast),
        "storm" | "stormy" | "thunderstorm" | "tempest" | "hurricane" => M::Time(Time::Storm),
        "mountain" | "alp" | "peak" | "himalaya" | "matterhorn" | "summit" | "cliff" | "volcano" | "fuji" => {
            M::Land(Land::Mountain)
        }
        "hill" | "valley" | "countryside" | "highland" | "tuscany" | "landscape" => M::Land(Land::Hill),
        "desert" | "dune" | "sahara" | "sand" | "mars" => M::Land(Land::Desert),
        "field" | "meadow" | "prairie" | "grass" | "garden" | "park" | "savanna" | "farm" | "lawn" => {
            M::Land(Land::Field)
        }
        "beach" | "shore" | "coast" | "seaside" | "bay" => M::Land(Land::Beach),
        "forest" | "wood" | "woodland" | "jungle" | "taiga" | "grove" => M::Land(Land::Forest),
        "city" | "skyline" | "tokyo" | "london" | "york" | "shanghai" | "downtown" | "street"
        | "cityscape" | "town" | "metropolis" | "cyberpunk" | "skyscraper" => M::Land(Land::City),
        "arctic" | "antarctica" | "tundra" | "winter" | "glacier" | "iceberg" | "ice" => M::Land(Land::Snow),
        "island" | "atoll" | "islet" => M::Land(Land::Island),
        "space" | "planet" | "galaxy" | "universe" | "nebula" | "cosmos" | "orbit" => M::Land(Land::Space),
        "sea" | "ocean" | "wave" | "harbour" | "harbor" | "pacific" | "atlantic" => M::Water(Water::Sea),
        "lake" | "pond" | "loch" | "water" | "reflection" => M::Water(Water::Lake),
        "river" | "stream" | "creek" | "brook" | "canal" | "fjord" => M::Water(Water::River),
        "sun" | "sunlight" | "sunshine" => M::Sky(Sky::Sun),
        "moon" | "moonlight" | "moonlit" => M::Sky(Sky::Moon),
        "stars" | "starry" | "constellation" | "milky" | "starlight" => M::Sky(Sky::Stars),
        "cloud" | "clouds" => M::Sky(Sky::Clouds),
        "aurora" | "borealis" | "northern" => M::Sky(Sky::Aurora),
        "rainbow" => M::Sky(Sky::Rainbow),
        "snow" | "snowy" | "snowing" | "snowfall" | "blizzard" | "snowflake" => M::Weather(Weather::Snow),
        "rain" | "rainy" | "raining" | "drizzle" | "downpour" | "monsoon" => M::Weather(Weather::Rain),
        "fog" | "foggy" | "mist" | "misty" | "haze" | "hazy" | "smoke" => M::Weather(Weather::Fog),
        "lightning" | "thunder" => M::Weather(Weather::Lightning),
        _ => return None,
    })
}

pub(super) fn thing(word: &str) -> Option<Meaning> {
    use Thing as T;
    Some(Meaning::Thing(match word {
        "pine" | "fir" | "spruce" | "conifer" => T::Pine,
        "palm" | "coconut" => T::Palm,
        "tree" | "oak" | "birch" | "maple" | "cherry" | "sakura" => T::Tree,
        "cactus" | "cacti" | "saguaro" => T::Cactus,
        "flower" | "poppy" | "poppie" | "tulip" | "rose" | "lavender" | "daisy" | "sunflower" | "blossom" => {
            T::Flower
        }
        "house" | "cottage" | "cabin" | "hut" | "home" | "barn" | "shed" => T::House,
        "lighthouse" | "beacon" => T::Lighthouse,
        "castle" | "palace" | "fortress" | "fort" => T::Castle,
        "tower" | "skyscrapers" | "obelisk" => T::Tower,
        "windmill" | "mill" => T::Windmill,
        "church" | "chapel" | "cathedral" | "temple" => T::Church,
        "bridge" | "viaduct" => T::Bridge,
        "tent" | "camp" | "campfire" => T::Tent,
        "boat" | "sailboat" | "sail" | "yacht" | "sailing" | "dinghy" => T::Sailboat,
        "ship" | "ferry" | "steamer" | "vessel" => T::Ship,
        "fox" | "vixen" => T::Fox,
        "wolf" | "wolve" | "husky" | "coyote" => T::Wolf,
        "cat" | "kitten" | "kitty" => T::Cat,
        "dog" | "puppy" | "puppie" | "corgi" | "hound" => T::Dog,
        "bear" | "grizzly" => T::Bear,
        "panda" => T::Panda,
        "rabbit" | "bunny" | "bunnie" | "hare" => T::Rabbit,
        "owl" => T::Owl,
        "lion" | "tiger" => T::Lion,
        "bird" | "gull" | "seagull" | "swallow" | "crow" | "raven" | "eagle" | "goose" | "geese" => T::Bird,
        "fish" | "goldfish" | "koi" | "salmon" => T::Fish,
        "whale" | "dolphin" | "orca" => T::Whale,
        "balloon" | "airship" => T::Balloon,
        "rocket" | "spaceship" | "shuttle" => T::Rocket,
        "car" | "taxi" | "van" | "jeep" | "truck" => T::Car,
        "robot" | "android" | "droid" => T::Robot,
        "person" | "man" | "woman" | "girl" | "boy" | "child" | "people" | "figure" | "hiker"
        | "astronaut" | "samurai" | "monk" | "wizard" | "portrait" => T::Person,
        "cup" | "mug" | "coffee" | "tea" | "teacup" => T::Cup,
        "apple" | "fruit" | "peach" | "tomato" => T::Apple,
        "mushroom" | "toadstool" => T::Mushroom,
        "lantern" | "lamp" | "lamppost" => T::Lantern,
        "square" | "cube" | "box" => T::Square,
        "circle" | "ball" | "sphere" | "disc" | "dot" => T::Circle,
        "triangle" | "pyramid" => T::Triangle,
        "star" => T::Star,
        "heart" | "love" => T::Heart,
        _ => return None,
    }))
}

pub(super) fn manner(word: &str) -> Option<Meaning> {
    use Filter as F;
    use Meaning as M;
    Some(match word {
        "watercolour" | "watercolor" | "aquarelle" | "gouache" => M::Filter(F::Watercolour),
        "oil" | "painting" | "painterly" | "impressionist" | "gogh" | "monet" => M::Filter(F::Oil),
        "sketch" | "pencil" | "drawing" | "ink" | "charcoal" | "engraving" => M::Filter(F::Sketch),
        "monochrome" | "greyscale" | "grayscale" | "noir" | "bw" => M::Filter(F::Mono),
        "sepia" | "vintage" | "daguerreotype" | "tintype" | "retro" | "antique" => M::Filter(F::Sepia),
        "blur" | "blurred" | "blurry" | "dreamy" | "softer" => M::Filter(F::Blur),
        "sharper" | "sharpen" | "crisp" | "sharp" => M::Filter(F::Sharpen),
        "brighter" | "lighter" | "brighten" | "bright" => M::Filter(F::Brighter),
        "darker" | "darken" | "moody" | "dim" => M::Filter(F::Darker),
        "colder" | "cooler" | "cold" | "icy" => M::Filter(F::Colder),
        "warmer" | "warm" | "cosy" | "cozy" => M::Filter(F::Warmer),
        "mirror" | "mirrored" | "flip" | "flipped" => M::Filter(F::Mirror),
        "upside" => M::Filter(F::UpsideDown),
        "vivid" | "saturated" | "colourful" | "colorful" | "vibrant" => M::Filter(F::Vivid),
        "muted" | "desaturated" | "faded" | "pale" | "pastel" => M::Filter(F::Muted),
        "contrast" | "dramatic" | "punchy" => M::Filter(F::Contrast),
        "zoom" | "closer" | "crop" => M::Filter(F::Zoom),
        "pixel" | "pixelated" | "pixelate" | "8bit" | "mosaic" => M::Filter(F::Pixels),
        "invert" | "inverted" | "negative" => M::Filter(F::Invert),
        "poster" | "flat" | "screenprint" | "minimalist" | "minimal" => M::Filter(F::Poster),
        "autumn" | "fall" | "autumnal" | "october" => M::Filter(F::Autumn),
        "spring" | "april" => M::Filter(F::Spring),
        "larger" | "bigger" | "huge" | "large" | "big" | "giant" | "enormous" | "enlarge" | "grow"
        | "more" | "many" | "heavy" | "heavier" | "several" => M::Scale(1.7),
        "smaller" | "tiny" | "small" | "little" | "shrink" | "less" | "fewer" | "slight" => M::Scale(0.55),
        "remove" | "without" | "delete" | "erase" | "no" => M::Remove,
        "logo" | "icon" | "emblem" | "badge" | "product" | "studio" | "sticker" | "isolated" => M::Studio,
        "crescent" => M::Crescent,
        "one" | "single" => M::Count(1),
        "two" | "couple" | "pair" => M::Count(2),
        "three" => M::Count(3),
        "four" => M::Count(4),
        "five" => M::Count(5),
        "six" | "flock" | "group" => M::Count(6),
        "a" | "an" | "the" | "of" | "in" | "on" | "at" | "by" | "with" | "and" | "or" | "to" | "it"
        | "its" | "this" | "that" | "as" | "make" | "add" | "put" | "into" | "over" | "under" | "from"
        | "for" | "is" | "are" | "be" | "please" | "picture" | "image" | "photo" | "photograph" | "style"
        | "generate" | "create" | "draw" | "paint" | "turn" | "change" | "give" | "me" | "i" | "my"
        | "some" | "now" => M::Nothing,
        _ => return colour(word).map(M::Colour),
    })
}

fn colour(word: &str) -> Option<Rgb> {
    Some(hex(match word {
        "red" => 0xd2_36_2b,
        "crimson" | "scarlet" | "ruby" => 0xb8_1f_33,
        "orange" | "amber" => 0xec_86_2a,
        "yellow" => 0xf2_c9_3b,
        "gold" => 0xdc_a8_3c,
        "green" => 0x4c_96_4a,
        "emerald" => 0x1f_8f_68,
        "teal" | "turquoise" | "cyan" => 0x2d_a5_a8,
        "blue" => 0x2f_66_c4,
        "navy" | "indigo" => 0x2b_35_78,
        "purple" | "violet" => 0x7d_48_b0,
        "magenta" => 0xc2_38_92,
        "pink" => 0xef_92_b4,
        "brown" => 0x7d_51_34,
        "beige" | "tan" => 0xcd_b0_87,
        "white" => 0xf2_f1_ec,
        "silver" => 0xb9_c0_c8,
        "grey" | "gray" => 0x8a_90_96,
        "black" => 0x24_24_2a,
        _ => return None,
    }))
}
