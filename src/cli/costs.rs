//! `tintype costs`: what was spent, by day, provider and model. It sums what the store has and prices nothing.

use std::fmt::Write as _;

use serde::Serialize;

use super::args::{By, Costs};
use super::output;
use super::report::json;
use crate::error::Result;
use crate::store::{Spending, Store};

/// A line of the table: a sum over what its first columns name.
#[derive(Debug, Serialize)]
struct Line {
    #[serde(skip_serializing_if = "Option::is_none")]
    day: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    turns: u32,
    pictures: u32,
    /// Turns whose cost nobody knows; it is not in the sum.
    unknown: u32,
    usd: f64,
    exact: bool,
}

#[derive(Serialize)]
struct Shown<'a> {
    since: &'a str,
    rows: &'a [Line],
    sum: &'a Line,
}

/// Prints what was spent in the last days. `today` (`YYYY-MM-DD`) is the local day, and the offset tells where days
/// begin.
pub fn run(store: &Store, args: &Costs, today: &str, utc_offset_s: i32) -> Result<u8> {
    let since = first_day(today, args.days);
    let mut spent = store.spending(utc_offset_s)?;
    spent.retain(|spending| spending.day.as_str() >= since.as_str());
    let lines = grouped(&spent, args.by);
    let mut total = Line::named(None, None, None);
    for spending in &spent {
        total.add(spending);
    }
    if args.table.json {
        output::json(&json(&Shown {
            since: &since,
            rows: &lines,
            sum: &total,
        }));
        return Ok(0);
    }
    if lines.is_empty() {
        output::note(&match args.days {
            1 => "Nothing was spent today".to_owned(),
            days => format!("Nothing was spent in the last {days} days"),
        });
        return Ok(0);
    }
    for line in table(&lines, &total) {
        output::line(&line);
    }
    for note in notes(&total) {
        output::note(&note);
    }
    Ok(0)
}

impl Line {
    fn named(day: Option<&str>, provider: Option<&str>, model: Option<&str>) -> Self {
        let [day, provider, model] = [day, provider, model].map(|name| name.map(str::to_owned));
        Self {
            day,
            provider,
            model,
            turns: 0,
            pictures: 0,
            unknown: 0,
            usd: 0.0,
            exact: true,
        }
    }

    fn add(&mut self, spending: &Spending) {
        self.turns += spending.turns;
        self.pictures += spending.pictures;
        self.unknown += spending.unknown;
        // Millionths of a dollar: what is below them is only the arithmetic's.
        self.usd = ((self.usd + spending.usd) * 1e6).round() / 1e6;
        self.exact &= spending.exact;
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        [&self.day, &self.provider, &self.model]
            .into_iter()
            .flatten()
            .map(String::as_str)
    }

    fn sum(&self) -> String {
        let about = if self.exact { "" } else { "\u{2248}" };
        format!("{about}${:.3}", self.usd)
    }
}

/// The sums that are asked for: days newest first, else what cost most first.
fn grouped(spent: &[Spending], by: Option<By>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for spending in spent {
        let (day, provider, model) = (&*spending.day, &*spending.provider, &*spending.model);
        let name = match by {
            None => Line::named(Some(day), Some(provider), Some(model)),
            Some(By::Day) => Line::named(Some(day), None, None),
            Some(By::Provider) => Line::named(None, Some(provider), None),
            Some(By::Model) => Line::named(None, Some(provider), Some(model)),
        };
        let known = lines.iter().position(|line| line.names().eq(name.names()));
        let at = known.unwrap_or_else(|| {
            lines.push(name);
            lines.len() - 1
        });
        lines[at].add(spending);
    }
    if matches!(by, Some(By::Provider | By::Model)) {
        lines.sort_by(|one, other| other.usd.total_cmp(&one.usd));
    }
    lines
}

