//! How long a server asks to wait, in whatever way it says so. No clock: a date is measured against the answer's own.

use super::Head;
use super::facts::Facts;

/// Seconds; the first that is said of `RetryInfo`, `Retry-After`, and "Please retry in 34.07s".
pub(super) fn seconds(facts: &Facts, head: &Head) -> Option<f64> {
    let info = facts.retry_delay.as_deref().and_then(duration);
    let header = || {
        let text = head.retry_after.as_deref()?.trim();
        duration(text).or_else(|| {
            let date = date(text)?;
            let now = date_of(head)?;
            (date >= now).then(|| f64::from(u32::try_from(date - now).unwrap_or(u32::MAX)))
        })
    };
    let sentence = || {
        let lower = facts.message.to_lowercase();
        let words = ["retry in ", "try again in ", "retry after ", "try again after "];
        let rest = words
            .iter()
            .find_map(|words| lower.split_once(words))
            .map(|(_, rest)| rest)?;
        let mut words = rest
            .split_whitespace()
            .map(|word| word.trim_end_matches(['.', ',', ';', ')']));
        let number = duration(words.next()?)?;
        Some(number * words.next().map_or(1.0, unit))
    };
    info.or_else(header).or_else(sentence)
}

fn date_of(head: &Head) -> Option<i64> {
    head.date.as_deref().and_then(|text| date(text.trim()))
}

/// A unit that stands apart from its number; any other word is none.
fn unit(word: &str) -> f64 {
    match word {
        "minute" | "minutes" | "min" | "mins" => 60.0,
        "hour" | "hours" => 3600.0,
        "day" | "days" => 86_400.0,
        "millisecond" | "milliseconds" | "ms" => 0.001,
        _ => 1.0,
    }
}

/// `34`, `34s`, `34.07s`, `500ms`, `1h2m3.5s`.
fn duration(text: &str) -> Option<f64> {
    let mut total = 0.0;
    let mut rest = text;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest
            .find(|character: char| !character.is_ascii_digit() && character != '.')
            .unwrap_or(rest.len());
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let unit = rest
            .find(|character: char| character.is_ascii_digit())
            .unwrap_or(rest.len());
        total += number
            * match &rest[..unit] {
                "" | "s" => 1.0,
                "ms" => 0.001,
                "m" => 60.0,
                "h" => 3600.0,
                _ => return None,
            };
        rest = &rest[unit..];
    }
    // More digits than a number has is longer than anybody waits.
    Some(total.min(f64::from(u32::MAX)))
}

/// Seconds since 1970 of an HTTP date: `Sun, 06 Nov 1994 08:49:37 GMT`.
fn date(text: &str) -> Option<i64> {
    let (_, rest) = text.split_once(", ")?;
    let words: Vec<&str> = rest.split(' ').collect();
    let [day, month, year, time, "GMT"] = words[..] else {
        return None;
    };
    let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let month = i64::try_from(months.iter().position(|name| *name == month)?).ok()? + 1;
    let (day, year): (i64, i64) = (day.parse().ok()?, year.parse().ok()?);
    let clock: Vec<i64> = time.split(':').map_while(|part| part.parse().ok()).collect();
    let [hour, minute, second] = clock[..] else {
        return None;
    };
    if !(1..=31).contains(&day) || !(1970..=9999).contains(&year) {
        return None;
    }
    // Years that begin in March put the leap day last.
    let years = if month > 2 { year } else { year - 1 };
    let days = years * 365 + years / 4 - years / 100 + years / 400 + (153 * ((month + 9) % 12) + 2) / 5 + day;
    Some((days - 719_469) * 86_400 + hour * 3600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(delay: Option<&str>, after: Option<&str>, message: &str) -> Option<f64> {
        let facts = Facts {
            retry_delay: delay.map(str::to_owned),
            message: message.to_owned(),
            ..Facts::default()
        };
        let head = Head {
            retry_after: after.map(str::to_owned),
            date: Some("Fri, 20 Nov 2026 08:15:30 GMT".to_owned()),
            ..Head::default()
        };
        seconds(&facts, &head)
    }

    #[test]
    fn every_way_to_ask_for_patience_is_understood() {
        assert_eq!(wait(Some("34.5s"), Some("7"), "Please retry in 9s."), Some(34.5));
        assert_eq!(wait(None, Some("7"), "Please retry in 9s."), Some(7.0));
        assert_eq!(wait(None, Some("Fri, 20 Nov 2026 08:16:00 GMT"), ""), Some(30.0));
        assert_eq!(wait(None, Some("Fri, 20 Nov 2026 08:15:00 GMT"), ""), None);
        assert_eq!(wait(None, Some("soon"), "Please retry in 34.25s."), Some(34.25));
        assert_eq!(wait(None, None, "Please retry in 1h2m3s"), Some(3723.0));
        assert_eq!(wait(None, None, "Please retry in 500ms."), Some(0.5));
        assert_eq!(wait(None, None, "Please retry in a while"), None);
        assert_eq!(wait(None, None, "Please try again in 20s. Visit"), Some(20.0));
        assert_eq!(wait(None, None, "try again in 2 minutes."), Some(120.0));
        assert_eq!(wait(None, None, "Retry after 30 seconds"), Some(30.0));
        assert_eq!(
            wait(Some(&"9".repeat(400)), None, ""),
            Some(f64::from(u32::MAX)),
            "absurd, but not absent"
        );
        assert_eq!(date("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(date("Tue, 29 Feb 2000 12:00:00 GMT"), Some(951_825_600));
    }
}
