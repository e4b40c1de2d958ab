//! Pictures for terminals: decode, scale, encode per protocol. CPU only; no files, no tasks, no terminal.
//!
//! The way of a picture: [`decode`] its bytes to a [`Pixmap`], [`fit`] it into the cells it may have, [`shrink`] it
//! to the pixels of those cells, then [`kitty::Upload`] or [`halfblocks::encode`]; [`iterm2::encode`] and [`sixel::encode`]
//! scale it themselves. A picture that is still arriving
//! goes through [`develop::Developing`] instead of [`decode`].

mod backdrop;
mod compare;
mod contact;
mod container;
mod convert;
mod decode;
mod deflate;
pub mod develop;
mod diacritics;
pub mod halfblocks;
pub mod iterm2;
pub mod kitty;
mod limits;
pub mod near_lossless;
mod palette;
mod pixmap;
mod png_text;
mod protocol;
mod quantise;
mod scale;
pub mod sixel;
mod window;

pub use backdrop::Backdrop;
pub use compare::{Difference, difference, wipe};
pub use contact::{MOST_TILES, contact_sheet, thumbnail};
pub use container::{Found, Malformed, Stripped, strip, with_exif_of};
pub use convert::{Converted, Wish, convert};
pub use decode::{breaks_off, decode, decode_over, dimensions, dimensions_in, examine, is_image, look_over};
pub use limits::READABLE;
pub use palette::Palette;
pub use pixmap::Pixmap;
pub use png_text::text_chunks;
pub use protocol::{CellSize, Protocol, Strip};
pub use scale::{
    FIRST_PAINT, MAX_CELLS, MAX_ENLARGEMENT, enlarge, first_paint, fit, scale, shrink, shrink_to,
};
pub use window::Window;
