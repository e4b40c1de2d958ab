//! The kinds of metadata that an image file holds, for the sentence that says what was left out.

use memchr::memmem;

use crate::domain::exif_tags;

/// Tags of EXIF that tell nothing of anybody: orientation, resolution, position of the color samples.
const HARMLESS: [u16; 6] = [0x0112, 0x011a, 0x011b, 0x0128, 0x0213, 0x0103];

/// What was found beside the pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a kind of its own")]
pub struct Found {
    /// Where the photograph was taken.
    pub position: bool,
    /// The camera or phone.
    pub camera: bool,
    /// The program that wrote it.
    pub software: bool,
    /// Descriptions, comments, and the prompts of other tools.
    pub texts: bool,
    /// Anything else.
    pub other: bool,
}

impl Found {
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// Its kinds in words: `position and camera`; `metadata` where it is none of the kinds that have a word.
    pub fn words(self) -> String {
        let kinds = [
            (self.position, "position"),
            (self.camera, "camera"),
            (self.software, "software"),
            (self.texts, "texts"),
        ];
        let words: Vec<&str> = kinds
            .into_iter()
            .filter(|kind| kind.0)
            .map(|kind| kind.1)
            .collect();
        match words.as_slice() {
            [] => "metadata".to_owned(),
            [word] => (*word).to_owned(),
            [words @ .., last] => format!("{} and {last}", words.join(", ")),
        }
    }

    /// Notes what an EXIF block holds.
    pub(super) fn exif(&mut self, block: &[u8]) {
        let Some(tags) = exif_tags(block) else {
            self.other = true;
            return;
        };
        for tag in tags {
            self.tag(tag);
        }
    }

    /// Notes what a tag of EXIF or TIFF says.
    pub(super) fn tag(&mut self, tag: u16) {
        match tag {
            0x8825 => self.position = true,
            0x010f | 0x0110 => self.camera = true,
            0x0131 => self.software = true,
            0x010e | 0x013b | 0x8298 => self.texts = true,
            tag => self.other |= !HARMLESS.contains(&tag),
        }
    }

    /// Notes what an XMP packet holds.
    pub(super) fn xmp(&mut self, packet: &[u8]) {
        let has = |name: &str| memmem::find(packet, name.as_bytes()).is_some();
        self.position |= has("exif:GPS");
        self.camera |= has("tiff:Make") || has("tiff:Model");
        self.software |= has("CreatorTool");
        self.texts |= has("dc:description") || has("UserComment");
        self.other = true;
    }

    /// Notes a text with a keyword, as in PNG.
    pub(super) fn text(&mut self, keyword: &[u8]) {
        match keyword {
            b"Software" => self.software = true,
            b"XML:com.adobe.xmp" => self.other = true,
            raw if raw.starts_with(b"Raw profile type") => self.other = true,
            _ => self.texts = true,
        }
    }
}
