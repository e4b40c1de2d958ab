//! kitty's pictures: what was uploaded, where it is placed, and which cells stand for a piece of it.

use std::collections::HashMap;

use base64::Engine as _;
use image::RgbImage;
use tintype::graphics::kitty::{PLACEHOLDER, placeholder};

use super::screen::Screen;
use super::{CELL, Pixel};

type Keys = HashMap<String, String>;

#[derive(Default)]
pub(super) struct Kitty {
    pictures: HashMap<u32, Picture>,
    placed: Vec<Placed>,
    upload: Option<(Keys, Vec<u8>)>,
    unnamed: u32,
    /// An upload that ended and was no picture: given up, if it is deleted next.
    broken: Option<(u32, String)>,
}

struct Picture {
    pixels: RgbImage,
    /// Its size in cells, when placeholders may stand for it.
    cells: Option<(u16, u16)>,
}

struct Placed {
    picture: u32,
    number: (bool, u32),
    at: (u16, u16),
    size: (u16, u16),
    /// The part of the picture: x, y, width, height.
    source: [u32; 4],
}

fn number(keys: &Keys, name: &str) -> u32 {
    keys.get(name).and_then(|value| value.parse().ok()).unwrap_or(0)
}

fn cells(keys: &Keys) -> (u16, u16) {
    let cells = |name| u16::try_from(number(keys, name)).unwrap();
    (cells("c"), cells("r"))
}

impl Kitty {
    pub(super) fn take(&mut self, command: &[u8], cursor: (u16, u16), faults: &mut Vec<String>) {
        let broken = self.broken.take();
        let end = memchr::memchr(b';', command).unwrap_or(command.len());
        let control = String::from_utf8_lossy(&command[..end]);
        let pairs = control.split(',').filter_map(|pair| pair.split_once('='));
        let keys: Keys = pairs
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        let payload = command.get(end + 1..).unwrap_or_default();
        let action = keys.get("a").map(String::as_str);
        if action == Some("q") {
            return;
        }
        if let Some((id, error)) = broken.filter(|(id, _)| action != Some("d") || number(&keys, "i") != *id) {
            faults.push(format!("Picture {id} is none: {error}"));
        }
        if keys.get("q").map(String::as_str) != Some("2") {
            faults.push(format!("The terminal would answer to {control}"));
        }
        if let Some((_, data)) = &mut self.upload {
            if !keys.contains_key("i") {
                data.extend_from_slice(payload);
                if number(&keys, "m") == 0 {
                    self.finish(cursor, faults);
                }
                return;
            }
            faults.push(format!("{control} in the middle of an upload"));
            self.upload = None;
        }
        match action.unwrap_or("t") {
            "t" | "T" => {
                let more = number(&keys, "m") == 1;
                self.upload = Some((keys, payload.to_vec()));
                if !more {
                    self.finish(cursor, faults);
                }
            }
            "p" => self.place(&keys, cursor, faults),
            "d" => self.delete(&keys, faults),
            other => faults.push(format!("The glass does not know a={other}")),
        }
    }

    fn finish(&mut self, cursor: (u16, u16), faults: &mut Vec<String>) {
        let Some((keys, data)) = self.upload.take() else {
            return;
        };
        if data.is_empty() {
            // The end of an upload that was given up.
            return;
        }
        let decoded = base64::engine::general_purpose::STANDARD.decode(&data);
        let decoded = decoded.map_err(|error| error.to_string());
        let pixels = decoded.and_then(|data| match number(&keys, "f") {
            100 => image::load_from_memory(&data)
                .map(|picture| picture.to_rgb8())
                .map_err(|error| error.to_string()),
            24 => RgbImage::from_raw(number(&keys, "s"), number(&keys, "v"), data)
                .ok_or_else(|| "not its size".to_owned()),
            other => Err(format!("the glass does not know f={other}")),
        });
        let id = number(&keys, "i");
        match pixels {
            Err(error) => self.broken = Some((id, error)),
            Ok(pixels) => {
                self.placed.retain(|placed| placed.picture != id);
                let is_virtual = keys.get("U").is_some_and(|value| value == "1");
                let cells = is_virtual.then(|| cells(&keys));
                self.pictures.insert(id, Picture { pixels, cells });
                if !is_virtual && keys.get("a").is_some_and(|action| action == "T") {
                    self.place(&keys, cursor, faults);
                }
            }
        }
    }

    fn place(&mut self, keys: &Keys, at: (u16, u16), faults: &mut Vec<String>) {
        let id = number(keys, "i");
        let Some(picture) = self.pictures.get(&id) else {
            faults.push(format!("Picture {id} is placed and not there"));
            return;
        };
        if number(keys, "C") != 1 {
            faults.push("A placement moves the cursor".to_owned());
        }
        let named = keys.contains_key("p");
        self.unnamed += 1;
        let key = (named, if named { number(keys, "p") } else { self.unnamed });
        let (width, height) = picture.pixels.dimensions();
        let (x, y) = (number(keys, "x"), number(keys, "y"));
        let or = |value: u32, all: u32| if value == 0 { all } else { value };
        let source = [
            x,
            y,
            or(number(keys, "w"), width - x),
            or(number(keys, "h"), height - y),
        ];
        if x + source[2] > width || y + source[3] > height {
            faults.push(format!(
                "A piece of picture {id} that it does not have: {source:?}"
            ));
            return;
        }
        self.placed
            .retain(|placed| (placed.picture, placed.number) != (id, key));
        self.placed.push(Placed {
            picture: id,
            number: key,
            at,
            size: cells(keys),
            source,
        });
    }

