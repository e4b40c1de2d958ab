use ratatui::Terminal;
use ratatui::buffer::CellWidth;
use ratatui::style::{Style, Stylize};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Paragraph};

use super::*;

const WINDOW: Window = Window {
    columns: 80,
    rows: 24,
    width: 0,
    height: 0,
};

/// A terminal that is drawn on, and a real one's idea of what came out.
struct Both {
    terminal: Terminal<Screen>,
    shown: vt100::Parser,
}

impl Both {
    fn new() -> Self {
        Self {
            terminal: Terminal::new(Screen::new(WINDOW)).unwrap(),
            shown: vt100::Parser::new(24.try_into().unwrap(), 80.try_into().unwrap(), 0),
        }
    }

    /// Draws, and says what was sent for it.
    fn draw(&mut self, lines: &[Line<'_>], cursor: Option<(u16, u16)>) -> Vec<u8> {
        let result = self.terminal.draw(|frame| {
            frame.render_widget(Paragraph::new(lines.to_vec()), frame.area());
            if let Some(cursor) = cursor {
                frame.set_cursor_position(cursor);
            }
        });
        let Ok(_) = result;
        let bytes = self.terminal.backend_mut().take_frame().unwrap_or_default();
        self.shown.process(&bytes);
        bytes
    }
}

fn line(text: &str) -> Line<'static> {
    Line::from(text.to_owned())
}

#[test]
fn a_cell_that_nobody_cleaned_is_no_command() {
    let tower = format!("z{}", "\u{337}".repeat(5_000));
    let symbols = [
        "\x1b]52;c;aGk=\x07",
        "\u{9b}2J",
        "\x08",
        "\u{202e}",
        "\r",
        &tower,
        "\u{2028}",
    ];
    // ratatui itself would stop at some of them, in debug builds.
    let mut screen = Screen::new(WINDOW);
    let cells: Vec<Cell> = symbols
        .iter()
        .map(|symbol| {
            let mut cell = Cell::default();
            cell.set_symbol(symbol);
            cell
        })
        .collect();
    let Ok(()) = screen.draw(cells.iter().map(|cell| (0, 0, cell)));
    let text = String::from_utf8(screen.take_frame().unwrap()).unwrap();
    assert_eq!(text.matches('\u{fffd}').count(), symbols.len(), "{text:?}");
    let hostile = [
        "]52", "\u{9b}", "\x08", "\u{202e}", "\r", "\u{337}", "\u{2028}", "\x07",
    ];
    assert!(hostile.iter().all(|teeth| !text.contains(teeth)), "{text:?}");
}

#[test]
fn an_unchanged_frame_is_no_bytes_and_a_typed_character_is_few() {
    let mut both = Both::new();
    let first = both.draw(&[line("\u{203a} a photo")], Some((9, 0)));
    assert!(first.starts_with(b"\x1b[m\x1b[2J"));
    assert_eq!(both.draw(&[line("\u{203a} a photo")], Some((9, 0))), b"");
    let typed = both.draw(&[line("\u{203a} a photo ")], Some((10, 0)));
    assert!(typed.len() <= 6, "{:?}", String::from_utf8_lossy(&typed));
    let typed = both.draw(&[line("\u{203a} a photo o")], Some((11, 0)));
    assert_eq!(typed, b"o");
    let erased = both.draw(&[line("\u{203a} a photo ")], Some((10, 0)));
    assert!(erased.len() <= 20, "{:?}", String::from_utf8_lossy(&erased));
    assert_eq!(both.shown.screen().cursor_position(), (0, 10));
    let hidden = both.draw(&[line("\u{203a} a photo ")], None);
    assert_eq!(hidden, HIDE);
    assert_eq!(both.draw(&[line("\u{203a} a photo ")], None), b"");
}

