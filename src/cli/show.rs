//! `tintype show`: a picture in the scrollback, by the terminal's own protocol. It keeps nothing, and once it has
//! printed it is gone: the picture belongs to the terminal.
#![expect(
    clippy::disallowed_methods,
    reason = "the picture is a file, and a name may be one"
)]

use std::path::{Path, PathBuf};

use super::args::Show;
use super::{input, output};
use crate::domain::paths::is_stdin;
use crate::domain::{Turn, TurnId};
use crate::engine;
use crate::error::{Error, Kind, Result, reason};
use crate::graphics::kitty::{self, Placement, Upload, Wrap};
use crate::graphics::{self, Backdrop, Pixmap, Protocol, Strip, iterm2, sixel};
use crate::store::Store;
use crate::tty::probe::{self, Facts, Hints};

/// The size that is taken where nobody has one, as in a file.
const ELSEWHERE: (u16, u16) = (80, 24);
/// Errors up to half of this are not seen, and half the bytes of a picture are saved.
const FINE: u8 = 6;

/// What is known before the terminal is asked.
#[derive(Debug)]
pub struct Context {
    pub hints: Hints,
    /// The bytes travel over a network.
    pub remote: bool,
    /// No colours are wanted.
    pub colourless: bool,
    /// By the environment's word.
    pub truecolour: bool,
}

/// What a name stands for.
enum Found {
    StandardInput,
    /// The contents of a named file or a pipe.
    Bytes(Vec<u8>),
    /// A file of the library.
    Picture(PathBuf),
    /// What a turn without a picture says.
    Text(String),
}

/// Prints the picture, or the text of a turn that has none; the store is opened only for what is no file.
pub fn run(context: &Context, args: &Show, store: impl FnOnce() -> Result<Store>) -> Result<u8> {
    let hints = Hints {
        chosen: match args.protocol.as_deref() {
            None => context.hints.chosen,
            Some("kitty") => Some(Protocol::KittyPlaceholders),
            Some("iterm2") => Some(Protocol::Iterm2),
            Some("sixel") => Some(Protocol::Sixel),
            Some("halfblocks") => Some(Protocol::HalfBlocks),
            Some(_) => None,
        },
        ..context.hints.clone()
    };
    let found = find(&args.picture, store)?;
    if let Found::Text(text) = &found {
        output::line(text.trim_end());
        return Ok(0);
    }
    let terminal = output::is_terminal();
    if !terminal && args.protocol.as_deref().is_none_or(|protocol| protocol == "auto") {
        return Err(Error::new(
            Kind::Usage,
            "Standard output is no terminal, so nothing says how to print a picture",
        )
        .hint("Choose with --protocol, such as --protocol halfblocks"));
    }
    if hints.chosen == Some(Protocol::Off) {
        return Err(Error::new(Kind::Usage, "Pictures are off in the settings")
            .hint("Choose with --protocol, such as --protocol auto"));
    }
    let bytes = contents(found)?;
    let facts = if terminal { probe::ask(&hints).ok() } else { None };
    let backdrop = Backdrop::of_terminal(facts.as_ref().and_then(Facts::background));
    let picture = graphics::decode_over(&bytes, backdrop)?;
    // What goes into a file passes no tmux.
    let facts = facts.unwrap_or_else(|| Facts::new(hints.tmux && terminal));
    print(context, args, &picture, &facts, &hints)?;
    Ok(0)
}

