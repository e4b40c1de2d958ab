//! The turns of the open session, with what follows from all of them together: where each is, their tree, the tiles of
//! the contact sheet. That is worked out when the list changes and not when it is looked at, so that a key costs in a
//! session of ten thousand turns what it costs in one of ten.

use std::collections::HashMap;
use std::ops::Deref;

use super::sheet::Tiles;
use super::tree::Tree;
use crate::domain::{Turn, TurnId};

/// The turns of a session in the order in which they were made, without their words.
#[derive(Clone, Debug, Default)]
pub struct Turns {
    list: Vec<Turn>,
    places: HashMap<TurnId, usize>,
    tree: Tree,
    tiles: Tiles,
}

impl PartialEq for Turns {
    /// The rest follows from the list.
    fn eq(&self, other: &Self) -> bool {
        self.list == other.list
    }
}

impl Deref for Turns {
    type Target = [Turn];

    fn deref(&self) -> &[Turn] {
        &self.list
    }
}

impl From<Vec<Turn>> for Turns {
    fn from(list: Vec<Turn>) -> Self {
        let places = list.iter().zip(0..).map(|(turn, place)| (turn.id.clone(), place));
        Self {
            places: places.collect(),
            tree: Tree::new(&list),
            tiles: Tiles::new(&list),
            list,
        }
    }
}

impl Turns {
    /// Where a turn is in the list.
    pub fn place(&self, id: &TurnId) -> Option<usize> {
        self.places.get(id).copied()
    }

    pub fn find(&self, id: &TurnId) -> Option<&Turn> {
        self.list.get(self.place(id)?)
    }

    /// Puts a turn in the place of the one that has its name, else at the end.
    pub fn put(&mut self, turn: Turn) {
        if let Some(known) = self.place(&turn.id).and_then(|place| self.list.get_mut(place)) {
            let is_where_it_was = known.parent == turn.parent && known.request == turn.request;
            *known = turn;
            if is_where_it_was {
                return;
            }
            self.edit(|_| ());
        } else {
            self.edit(|list| list.push(turn));
        }
    }

    /// Changes the list in any way.
    pub fn edit(&mut self, change: impl FnOnce(&mut Vec<Turn>)) {
        let mut list = std::mem::take(&mut self.list);
        change(&mut list);
        *self = list.into();
    }

    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    pub fn tiles(&self) -> &Tiles {
        &self.tiles
    }

    /// The row of History that a turn is in.
    pub fn row(&self, id: &TurnId) -> Option<usize> {
        self.tree.row(self.place(id)?)
    }

    /// The turn in a row of History.
    pub fn in_row(&self, row: usize) -> Option<&Turn> {
        self.list.get(self.tree.place(row)?)
    }

    /// A turn and everything that grew from it.
    pub fn grown_from(&self, id: &TurnId) -> impl Iterator<Item = &Turn> {
        let places = self.place(id).map(|place| self.tree.grown_from(place));
        let places = places.unwrap_or_default().iter();
        places.filter_map(|place| self.list.get(*place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Request, SessionId, TurnStatus};

    fn turn(number: u32, parent: Option<u32>) -> Turn {
        let name = |number: u32| TurnId::from(number.to_string());
        let session = SessionId::from("s".to_owned());
        let mut turn = Turn::new(name(number), session, number, 0, Request::default());
        turn.parent = parent.map(name);
        turn
    }

    #[test]
    fn what_follows_from_the_list_follows_every_change() {
        let mut turns = Turns::from(vec![turn(1, None), turn(2, Some(1)), turn(3, Some(1))]);
        let row = |turns: &Turns, number: u32| turns.row(&TurnId::from(number.to_string()));
        assert_eq!((row(&turns, 3), row(&turns, 4)), (Some(2), None));
        turns.put(turn(4, Some(2)));
        assert_eq!((row(&turns, 3), row(&turns, 4)), (Some(3), Some(2)));
        let mut finished = turn(4, Some(2));
        finished.status = TurnStatus::Finished;
        turns.put(finished);
        assert_eq!((turns.len(), turns[3].status), (4, TurnStatus::Finished));
        let grown: Vec<u32> = turns.grown_from(&turns[1].id).map(|turn| turn.number).collect();
        assert_eq!(grown, [2, 4]);
        turns.put(turn(4, Some(3)));
        assert_eq!(row(&turns, 4), Some(3));
        turns.edit(|list| list.retain(|turn| turn.number != 2));
        assert_eq!((row(&turns, 3), row(&turns, 2)), (Some(1), None));
        assert_eq!(turns.in_row(2).map(|turn| turn.number), Some(4));
    }
}