#[test]
fn the_terminal_shows_what_was_drawn() {
    let styles = [
        Style::new(),
        Style::new().bold(),
        Style::new().dim().italic(),
        Style::new().fg(Color::Indexed(31)).bg(Color::Rgb(1, 2, 3)),
        Style::new().red().on_light_blue().reversed(),
        Style::new().underlined(),
        Style::new().bg(Color::DarkGray),
    ];
    let mut both = Both::new();
    for round in 0..styles.len() * 2 {
        let lines: Vec<Line<'_>> = (0..24)
            .map(|row| {
                let spans = (0..8).map(|column| {
                    let style = styles[(row * 3 + column + round) % styles.len()];
                    Span::styled(format!("c{}日é{}", (row + round) % 7, column % 3), style)
                });
                spans.collect()
            })
            .collect();
        both.draw(&lines, Some((3, 5)));
        let buffer = ratatui::buffer::Buffer::empty(ratatui::layout::Rect::new(0, 0, 80, 24));
        let mut expected = buffer;
        ratatui::widgets::Widget::render(Paragraph::new(lines), expected.area, &mut expected);
        for row in 0..24 {
            for column in 0..80 {
                let cell = &expected[(column, row)];
                let shown = both.shown.screen().cell(row, column).unwrap();
                if shown.is_wide_continuation() {
                    continue;
                }
                let contents = if shown.has_contents() {
                    shown.contents()
                } else {
                    " "
                };
                assert_eq!(contents, cell.symbol(), "round {round} at {column},{row}");
                assert_eq!(shown.bold(), cell.modifier.contains(Modifier::BOLD));
                assert_eq!(shown.italic(), cell.modifier.contains(Modifier::ITALIC));
                assert_eq!(shown.inverse(), cell.modifier.contains(Modifier::REVERSED));
                assert_eq!(shown.underline(), cell.modifier.contains(Modifier::UNDERLINED));
                let colour = match cell.fg {
                    Color::Indexed(index) => vt100::Color::Idx(index),
                    Color::Red => vt100::Color::Idx(1),
                    _ => vt100::Color::Default,
                };
                assert_eq!(shown.fgcolor(), colour);
                let colour = match cell.bg {
                    Color::Rgb(red, green, blue) => vt100::Color::Rgb(red, green, blue),
                    Color::LightBlue => vt100::Color::Idx(12),
                    Color::DarkGray => vt100::Color::Idx(8),
                    _ => vt100::Color::Default,
                };
                assert_eq!(shown.bgcolor(), colour);
            }
        }
        assert_eq!(both.shown.screen().cursor_position(), (5, 3));
    }
}

#[test]
fn long_frames_are_bracketed_and_hide_the_cursor() {
    let mut both = Both::new();
    both.draw(&[line("x")], Some((1, 0)));
    let long = both.draw(&[line(&"word ".repeat(16))], Some((2, 0)));
    let text = String::from_utf8(long).unwrap();
    assert!(text.starts_with("\x1b[?2026h\x1b[?25l"));
    assert!(text.ends_with("\x1b[?25h\x1b[?2026l"));
    assert_eq!(text.matches("2026").count(), 2);
}

#[test]
fn a_placeholder_keeps_the_colour_that_is_its_id() {
    let mut both = Both::new();
    let symbol = "\u{10eeee}\u{305}\u{30d}";
    let cell = |id| Span::styled(symbol, Style::new().fg(Color::Indexed(id)));
    let drawn = both.draw(&[Line::from_iter([cell(200), cell(200), cell(201)])], None);
    let text = String::from_utf8(drawn).unwrap();
    assert!(
        text.contains(&format!("38;5;200m{symbol}{symbol}\x1b[38;5;201m{symbol}")),
        "{text:?}"
    );
}

#[test]
fn after_an_emoji_the_cursor_is_placed_anew() {
    let mut both = Both::new();
    let drawn = both.draw(&[line("👨‍👩‍👧x")], None);
    let text = String::from_utf8(drawn).unwrap();
    assert!(text.contains("\x1b[1;3Hx"), "{text:?}");
    let drawn = both.draw(&[line(&"m".repeat(80)), line("n")], None);
    let text = String::from_utf8(drawn).unwrap();
    assert!(
        text.contains("m\x1b[2Hn"),
        "the last column leaves the cursor in doubt: {text:?}"
    );
}

#[test]
fn a_new_size_and_a_repaint_paint_everything() {
    let mut both = Both::new();
    let all = [line("one"), line("two")];
    both.draw(&all, None);
    both.terminal.backend_mut().resize(Window {
        columns: 40,
        rows: 10,
        ..WINDOW
    });
    let drawn = String::from_utf8(both.draw(&all, None)).unwrap();
    assert!(drawn.contains("\x1b[2J") && drawn.contains("one") && drawn.contains("two"));
    both.terminal.backend_mut().forget();
    let Ok(()) = both.terminal.clear();
    let drawn = String::from_utf8(both.draw(&all, None)).unwrap();
    assert!(
        drawn.contains("\x1b[m\x1b[2J")
            && drawn.contains("one")
            && drawn.contains(str::from_utf8(HIDE).unwrap())
    );
}

#[test]
fn a_full_screen_costs_less_than_with_crossterm() {
    let ours = {
        let mut terminal = Terminal::new(Screen::new(WINDOW)).unwrap();
        let Ok(_) =
            terminal.draw(|frame| frame.render_widget(Block::bordered().title("t".bold()), frame.area()));
        terminal.backend_mut().take_frame().unwrap().len()
    };
    assert!(ours < 5_000, "{ours}");
}

