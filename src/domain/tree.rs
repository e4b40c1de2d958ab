//! The open session as rows, drawn like `git log --graph`. The screen and the
//! command line draw the same tree.

use super::{Turn, TurnId};

/// One turn and the lines left of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub turn: TurnId,
    /// Such as `│ └─`; the node's mark comes behind it.
    pub lines: String,
}

/// Every turn, parents before children, children in the order they were made. An only child is drawn a step in while
/// that leaves room in `width` cells, else straight below its parent: long sessions are mostly one chain.
pub fn rows(turns: &[Turn], width: u16) -> Vec<Row> {
    let stepped = draw(turns, false);
    let deepest = stepped.iter().map(|row| row.lines.chars().count()).max();
    if deepest.unwrap_or(0) <= usize::from(width) / 4 {
        stepped
    } else {
        draw(turns, true)
    }
}

/// A turn and everything that grew from it.
pub fn grown_from<'a>(turns: &'a [Turn], root: &TurnId) -> Vec<&'a Turn> {
    let mut grown: Vec<&Turn> = Vec::new();
    // A parent always comes before its children.
    for turn in turns {
        let of_grown = |parent: &TurnId| grown.iter().any(|known| known.id == *parent);
        if turn.id == *root || turn.parent.as_ref().is_some_and(of_grown) {
            grown.push(turn);
        }
    }
    grown
}

fn draw(turns: &[Turn], straight: bool) -> Vec<Row> {
    let mut rows = Vec::with_capacity(turns.len());
    // What is still to be drawn, the next one last: a turn, the lines left of it, and the lines left of its children.
    let mut waiting: Vec<(&Turn, String, String)> = Vec::new();
    let known = |id: &TurnId| turns.iter().any(|turn| turn.id == *id);
    let roots = turns
        .iter()
        .filter(|turn| !turn.parent.as_ref().is_some_and(known));
    waiting.extend(roots.rev().map(|turn| (turn, String::new(), String::new())));
    while let Some((turn, lines, below)) = waiting.pop() {
        let is_child = |child: &&Turn| child.parent.as_ref() == Some(&turn.id);
        let children: Vec<_> = turns.iter().filter(is_child).collect();
        let last = children.len().saturating_sub(1);
        for (index, child) in children.iter().enumerate().rev() {
            let (branch, trunk) = if straight && last == 0 {
                ("", "")
            } else if index == last {
                ("└─", "  ")
            } else {
                ("├─", "│ ")
            };
            waiting.push((child, format!("{below}{branch}"), format!("{below}{trunk}")));
        }
        rows.push(Row {
            turn: turn.id.clone(),
            lines,
        });
    }
    rows
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
        let draw = |row: Row| format!("{}{}", row.lines, row.turn);
        rows(&turns(parents), width).into_iter().map(draw).collect()
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
}
