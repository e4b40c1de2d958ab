//! Lines for people: lists in words, and paragraphs that fit a narrow terminal. It prints nothing.

/// The widest line; a terminal of 80 columns shows most of them whole, one of 100 all.
const WIDTH: usize = 98;

/// `text` in lines that begin with `indent` spaces; words longer than a line stay whole.
pub(super) fn paragraph(indent: usize, text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    let mut width = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let long = word.chars().count();
        if !line.is_empty() && indent + width + 1 + long > WIDTH {
            lines.push(std::mem::take(&mut line));
            width = 0;
        }
        if line.is_empty() {
            line.push_str(&" ".repeat(indent));
        } else {
            line.push(' ');
            width += 1;
        }
        line.push_str(word);
        width += long;
    }
    lines.extend((!line.is_empty()).then_some(line));
    lines
}

/// `1 model`, `2 models`.
pub(super) fn counted(number: usize, what: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{number} {what}{s}")
}

/// US dollars with as many decimals as they have, but two at least.
pub(super) fn dollars(usd: f64) -> String {
    let long = format!("{usd:.4}");
    let short = long.trim_end_matches('0');
    let decimals = short.split('.').next_back().map_or(0, str::len);
    format!("${}", &long[..short.len() + 2_usize.saturating_sub(decimals)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_narrow_and_money_is_short() {
        let text = "word ".repeat(60);
        let lines = paragraph(4, &text);
        assert!(lines.len() > 3);
        assert!(
            lines
                .iter()
                .all(|line| line.len() <= WIDTH && line.starts_with("    word"))
        );
        assert!(paragraph(2, "").is_empty());
        let money = [0.0336, 0.04, 1.5, 0.134, 2.0].map(dollars);
        assert_eq!(money, ["$0.0336", "$0.04", "$1.50", "$0.134", "$2.00"]);
        assert_eq!(
            (counted(1, "model"), counted(0, "model")),
            ("1 model".into(), "0 models".into())
        );
    }
}