fn print(context: &Context, args: &Show, picture: &Pixmap, facts: &Facts, hints: &Hints) -> Result<()> {
    let way = facts.way(hints);
    let window = facts.window();
    let (columns, lines) = window.map_or(ELSEWHERE, |window| (window.columns, window.rows));
    let cell = facts.cell().0;
    let scrolls = matches!(way.protocol, Protocol::HalfBlocks | Protocol::KittyPlaceholders);
    // What is placed at the cursor needs its rows on the screen, and one below for the cursor.
    let most = if scrolls && args.height.is_some() {
        u16::MAX
    } else {
        lines.saturating_sub(1).max(1)
    };
    let width = args.width.unwrap_or(columns).min(columns).max(1);
    let height = args.height.unwrap_or(lines.saturating_sub(2)).clamp(1, most);
    let (cols, rows) = graphics::fit(picture.size(), width, height, cell);
    let small = || graphics::shrink(picture, cols, rows, cell);
    let pieces = match way.protocol {
        Protocol::HalfBlocks | Protocol::Off => {
            if context.colourless && args.protocol.is_none() {
                return Err(Error::new(
                    Kind::Usage,
                    "NO_COLOR is set, and half blocks are nothing but colour",
                )
                .hint("Ask for them with --protocol halfblocks"));
            }
            let truecolour =
                context.truecolour || facts.truecolour() == Some(true) || facts.window().is_none();
            let dots = graphics::scale(picture, cols.into(), u32::from(rows) * 2);
            return output::half_blocks(dots, cols, rows, truecolour);
        }
        Protocol::KittyPlaceholders => placeholders(upload(context, &way, cols, rows), &small()),
        Protocol::KittyClassic => placed(upload(context, &way, cols, rows), &small()),
        Protocol::Iterm2 => {
            let options = iterm2::Options {
                quality: Some(if context.remote { 85 } else { 92 }),
                rows: u16::MAX,
                wrap: way.wrap,
            };
            strips(&iterm2::encode(&small(), cols, rows, cell, &options), rows)
        }
        Protocol::Sixel => {
            let options = sixel::Options {
                colours: if context.remote { 64 } else { 256 },
                rows: u16::MAX,
                wrap: way.wrap,
            };
            strips(&sixel::encode(&small(), cols, rows, cell, &options), rows)
        }
    };
    let pause = way.wrap == Wrap::Tmux && way.protocol != Protocol::KittyPlaceholders;
    output::picture(pieces, pause);
    Ok(())
}

fn upload(context: &Context, way: &probe::Way, cols: u16, rows: u16) -> Upload {
    Upload {
        // Another number each time, or this picture would replace the last one, further up.
        id: u8::try_from(std::process::id() % 255 + 1).unwrap_or(1),
        cols,
        rows,
        placement: match way.protocol {
            Protocol::KittyPlaceholders => Placement::Virtual,
            _ => Placement::AtCursor,
        },
        wrap: way.wrap,
        step: if context.remote { FINE } else { 1 },
    }
}

/// The picture, then lines of text that the terminal replaces by it: they scroll as all text does.
fn placeholders(upload: Upload, picture: &Pixmap) -> Vec<Vec<u8>> {
    let mut bytes = upload.encode(picture).concat();
    for row in 0..upload.rows {
        bytes.extend(format!("\x1b[38;5;{}m", upload.id).bytes());
        for col in 0..upload.cols {
            bytes.extend(kitty::placeholder(row, col).bytes());
        }
        bytes.extend(b"\x1b[39m\n");
    }
    vec![bytes]
}

/// Room for the picture, the picture in it, and the cursor below.
fn placed(upload: Upload, picture: &Pixmap) -> Vec<Vec<u8>> {
    let mut sent = room(upload.rows);
    sent.splice(0..0, upload.encode(picture).concat());
    let mut shown = kitty::place(upload.id, upload.cols, upload.rows, upload.wrap);
    shown.extend(down(upload.rows));
    vec![sent, shown]
}

/// Room for the strips, each at its row, and the cursor below.
fn strips(strips: &[Strip], rows: u16) -> Vec<Vec<u8>> {
    let mut pieces = vec![room(rows)];
    for strip in strips {
        pieces.push([b"\x1b7", &strip.bytes[..], b"\x1b8", &down(strip.rows)].concat());
    }
    pieces
}

