//! The open session as rows, drawn like `git log --graph`. The screen and the
//! command line draw the same tree.

use std::collections::HashMap;

use super::{Turn, TurnId};

/// Columns that a row keeps for its mark, its number and some words; the lines are cut on their left for them.
const WORDS: usize = 16;
/// Columns that lines may take in any case.
const FEWEST: usize = 8;
/// Columns that a branch takes.
const STEP: usize = 2;

/// Where each turn of a list stands in its tree. It holds no turn: a place is an index into the list that it was made
/// of. Making it takes time in proportion to the list; what is drawn of it is formatted row by row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    nodes: Vec<Node>,
    /// The place of each row's turn: parents before children, children in the order they were made.
    rows: Vec<usize>,
    /// How deep the deepest node lies; a root lies at 0.
    deepest: usize,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Node {
    row: usize,
    /// How many turns grew from it, over all generations.
    grown: usize,
    parent: Option<usize>,
    has_child: bool,
    /// It is the only child of its parent.
    is_only: bool,
    /// It is the last child of its parent.
    is_last: bool,
    /// The nearest of its ancestors, itself included, that has siblings: chains are drawn straight below it.
    branch: Option<usize>,
}

impl Tree {
    pub fn new(turns: &[Turn]) -> Self {
        let places: HashMap<&TurnId, usize> =
            turns.iter().zip(0..).map(|(turn, at)| (&turn.id, at)).collect();
        let parents: Vec<Option<usize>> = turns
            .iter()
            .map(|turn| places.get(turn.parent.as_ref()?).copied())
            .collect();
        let mut children: Vec<Vec<usize>> = vec![Vec::new(); turns.len()];
        for (place, parent) in parents.iter().enumerate() {
            if let Some(parent) = parent {
                children[*parent].push(place);
            }
        }
        let mut tree = Self {
            nodes: vec![Node::default(); turns.len()],
            rows: Vec::with_capacity(turns.len()),
            deepest: 0,
        };
        let mut is_drawn = vec![false; turns.len()];
        let roots = (0..turns.len()).filter(|place| parents[*place].is_none());
        // Turns that grew from each other in a circle have no root, and are drawn all the same.
        for root in roots.chain(0..turns.len()) {
            if !is_drawn[root] {
                tree.add(root, &children, &mut is_drawn);
            }
        }
        tree.count();
        tree
    }

    /// Takes in a root and what grew from it, without recursion: chains are as long as sessions are.
    fn add(&mut self, root: usize, children: &[Vec<usize>], is_drawn: &mut [bool]) {
        is_drawn[root] = true;
        let mut waiting = vec![(root, 0)];
        while let Some((place, depth)) = waiting.pop() {
            self.nodes[place].row = self.rows.len();
            self.rows.push(place);
            self.deepest = self.deepest.max(depth);
            let branch = self.nodes[place].branch;
            let mut grown: Vec<usize> = Vec::new();
            for child in &children[place] {
                if !std::mem::replace(&mut is_drawn[*child], true) {
                    grown.push(*child);
                }
            }
            self.nodes[place].has_child = !grown.is_empty();
            let is_only = grown.len() == 1;
            for (index, child) in grown.iter().enumerate().rev() {
                let node = &mut self.nodes[*child];
                node.parent = Some(place);
                node.is_only = is_only;
                node.is_last = index + 1 == grown.len();
                node.branch = if is_only { branch } else { Some(*child) };
                waiting.push((*child, depth + 1));
            }
        }
    }