    fn delete(&mut self, keys: &Keys, faults: &mut Vec<String>) {
        let (id, placement) = (number(keys, "i"), number(keys, "p"));
        match keys.get("d").map_or("a", String::as_str) {
            "a" => self.placed.clear(),
            "A" => {
                self.placed.clear();
                self.pictures.clear();
            }
            "i" | "I" => {
                let is_it = |placed: &Placed| {
                    placed.picture == id && (placement == 0 || placed.number == (true, placement))
                };
                self.placed.retain(|placed| !is_it(placed));
                if keys["d"] == "I" {
                    self.pictures.remove(&id);
                }
            }
            other => faults.push(format!("The glass does not know d={other}")),
        }
    }

    /// The whole screen is erased.
    pub(super) fn clear_screen(&mut self) {
        self.placed.clear();
    }

    pub(super) fn held(&self) -> usize {
        let large = |picture: &&Picture| picture.pixels.dimensions() != (1, 1);
        self.pictures.values().filter(large).count() + usize::from(self.upload.is_some())
    }

    /// What the terminal has, in words.
    pub(super) fn inventory(&self) -> String {
        let mut pictures: Vec<_> = self
            .pictures
            .iter()
            .map(|(id, picture)| format!("{id}: {:?} pixels", picture.pixels.dimensions()))
            .collect();
        pictures.sort();
        let open = self
            .upload
            .as_ref()
            .map(|(keys, data)| format!("{keys:?}, {} characters of it", data.len()));
        format!("{} in the terminal, arriving: {open:?}", pictures.join(", "))
    }

    /// Draws what is placed, and what placeholders stand for.
    pub(super) fn draw(&self, screen: &Screen, pixels: &mut [Pixel]) {
        let (cols, rows) = screen.size();
        for placed in &self.placed {
            let picture = &self.pictures[&placed.picture].pixels;
            let [x, y, width, height] = placed.source.map(f64::from);
            for row in 0..placed.size.1.min(rows - placed.at.1.min(rows)) {
                for col in 0..placed.size.0.min(cols - placed.at.0.min(cols)) {
                    let (across, down) = (
                        width / f64::from(placed.size.0),
                        height / f64::from(placed.size.1),
                    );
                    let piece = [
                        x + f64::from(col) * across,
                        y + f64::from(row) * down,
                        across,
                        down,
                    ];
                    cell(
                        pixels,
                        cols,
                        (placed.at.0 + col, placed.at.1 + row),
                        picture,
                        piece,
                    );
                }
            }
        }
        let marks: HashMap<char, u16> = (0..297)
            .filter_map(|index| Some((placeholder(index, 0).chars().nth(1)?, index)))
            .collect();
        for y in 0..rows {
            for x in 0..cols {
                let text = &screen.cell(x, y).text;
                if !text.starts_with(PLACEHOLDER) {
                    continue;
                }
                let mut marks = text.chars().skip(1).filter_map(|mark| marks.get(&mark));
                let (Some(row), Some(col)) = (marks.next(), marks.next()) else {
                    continue;
                };
                let id = screen.cell(x, y).colour.map_or(0, u32::from);
                let Some(picture) = self.pictures.get(&id) else {
                    continue;
                };
                let Some((all_cols, all_rows)) = picture.cells else {
                    continue;
                };
                if *row >= all_rows || *col >= all_cols {
                    continue;
                }
                let (width, height) = picture.pixels.dimensions();
                let across = f64::from(width) / f64::from(all_cols);
                let down = f64::from(height) / f64::from(all_rows);
                let piece = [f64::from(*col) * across, f64::from(*row) * down, across, down];
                cell(pixels, cols, (x, y), &picture.pixels, piece);
            }
        }
    }
}

/// Fills a cell with a piece of a picture.
fn cell(pixels: &mut [Pixel], cols: u16, at: (u16, u16), picture: &RgbImage, piece: [f64; 4]) {
    let [x, y, width, height] = piece;
    let line = usize::from(cols * CELL.0);
    for down in 0..CELL.1 {
        for across in 0..CELL.0 {
            let from = |start: f64, length: f64, step: u16, steps: u16, all: u32| {
                let exact = start + length * (f64::from(step) + 0.5) / f64::from(steps);
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
                let whole = exact.floor().clamp(0.0, f64::from(all - 1)) as u32;
                whole
            };
            let pixel = picture.get_pixel(
                from(x, width, across, CELL.0, picture.width()),
                from(y, height, down, CELL.1, picture.height()),
            );
            let at = usize::from(at.1 * CELL.1 + down) * line + usize::from(at.0 * CELL.0 + across);
            pixels[at] = Some(pixel.0);
        }
    }
}
