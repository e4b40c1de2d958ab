//! Amounts, times and names in the few words that titles and the status line have room for.

use std::path::Path;

use crate::domain::{Output, Reference, Tuning, Turn, clean_line};
use crate::error::Error;

use super::model::Model;
use super::text;

/// `1.6 MB`: decimal units, as network speeds and providers' limits use them.
pub fn bytes(count: u64) -> String {
    let tenths = |unit: u64| {
        let tenths = (count + unit / 20) / (unit / 10);
        format!("{}.{}", tenths / 10, tenths % 10)
    };
    match count {
        0..1_000 => format!("{count} B"),
        1_000..999_500 => format!("{} KB", (count + 500) / 1_000),
        999_500..999_950_000 => format!("{} MB", tenths(1_000_000)),
        _ => format!("{} GB", tenths(1_000_000_000)),
    }
}

/// `3.2 s`, from a minute on `1 min 05 s`.
pub fn duration(ms: u64) -> String {
    if ms < 60_000 {
        format!("{}.{} s", ms / 1_000, ms % 1_000 / 100)
    } else {
        format!("{} min {:02} s", ms / 60_000, ms % 60_000 / 1_000)
    }
}

/// `1,392 tokens`.
pub fn tokens(count: u64) -> String {
    let digits = count.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let word = if count == 1 { "token" } else { "tokens" };
    format!("{grouped} {word}")
}

/// How many days ago that was; what is to come is today. The offset is today's: a date from across a change of daylight
/// saving time may be an hour off, which only a midnight would notice.
pub fn days_ago(ms: i64, now_ms: i64, utc_offset_s: i32) -> i64 {
    (day_of(now_ms, utc_offset_s) - day_of(ms, utc_offset_s)).max(0)
}

/// Days since 1970, where the user is.
fn day_of(ms: i64, utc_offset_s: i32) -> i64 {
    (ms.div_euclid(1_000) + i64::from(utc_offset_s)).div_euclid(86_400)
}

/// `Today`, `Yesterday`, the weekday for a week, then the date.
pub fn day(ms: i64, now_ms: i64, utc_offset_s: i32) -> String {
    let (day, today) = (day_of(ms, utc_offset_s), day_of(now_ms, utc_offset_s));
    let (year, month, date) = civil(day);
    match days_ago(ms, now_ms, utc_offset_s) {
        0 => "Today".to_owned(),
        1 => "Yesterday".to_owned(),
        2..=6 => WEEKDAYS[usize::try_from((day + 3).rem_euclid(7)).unwrap_or(0)].to_owned(),
        _ if civil(today).0 == year => format!("{date} {month}"),
        _ => format!("{date} {month} {year}"),
    }
}

const WEEKDAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Year, month and day of the month of a day counted from 1970 (Howard Hinnant's `civil_from_days`).
fn civil(day: i64) -> (i64, &'static str, i64) {
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let date = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2).rem_euclid(12);
    let year = year_of_era + era * 400 + i64::from(month < 2);
    (year, MONTHS[usize::try_from(month).unwrap_or(0)], date)
}

/// The title of a session that begins with this prompt.
pub fn title(prompt: &str) -> String {
    text::fit(&clean_line(prompt), 48)
}

/// `#4 in red fox logo`, or `#4` in the session on screen.
pub fn name(model: &Model, turn: &Turn) -> String {
    let number = format!("#{}", turn.number);
    if model.open.id.as_ref() == Some(&turn.session) {
        return number;
    }
    let session = model
        .sessions
        .list
        .iter()
        .find(|session| session.id == turn.session);
    session.map_or(number.clone(), |session| {
        format!("{number} in {}", title(&session.title))
    })
}

/// `1344×768 png · 1.6 MB · asked 16:9 got 16:9` of the picture that stands for a turn; the longest wording that
/// comes first is followed by shorter ones.
pub fn picture(turn: &Turn) -> Vec<String> {
    let number = format!("#{}", turn.number);
    let Some(image) = turn.picture() else {
        return vec![format!("{number}{}", mark(turn))];
    };
    let format = image.mime.extension();
    let size = match (image.width, image.height) {
        (0, _) | (_, 0) => format.to_owned(),
        (width, height) => format!("{width}×{height} {format}"),
    };
    let weight = bytes(image.bytes);
    let got = turn.request.aspect_ratio.as_ref().map(|asked| {
        let got = ratio(image.width, image.height, asked.as_str());
        format!(" · asked {asked} got {got}")
    });
    let mark = mark(turn);
    let mut wordings = vec![
        format!("{number} · {size} · {weight}{mark}"),
        format!("{number} · {size}{mark}"),
        format!("{number}{mark}"),
    ];
    if let Some(got) = got {
        wordings.insert(0, format!("{number} · {size} · {weight}{got}{mark}"));
    }
    wordings
}

/// ` · ! 1 warning`: not everything went as asked, and the details say what.
pub fn mark(turn: &Turn) -> String {
    match count(turn.warnings.len(), "warning").as_str() {
        "" => String::new(),
        warnings => format!(" · ! {warnings}"),
    }
}