/// Draws these words in the first row; `#` stands for a piece of a picture.
fn pieces(screen: &mut Terminal<Screen>, words: &str) -> Vec<u8> {
    let result = screen.draw(|frame| {
        for (x, letter) in (0..).zip(words.chars()) {
            let piece = crate::graphics::kitty::placeholder(0, x);
            let symbol = if letter == '#' { piece } else { letter.to_string() };
            frame.buffer_mut()[(x, 0)].set_symbol(&symbol);
        }
    });
    let Ok(_) = result;
    screen.backend_mut().take_frame().unwrap_or_default()
}

#[test]
fn pieces_of_pictures_are_text_only_where_the_terminal_knows_them() {
    let mut screen = Terminal::new(Screen::new(WINDOW)).unwrap();
    assert!(screen.backend_mut().set_placeholders(false));
    let bytes = pieces(&mut screen, "ab##");
    assert!(bytes.windows(4).any(|four| four == b"ab  "), "{bytes:?}");
    // Pixels are there now, and text wipes them away.
    assert_eq!(pieces(&mut screen, "ab##"), b"");
    assert!(pieces(&mut screen, "abc#").ends_with(b"c"));
    let back = pieces(&mut screen, "ab##");
    assert!(back.ends_with(b" "), "what the text was is wiped first: {back:?}");
    screen.backend_mut().set_placeholders(true);
    let Ok(()) = screen.clear();
    let bytes = pieces(&mut screen, "ab##");
    assert!(String::from_utf8(bytes).unwrap().contains('\u{10eeee}'));
}

/// A terminal with widths of its own.
struct Odd {
    width: fn(char) -> usize,
    /// A wide character that is overwritten in part goes altogether.
    erases: bool,
    cells: Vec<Vec<String>>,
    cursor: (usize, usize),
    wraps: bool,
}