/// Lines for a picture that is drawn at the cursor, which goes back to the first of them: nothing scrolls while it is
/// drawn.
fn room(rows: u16) -> Vec<u8> {
    let mut bytes = vec![b'\n'; usize::from(rows)];
    bytes.extend(format!("\r\x1b[{rows}A").bytes());
    bytes
}

fn down(rows: u16) -> Vec<u8> {
    format!("\r\x1b[{rows}B").into_bytes()
}

fn find(name: &Path, store: impl FnOnce() -> Result<Store>) -> Result<Found> {
    if is_stdin(name) {
        return Ok(Found::StandardInput);
    }
    match engine::read_image(name.as_os_str())? {
        Some(bytes) => Ok(Found::Bytes(bytes)),
        None => stored(&store()?, &name.to_string_lossy()),
    }
}

/// The bytes of the picture that is meant.
fn contents(found: Found) -> Result<Vec<u8>> {
    let path = match found {
        Found::Bytes(bytes) => return Ok(bytes),
        Found::Picture(path) => path,
        Found::StandardInput | Found::Text(_) => return input::picture(),
    };
    std::fs::read(&path).map_err(|error| {
        let message = format!("Cannot read {}: {}", path.display(), reason(&error));
        Error::new(Kind::BadInput, message).hint("Check the path")
    })
}

/// The picture of a turn, else its text.
fn of_turn(turn: &Turn) -> Option<Found> {
    let text = Some(&turn.text).filter(|text| !text.trim().is_empty());
    let text = || text.map(|text| Found::Text(text.clone()));
    let picture = turn.picture().map(|image| Found::Picture(image.path.clone()));
    picture.or_else(text)
}

/// What stands in the library under this name: a turn's picture or text, a session's latest picture, or a picture by its
/// own name.
fn stored(store: &Store, name: &str) -> Result<Found> {
    let unknown = |message: String| {
        Error::new(Kind::BadInput, message).hint(
            "Give a file, a session, or a turn as SESSION/4; `tintype sessions list` lists the sessions",
        )
    };
    let without = || unknown(format!("\u{201c}{name}\u{201d} has no picture"));
    if let Some((session, number)) = name.rsplit_once('/')
        && let Ok(number) = number.trim_start_matches('#').parse()
    {
        let session = store.find_session(session)?;
        let turn = store
            .turn_numbered(&session.id, number)?
            .ok_or_else(|| unknown(format!("Session {} has no turn {number}", session.id)))?;
        return of_turn(&turn).ok_or_else(without);
    }
    if let Some(turn) = store.turn(&TurnId::from(name.to_owned()))? {
        return of_turn(&turn).ok_or_else(without);
    }
    if let Some(path) = by_name(store, name) {
        return Ok(Found::Picture(path));
    }
    let found = store.find_session(name).map_err(|error| {
        if error.message.starts_with("There is no") {
            unknown(format!(
                "There is neither a file nor a picture \u{201c}{name}\u{201d}"
            ))
        } else {
            error
        }
    })?;
    let session = store.session(&found.id)?.ok_or_else(without)?;
    let latest = session.turns.iter().rev().find_map(Turn::picture);
    let picture = latest.map(|image| Found::Picture(image.path.clone()));
    let text = || session.turns.iter().rev().find_map(of_turn);
    picture.or_else(text).ok_or_else(without)
}

/// A picture of the library by the name of its file, with its ending or without.
fn by_name(store: &Store, name: &str) -> Option<PathBuf> {
    if name.contains(['/', '\\']) || name.starts_with('.') {
        return None;
    }
    let days = std::fs::read_dir(store.folder().join("images")).ok()?;
    for day in days.filter_map(std::result::Result::ok) {
        let whole = day.path().join(name);
        let endings =
            ["png", "jpg", "jpeg", "webp", "gif"].map(|ending| day.path().join(format!("{name}.{ending}")));
        if let Some(found) = std::iter::once(whole).chain(endings).find(|path| path.is_file()) {
            return Some(found);
        }
    }
    None
}