/// The ratio of a picture: what was asked for where it is that (to 2 %: models round to multiples of 8 or 16), else the
/// nearest of the ratios that models list, else in lowest terms.
fn ratio(width: u32, height: u32, asked: &str) -> String {
    const KNOWN: [&str; 14] = [
        "1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9", "1:4", "4:1", "1:8", "8:1",
    ];
    if width == 0 || height == 0 {
        return "unknown".to_owned();
    }
    let is_close = |name: &&str| {
        let (wide, high) = name.split_once(':').unwrap_or(("1", "1"));
        let parse = |part: &str| part.parse::<u64>().unwrap_or(1).max(1);
        let (left, right) = (u64::from(width) * parse(high), u64::from(height) * parse(wide));
        left.abs_diff(right) * 50 <= left.max(right)
    };
    let candidates = std::iter::once(asked).chain(KNOWN);
    if let Some(name) = candidates.into_iter().find(is_close) {
        return name.to_owned();
    }
    let divisor = divisor(width, height);
    format!("{}:{}", width / divisor, height / divisor)
}

fn divisor(mut one: u32, mut other: u32) -> u32 {
    while other != 0 {
        (one, other) = (other, one % other);
    }
    one.max(1)
}

/// The name of a file, without its folders.
pub fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    clean_line(&name.to_string_lossy())
}

/// The user's name of a reference, else the name of its file.
pub fn reference(reference: &Reference) -> String {
    if reference.name.is_empty() {
        file_name(&reference.path)
    } else {
        clean_line(&reference.name)
    }
}

/// The host of an address, as a question about it names it; never what stands before an `@`, which only looks like one.
pub fn host(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    clean_line(host)
}

/// What a request says beyond prompt, ratio, size and thinking level, a few words each.
pub fn tuning(tuning: &Tuning) -> Vec<String> {
    let number = |name: &str, value: Option<String>| value.map(|value| format!("{name} {value}"));
    let flag = |name: &str, is_set: bool| is_set.then(|| name.to_owned());
    let all = [
        flag("system instruction", tuning.system.is_some()),
        number(
            "temperature",
            tuning.temperature.as_ref().map(ToString::to_string),
        ),
        number("top-p", tuning.top_p.as_ref().map(ToString::to_string)),
        number("top-k", tuning.top_k.as_ref().map(ToString::to_string)),
        number("seed", tuning.seed.as_ref().map(ToString::to_string)),
        number("max tokens", tuning.max_tokens.as_ref().map(ToString::to_string)),
        flag("no thoughts", tuning.no_thoughts),
        flag("safety settings", !tuning.safety.is_empty()),
        flag("search", tuning.search),
        flag("tools", tuning.tools.is_some()),
        flag("image only", tuning.output == Output::Images),
        flag("text or image", tuning.output == Output::Text),
        number("candidates", tuning.candidates.as_ref().map(ToString::to_string)),
        flag("unchecked", tuning.unchecked),
    ];
    all.into_iter().flatten().collect()
}

/// `1 warning`, `2 links`; empty where there are none.
pub fn count(count: usize, what: &str) -> String {
    match count {
        0 => String::new(),
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    }
}

/// What happened with the server's own sentence, and what to do next and whether it may cost, each cleaned.
pub fn error(error: &Error) -> (String, String) {
    let bill = error.billed.says().unwrap_or_default();
    let next = match (error.hint.as_str(), bill) {
        (hint, "") => hint.to_owned(),
        ("", bill) => bill.to_owned(),
        (hint, bill) => format!("{hint}; {bill}"),
    };
    (clean_line(&error.to_string()), clean_line(&next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_as_people_write_them() {
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(264_400), "264 KB");
        assert_eq!(bytes(999_700), "1.0 MB");
        assert_eq!(bytes(1_634_211), "1.6 MB");
        assert_eq!(bytes(2_000_000_000), "2.0 GB");
        assert_eq!(duration(3_270), "3.2 s");
        assert_eq!(duration(65_000), "1 min 05 s");
        assert_eq!(tokens(1), "1 token");
        assert_eq!(tokens(1_392), "1,392 tokens");
    }

    #[test]
    fn a_host_is_where_the_bytes_come_from() {
        assert_eq!(host("https://cdn.example.com/a.png?x=1"), "cdn.example.com");
        assert_eq!(host("https://google.com@evil.example/a"), "evil.example");
        assert_eq!(host("https://evil.example\\@google.com/a"), "evil.example");
        assert_eq!(host("http://[::1]:8080/a"), "[::1]:8080");
        assert_eq!(host("x\x1b[31m"), "x␛[31m");
    }

    #[test]
    fn days_are_named_from_now_where_the_user_is() {
        let noon = 1_795_176_000_000; // 2026-11-20 12:00 UTC, a Friday
        let day_ms = 86_400_000;
        assert_eq!(day(noon - 3_600_000, noon, 0), "Today");
        assert_eq!(day(noon + 3_600_000, noon, 0), "Today");
        assert_eq!(day(noon - day_ms, noon, 0), "Yesterday");
        assert_eq!(day(noon - 13 * 3_600_000, noon, 0), "Yesterday");
        assert_eq!(day(noon - 13 * 3_600_000, noon, 3 * 3_600), "Today");
        assert_eq!(day(noon - 3 * day_ms, noon, 0), "Tuesday");
        assert_eq!(day(noon - 30 * day_ms, noon, 0), "21 October");
        assert_eq!(day(noon - 400 * day_ms, noon, 0), "16 October 2025");
        assert_eq!(day(0, noon, 0), "1 January 1970");
    }

    #[test]
    fn a_ratio_is_called_what_was_asked_when_it_is_that() {
        assert_eq!(ratio(1344, 768, "16:9"), "16:9");
        assert_eq!(ratio(1024, 1024, "16:9"), "1:1");
        assert_eq!(ratio(1584, 672, "21:9"), "21:9");
        assert_eq!(ratio(500, 300, "1:1"), "5:3");
    }
}