impl Odd {
    fn new(width: fn(char) -> usize, erases: bool) -> Self {
        Self {
            width,
            erases,
            cells: vec![vec![" ".to_owned(); 80]; 24],
            cursor: (0, 0),
            wraps: true,
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        let mut rest = str::from_utf8(bytes).unwrap();
        while let Some(first) = rest.chars().next() {
            if let Some(sequence) = rest.strip_prefix("\x1b[") {
                let end = sequence.find(|last: char| last.is_ascii_alphabetic()).unwrap();
                self.control(&sequence[..end], &sequence[end..=end]);
                rest = &sequence[end + 1..];
            } else {
                self.print(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }

    fn control(&mut self, numbers: &str, last: &str) {
        let mut values = numbers
            .split(';')
            .map(|number| number.parse::<usize>().unwrap_or(1));
        let mut next = || values.next().unwrap_or(1);
        match (numbers, last) {
            ("?7", _) => self.wraps = last == "h",
            (_, "H") => self.cursor = (next() - 1, next() - 1),
            (_, "C") => self.cursor.1 += next(),
            (_, "J") => self.cells = vec![vec![" ".to_owned(); 80]; 24],
            _ => {}
        }
    }

    fn print(&mut self, character: char) {
        let width = (self.width)(character);
        let (mut y, mut x) = self.cursor;
        if width == 0 {
            let before = x.saturating_sub(1);
            let owner = (0..=before)
                .rev()
                .find(|x| !self.cells[y][*x].is_empty())
                .unwrap_or(0);
            self.cells[y][owner].push(character);
            return;
        }
        if x + width > 80 {
            (y, x) = if self.wraps { (y + 1, 0) } else { (y, 80 - width) };
        }
        for at in x..x + width {
            if self.cells[y][at].is_empty() && self.erases {
                let owner = (0..at).rev().find(|at| !self.cells[y][*at].is_empty()).unwrap();
                self.cells[y][owner] = " ".to_owned();
            }
        }
        self.cells[y][x] = character.to_string();
        for under in x + 1..x + width {
            self.cells[y][under] = String::new();
        }
        // What was overwritten in part at its beginning leaves blanks.
        for behind in x + width..80 {
            if !self.cells[y][behind].is_empty() {
                break;
            }
            self.cells[y][behind] = " ".to_owned();
        }
        self.cursor = (y, x + width);
    }
}

/// Every character has the room that a table from before emoji gives it.
fn by_an_old_table(character: char) -> usize {
    match character {
        '\u{200d}' | '\u{fe0e}' | '\u{fe0f}' | '\u{301}' | '\u{94d}' | '\u{20e3}' => 0,
        // Newer than the table.
        '\u{1fae9}' | '\u{1fac6}' | '\u{1fabe}' => 1,
        '\u{1f300}'..='\u{1faff}' | '日' | '本' => 2,
        _ => 1,
    }
}

/// A joiner has room of its own, and symbols are emoji.
fn by_a_generous_table(character: char) -> usize {
    match character {
        '\u{200d}' => 1,
        '\u{2600}'..='\u{27bf}' => 2,
        _ => by_an_old_table(character),
    }
}

#[test]
fn where_widths_are_in_doubt_nothing_stays_and_nothing_is_hidden() {
    let doubtful = [
        "ﾊﾞﾋﾟ",
        "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}\u{200d}\u{1f466}",
        "\u{1fae9}\u{1fac6}",
        "\u{1f44d}\u{1f3fd}",
        "\u{2764}\u{fe0f}",
        "\u{1f1e9}\u{1f1ea}",
        "1\u{fe0f}\u{20e3}",
        "\u{2600}",
        "e\u{301}",
        "\u{928}\u{93f}\u{915}\u{94d}\u{937}\u{93f}",
        "日本",
        "\u{fffd}",
        "",
    ];
    let tables: [fn(char) -> usize; 2] = [by_an_old_table, by_a_generous_table];
    for (width, erases) in tables
        .into_iter()
        .flat_map(|table| [(table, true), (table, false)])
    {
        let mut screen = Terminal::new(Screen::new(WINDOW)).unwrap();
        let mut odd = Odd::new(width, erases);
        for round in 0..doubtful.len() * 6 {
            let at = |step: usize| doubtful[(round * step + round / 3) % doubtful.len()];
            let words = [
                "the picture of a lighthouse, in the last light",
                "is",
                "",
                "a line of words",
            ];
            let word = |step: usize| words[(round + step) % words.len()];
            let mut row = format!("{}{} {}{}|{}", word(0), at(1), at(5), word(1), word(2));
            // The last one is at the end of the row.
            let room = 78 - usize::from(row.cell_width()).min(78);
            row = format!("{row}{}{}", " ".repeat(room), at(7));
            let lines = [line(&row), line(&format!("{}m{}", at(3), word(3))), line("below")];
            let mut buffer = None;
            let result = screen.draw(|frame| {
                frame.render_widget(Paragraph::new(lines.to_vec()), frame.area());
                buffer = Some(frame.buffer_mut().clone());
            });
            let Ok(_) = result;
            let bytes = screen.backend_mut().take_frame().unwrap_or_default();
            odd.take(&bytes);
            let buffer = buffer.unwrap();
            for y in 0..3 {
                let mut x = 0;
                while x < 80 {
                    let cell = &buffer[(x, y)];
                    let shown = &odd.cells[usize::from(y)][usize::from(x)];
                    if cell.symbol().is_ascii() {
                        let all = odd.cells[usize::from(y)].concat();
                        assert_eq!(
                            shown,
                            cell.symbol(),
                            "round {round} at {x},{y} of {row:?}: {all:?}"
                        );
                    }
                    x += cell.cell_width().max(1);
                }
            }
            let Ok(_) =
                screen.draw(|frame| frame.render_widget(Paragraph::new(lines.to_vec()), frame.area()));
            assert_eq!(
                screen.backend_mut().take_frame(),
                None,
                "an unchanged frame is no bytes"
            );
        }
    }
}

#[test]
fn joined_emoji_are_whole_only_where_they_take_the_room_of_one() {
    let family = "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}";
    let row = [line(&format!(
        "{family} \u{1f44d}\u{1f3fd} \u{1f1e9}\u{1f1ea} e\u{301}"
    ))];
    let mut both = Both::new();
    let part = String::from_utf8(both.draw(&row, None)).unwrap();
    assert!(
        part.contains('\u{1f468}') && part.contains('\u{1f44d}'),
        "{part:?}"
    );
    assert!(
        !part.contains('\u{200d}') && !part.contains('\u{1f3fd}'),
        "{part:?}"
    );
    assert!(
        part.contains("\u{1f1e9}\u{1f1ea}") && part.contains("e\u{301}"),
        "{part:?}"
    );
    assert!(
        both.terminal.backend_mut().set_joins(true),
        "they are to be sent anew"
    );
    assert!(!both.terminal.backend_mut().set_joins(true));
    let Ok(()) = both.terminal.clear();
    let whole = String::from_utf8(both.draw(&row, None)).unwrap();
    assert!(
        whole.contains(family) && whole.contains("\u{1f44d}\u{1f3fd}"),
        "{whole:?}"
    );
    // Where none was shown nothing has to be.
    let mut plain = Both::new();
    plain.draw(&[line("plain")], None);
    assert!(!plain.terminal.backend_mut().set_joins(true));
}