/// The lines as text, in columns, with the total below them.
fn table(lines: &[Line], total: &Line) -> Vec<String> {
    let count = lines.first().map_or(0, |line| line.names().count());
    let width = |column: usize| {
        let names = lines.iter().filter_map(|line| line.names().nth(column));
        names.map(|name| name.chars().count()).max().unwrap_or_default()
    };
    let mut widths: Vec<usize> = (0..count).map(width).collect();
    if let Some(first) = widths.first_mut() {
        *first = (*first).max("total".len());
    }
    let row = |names: Vec<&str>, line: &Line| {
        let mut text = String::new();
        for (column, width) in widths.iter().enumerate() {
            let name = names.get(column).copied().unwrap_or_default();
            let _ = write!(text, "{name:width$}  ");
        }
        let (turns, pictures) = (counted(line.turns, "turn"), counted(line.pictures, "picture"));
        let _ = write!(text, "{turns:>9}  {pictures:>12}  {:>9}", line.sum());
        text
    };
    let mut rows: Vec<String> = lines
        .iter()
        .map(|line| row(line.names().collect(), line))
        .collect();
    if lines.len() > 1 {
        rows.push(row(vec!["total"], total));
    }
    rows
}

fn counted(count: u32, what: &str) -> String {
    // The column stays straight.
    let many = if count == 1 { " " } else { "s" };
    format!("{count} {what}{many}")
}

fn notes(total: &Line) -> Vec<String> {
    let mut notes = Vec::new();
    if !total.exact {
        notes.push(
            "\u{2248} has a part that was reckoned by Google's list prices; a relay bills by its own"
                .to_owned(),
        );
    }
    match total.unknown {
        0 => {}
        1 => notes.push("Nobody knows what 1 of the turns cost; it is not in the sum".to_owned()),
        more => notes.push(format!(
            "Nobody knows what {more} of the turns cost; they are not in the sum"
        )),
    }
    notes
}

/// The first of so many days that end today.
fn first_day(today: &str, days: u32) -> String {
    let today: jiff::civil::Date = today.parse().unwrap_or(jiff::civil::Date::MAX);
    let before = jiff::Span::new().days(i64::from(days.clamp(1, 36_500)) - 1);
    today.saturating_sub(before).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spending(day: &str, provider: &str, usd: f64, exact: bool) -> Spending {
        Spending {
            day: day.to_owned(),
            provider: provider.to_owned(),
            model: "gemini-3-pro-image".to_owned(),
            turns: 1,
            pictures: 2,
            unknown: 0,
            usd,
            exact,
        }
    }

    #[test]
    fn sums_stand_in_columns_with_a_total() {
        let spent = [
            spending("2026-11-20", "anyfast", 0.134, false),
            spending("2026-11-20", "google", 0.24, true),
            spending("2026-11-19", "google", 10.2, true),
        ];
        let mut total = Line::named(None, None, None);
        for spending in &spent {
            total.add(spending);
        }
        assert_eq!(
            table(&grouped(&spent, None), &total),
            [
                "2026-11-20  anyfast  gemini-3-pro-image    1 turn     2 pictures    \u{2248}$0.134",
                "2026-11-20  google   gemini-3-pro-image    1 turn     2 pictures     $0.240",
                "2026-11-19  google   gemini-3-pro-image    1 turn     2 pictures    $10.200",
                "total                                      3 turns    6 pictures   \u{2248}$10.574",
            ]
        );
        assert_eq!(
            table(&grouped(&spent, Some(By::Provider)), &total),
            [
                "google     2 turns    4 pictures    $10.440",
                "anyfast    1 turn     2 pictures    \u{2248}$0.134",
                "total      3 turns    6 pictures   \u{2248}$10.574",
            ]
        );
        let days = grouped(&spent, Some(By::Day));
        assert_eq!(
            days.iter().map(|line| line.exact).collect::<Vec<_>>(),
            [false, true]
        );
        assert_eq!(table(&days[..1], &total).len(), 1);
    }

    #[test]
    fn the_last_days_end_today() {
        assert_eq!(first_day("2026-11-20", 1), "2026-11-20");
        assert_eq!(first_day("2026-03-01", 2), "2026-02-28");
        assert_eq!(first_day("2026-11-20", u32::MAX), "1926-12-16");
    }
}
