//! Pictures that lie elsewhere: an address on this server that says what is to be painted, and the picture behind it.
//! Nothing is kept between the two.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::painter;
use super::request::{Ask, Subject};

/// Longer prompts are cut: they have to fit into an address.
const WORDS: usize = 2000;

/// The address of the picture that an answer would have held.
pub(super) fn to(host: &str, ask: &Ask) -> String {
    let words = match &ask.subject {
        Subject::Words(words) => words.join("\n"),
        Subject::Picture { words, .. } => words.clone(),
    };
    let words: String = words.chars().take(WORDS).collect();
    let name = BASE64_URL_SAFE_NO_PAD.encode(words);
    format!("http://{host}/pictures/{}x{}/{name}.png", ask.width, ask.height)
}

/// The picture of such an address; `None` where it is none of ours. It paints, so it blocks.
pub(super) fn picture(size: &str, name: &str) -> Option<Vec<u8>> {
    let (width, height) = size.split_once('x')?;
    let pixels = |text: &str| text.parse().ok().filter(|pixels| (16..=8192).contains(pixels));
    let words = BASE64_URL_SAFE_NO_PAD.decode(name.strip_suffix(".png")?).ok()?;
    let words = String::from_utf8(words).ok()?;
    let plan = painter::plan(&Subject::Words(words.lines().map(str::to_owned).collect()));
    painter::finished(&plan, None, pixels(width)?, pixels(height)?, false)
}
