use ratatui::Terminal;
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