    /// Counts what grew from each: children come after their parents.
    fn count(&mut self) {
        for place in self.rows.iter().rev() {
            let Node { grown, parent, .. } = self.nodes[*place];
            if let Some(parent) = parent {
                self.nodes[parent].grown += grown + 1;
            }
        }
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The place of the turn in this row.
    pub fn place(&self, row: usize) -> Option<usize> {
        self.rows.get(row).copied()
    }

    /// The row of the turn at this place.
    pub fn row(&self, place: usize) -> Option<usize> {
        self.nodes.get(place).map(|node| node.row)
    }

    /// The places of a turn and of everything that grew from it.
    pub fn grown_from(&self, place: usize) -> &[usize] {
        let rows = self.nodes.get(place).map(|node| node.row..=node.row + node.grown);
        rows.and_then(|rows| self.rows.get(rows)).unwrap_or_default()
    }

    /// The lines left of the turn in this row, for rows of `width` cells. An only child is drawn a step in while that
    /// leaves room, else straight below its parent: long sessions are mostly one chain. Lines that would leave no room
    /// for words are cut on their left.
    pub fn lines(&self, row: usize, width: u16) -> String {
        self.drawn(row, width, false)
    }

    /// The lines that go on below the turn in this row, left of what stands there: those of its children and of the
    /// turns above it.
    pub fn lines_below(&self, row: usize, width: u16) -> String {
        let mut lines = self.drawn(row, width, true);
        let has_child = self.place(row).is_some_and(|place| self.nodes[place].has_child);
        lines.push(if has_child { '│' } else { ' ' });
        lines
    }

    fn drawn(&self, row: usize, width: u16, below: bool) -> String {
        let Some(place) = self.place(row) else {
            return String::new();
        };
        let most = usize::from(width).saturating_sub(WORDS).max(FEWEST) / STEP;
        let mut above: Vec<usize> = self.drawers(place, width).take(most + 1).collect();
        let mut lines = String::new();
        if above.len() > most {
            above.pop();
            lines.push('…');
        }
        for node in above.into_iter().rev() {
            let is_own = node == place && !below;
            lines.push_str(match (is_own, self.nodes[node].is_last) {
                (true, true) => "└─",
                (true, false) => "├─",
                (false, true) => "  ",
                (false, false) => "│ ",
            });
        }
        lines
    }

    /// The nodes whose lines are drawn left of a node, from itself up: all but roots, and in a tree that is too deep for
    /// this width all but only children.
    fn drawers(&self, place: usize, width: u16) -> impl Iterator<Item = usize> {
        let is_straight = self.deepest * STEP > usize::from(width) / 4;
        let nearest = move |place: usize| {
            let node = &self.nodes[place];
            if is_straight {
                node.branch
            } else {
                node.parent.map(|_| place)
            }
        };
        std::iter::successors(nearest(place), move |node| nearest(self.nodes[*node].parent?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Request, SessionId};

    fn turns(parents: &[u32]) -> Vec<Turn> {
        let name = |number: u32| TurnId::from(number.to_string());
        let turn = |(number, parent): (u32, &u32)| {
            let session = SessionId::from("s".to_owned());
            let mut turn = Turn::new(name(number), session, number, 0, Request::default());
            turn.parent = (*parent > 0).then(|| name(*parent));
            turn
        };
        (1..).zip(parents).map(turn).collect()
    }

    fn drawn(parents: &[u32], width: u16) -> Vec<String> {
        let turns = turns(parents);
        let tree = Tree::new(&turns);
        let draw = |(row, place): (usize, &usize)| format!("{}{}", tree.lines(row, width), turns[*place].id);
        tree.rows.iter().enumerate().map(draw).collect()
    }

    #[test]
    fn branches_are_drawn_like_git_does() {
        assert_eq!(drawn(&[0, 1, 1, 2], 20), ["1", "├─2", "│ └─4", "└─3"]);
    }

    #[test]
    fn a_long_chain_stays_straight() {
        assert_eq!(
            drawn(&[0, 1, 2, 3, 4, 3], 12),
            ["1", "2", "3", "├─4", "│ 5", "└─6"]
        );
    }

    #[test]
    fn several_roots_and_lost_parents_are_all_drawn() {
        assert_eq!(drawn(&[0, 0, 9], 20), ["1", "2", "3"]);
    }

    #[test]
    fn turns_in_a_circle_are_all_drawn_once() {
        assert_eq!(drawn(&[0, 3, 2, 4, 3], 80), ["1", "2", "└─3", "  └─5", "4"]);
    }

    #[test]
    fn lines_go_on_below_a_turn_to_its_children_and_to_those_of_others() {
        let tree = Tree::new(&turns(&[0, 1, 1, 2]));
        let below: Vec<_> = (0..4).map(|row| tree.lines_below(row, 20)).collect();
        assert_eq!(below, ["│", "│ │", "│    ", "   "]);
    }

    #[test]
    fn what_grew_from_a_turn_is_known_over_all_generations() {
        let tree = Tree::new(&turns(&[0, 1, 1, 2, 4, 3]));
        assert_eq!(tree.grown_from(1), [1, 3, 4]);
        assert_eq!(tree.grown_from(0).len(), 6);
        assert_eq!(tree.grown_from(5), [5]);
        assert_eq!(tree.grown_from(9), [] as [usize; 0]);
        assert_eq!((tree.row(2), tree.place(4)), (Some(4), Some(2)));
    }

    #[test]
    fn deep_branches_leave_room_for_words() {
        // Each turn has two children, of which the second goes on.
        let parents: Vec<u32> = (0..4_001)
            .map(|at| if at == 0 { 0 } else { at - (at - 1) % 2 })
            .collect();
        let tree = Tree::new(&turns(&parents));
        for width in [10, 24, 40, 200] {
            for row in [0, 1, 2, 30, 4_000] {
                let lines = tree.lines(row, width);
                let cells = lines.chars().count();
                assert!(
                    cells <= usize::from(width).saturating_sub(15).max(9),
                    "{width} {cells}"
                );
                assert_eq!(
                    lines.starts_with('…'),
                    row >= 30 && width < 200 || row == 4_000,
                    "{lines}"
                );
            }
        }
        assert!(tree.lines(4_000, 24).ends_with("└─"));
    }

    #[test]
    fn a_chain_of_a_hundred_thousand_turns_is_laid_out_at_once() {
        let parents: Vec<u32> = (0..100_000).collect();
        let tree = Tree::new(&turns(&parents));
        assert_eq!(tree.lines(99_999, 80), "");
        assert_eq!(tree.grown_from(0).len(), 100_000);
    }
}
