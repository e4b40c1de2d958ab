//! Things that are drawn as themselves: where each belongs, how high it is, and its outlines.

mod buildings;
mod creatures;
mod landmarks;
mod plants;
mod sitting;
mod vehicles;
mod wares;

use super::brush::Brush;
use super::colour::Rgb;
use super::noise::Dice;
use super::words::Thing;

/// Where a thing is at home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Home {
    Ground,
    Water,
    Air,
}

pub(super) fn home(thing: Thing) -> Home {
    match thing {
        Thing::Sailboat | Thing::Ship | Thing::Whale | Thing::Fish => Home::Water,
        Thing::Bird | Thing::Balloon => Home::Air,
        _ => Home::Ground,
    }
}

/// How high a thing of size 1 is, in parts of the frame's unit.
pub(super) fn height(thing: Thing) -> f32 {
    match thing {
        Thing::Palm | Thing::Lighthouse => 0.5,
        Thing::Castle | Thing::Tower | Thing::Rocket => 0.44,
        Thing::Windmill | Thing::Church | Thing::Robot | Thing::Square | Thing::Circle | Thing::Triangle => {
            0.36
        }
        Thing::Tree | Thing::Fox | Thing::Wolf | Thing::Cat | Thing::Dog | Thing::Lion => 0.38,
        Thing::Bear | Thing::Panda => 0.4,
        Thing::Pine | Thing::Cup | Thing::Apple | Thing::Heart | Thing::Star => 0.32,
        Thing::Rabbit | Thing::Owl | Thing::Cactus | Thing::Bridge | Thing::Balloon => 0.28,
        Thing::House | Thing::Lantern | Thing::Sailboat => 0.25,
        Thing::Person | Thing::Whale => 0.23,
        Thing::Ship | Thing::Mushroom => 0.18,
        Thing::Tent | Thing::Car => 0.16,
        Thing::Fish | Thing::Flower => 0.14,
        Thing::Bird => 0.055,
    }
}

/// Draws a thing with its foot where the brush is.
pub(super) fn draw(thing: Thing, brush: &mut Brush<'_>, colour: Option<Rgb>, dice: &mut Dice) {
    match thing {
        Thing::Pine => plants::pine(brush, colour, dice),
        Thing::Palm => plants::palm(brush, colour, dice),
        Thing::Tree => plants::tree(brush, colour, dice),
        Thing::Cactus => plants::cactus(brush, colour),
        Thing::Flower => plants::flower(brush, colour, dice),
        Thing::Mushroom => plants::mushroom(brush, colour),
        Thing::House => buildings::house(brush, colour),
        Thing::Lighthouse => buildings::lighthouse(brush, colour),
        Thing::Castle => buildings::castle(brush, colour),
        Thing::Tower => landmarks::tower(brush, colour),
        Thing::Windmill => landmarks::windmill(brush, colour),
        Thing::Church => buildings::church(brush, colour),
        Thing::Bridge => landmarks::bridge(brush, colour),
        Thing::Tent => landmarks::tent(brush, colour),
        Thing::Sailboat => vehicles::sailboat(brush, colour),
        Thing::Ship => vehicles::ship(brush, colour),
        Thing::Balloon => vehicles::balloon(brush, colour),
        Thing::Rocket => vehicles::rocket(brush, colour),
        Thing::Car => vehicles::car(brush, colour),
        Thing::Bird => creatures::bird(brush, colour, dice),
        Thing::Fish => creatures::fish(brush, colour),
        Thing::Whale => creatures::whale(brush, colour),
        Thing::Person => creatures::person(brush, colour),
        Thing::Owl => creatures::owl(brush, colour),
        Thing::Fox
        | Thing::Wolf
        | Thing::Cat
        | Thing::Dog
        | Thing::Bear
        | Thing::Panda
        | Thing::Rabbit
        | Thing::Lion => sitting::sitting(thing, brush, colour),
        Thing::Robot => wares::robot(brush, colour),
        Thing::Cup => wares::cup(brush, colour),
        Thing::Apple => wares::apple(brush, colour),
        Thing::Lantern => wares::lantern(brush, colour),
        Thing::Square => wares::square(brush, colour),
        Thing::Circle => wares::circle(brush, colour),
        Thing::Triangle => wares::triangle(brush, colour),
        Thing::Star => wares::star(brush, colour),
        Thing::Heart => wares::heart(brush, colour),
    }
}
