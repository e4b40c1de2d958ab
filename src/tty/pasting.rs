//! The user's clipboard, told in pieces by a terminal that has OSC 5522: what a paste holds, then what is asked of it.
//! Pure: it takes packets and says what is to be sent or done next.

use super::osc;
use crate::graphics::kitty::Wrap;

/// No picture is longer.
const LONGEST: usize = 64 << 20;
/// The kinds of picture that are asked for, the best first.
const PICTURES: [&str; 3] = ["image/png", "image/jpeg", "image/webp"];
const TEXTS: [&str; 2] = ["text/plain;charset=utf-8", "text/plain"];

/// What comes of a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// More is to come.
    Wait,
    /// To be sent to the terminal.
    Ask(Vec<u8>),
    Text(String),
    Picture(Vec<u8>),
    /// The clipboard has taken what was copied to it.
    Copied,
    /// The terminal, or its user, has refused; or there is nothing of use.
    Refused(&'static str),
}

/// Where the exchange stands.
#[derive(Debug, Default)]
pub struct Pasting {
    /// The kind that was asked for; without one, kinds are being listed.
    asked: Option<String>,
    password: Option<String>,
    kinds: Vec<String>,
    bytes: Vec<u8>,
}

impl Pasting {
    /// Asks for the picture on the clipboard, unasked for by a paste: the terminal asks its user.
    pub fn picture(&mut self, wrap: Wrap) -> Vec<u8> {
        *self = Self {
            asked: Some(PICTURES[0].to_owned()),
            ..Self::default()
        };
        osc::read(PICTURES[0], None, wrap)
    }

    /// Takes the next packet.
    pub fn take(&mut self, packet: &str, wrap: Wrap) -> Step {
        let (about, payload) = packet.split_once(';').unwrap_or((packet, ""));
        let field = |name: &str| {
            let named = |pair: &str| Some(pair.strip_prefix(name)?.strip_prefix('=')?.to_owned());
            about.split(':').find_map(named)
        };
        let status = field("status").unwrap_or_default();
        match (field("type").as_deref(), &*status) {
            (Some("write"), "DONE") => Step::Copied,
            (Some("write"), "OK") => Step::Wait,
            (Some("write"), _) => Step::Refused("The terminal did not take the picture"),
            (Some("read"), "OK") => {
                self.bytes.clear();
                self.kinds.clear();
                self.password = field("pw").or(self.password.take());
                Step::Wait
            }
            (Some("read"), "DATA") => {
                self.password = field("pw").or(self.password.take());
                self.data(field("mime").as_deref(), payload);
                Step::Wait
            }
            (Some("read"), "DONE") => self.done(wrap),
            (Some("read"), _) => {
                *self = Self::default();
                Step::Refused("The terminal did not give its clipboard")
            }
            _ => Step::Wait,
        }
    }

    fn data(&mut self, mime: Option<&str>, payload: &str) {
        let decoded = |text: &str| base64_simd::STANDARD.decode_to_vec(text).unwrap_or_default();
        if self.asked.is_some() {
            let piece = decoded(payload);
            if self.bytes.len() + piece.len() <= LONGEST {
                self.bytes.extend(piece);
            }
            return;
        }
        let kind = decoded(mime.unwrap_or_default());
        let kinds = if kind == b"." { decoded(payload) } else { kind };
        let kinds = String::from_utf8_lossy(&kinds).into_owned();
        self.kinds.extend(kinds.split_whitespace().map(str::to_owned));
    }

    fn done(&mut self, wrap: Wrap) -> Step {
        if let Some(kind) = self.asked.take() {
            let bytes = std::mem::take(&mut self.bytes);
            *self = Self::default();
            return match kind.starts_with("text/") {
                _ if bytes.is_empty() => Step::Refused("There is nothing of use on the clipboard"),
                true => Step::Text(String::from_utf8_lossy(&bytes).into_owned()),
                false => Step::Picture(bytes),
            };
        }
        // A path that is copied in a file manager is text and a picture of its icon.
        let offered = |kind: &&&str| self.kinds.iter().any(|offered| offered == **kind);
        let kind = PICTURES.iter().find(offered).or(TEXTS.iter().find(offered));
        let Some(kind) = kind.map(|kind| (*kind).to_owned()) else {
            *self = Self::default();
            return Step::Refused("There is neither a picture nor text on the clipboard");
        };
        let question = osc::read(&kind, self.password.take().as_deref(), wrap);
        self.asked = Some(kind);
        Step::Ask(question)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn play(pasting: &mut Pasting, packets: &[&str]) -> Vec<Step> {
        let steps = packets.iter().map(|packet| pasting.take(packet, Wrap::None));
        steps.filter(|step| *step != Step::Wait).collect()
    }

    #[test]
    fn a_pasted_picture_is_asked_for_with_the_word_that_came_with_it() {
        let mut pasting = Pasting::default();
        let steps = play(
            &mut pasting,
            &[
                "type=read:status=OK:pw=c2VjcmV0",
                "type=read:status=DATA:mime=dGV4dC9wbGFpbg==",
                "type=read:status=DATA:mime=aW1hZ2UvcG5n",
                "type=read:status=DONE",
            ],
        );
        let question = b"\x1b]5522;type=read:pw=c2VjcmV0:name=UGFzdGUgZXZlbnQ=;aW1hZ2UvcG5n\x1b\\";
        assert_eq!(steps, [Step::Ask(question.to_vec())]);
        let steps = play(
            &mut pasting,
            &[
                "type=read:status=OK",
                "type=read:status=DATA:mime=aW1hZ2UvcG5n;YWJj",
                "type=read:status=DATA:mime=aW1hZ2UvcG5n;ZGVm",
                "type=read:status=DONE",
            ],
        );
        assert_eq!(steps, [Step::Picture(b"abcdef".to_vec())]);
    }

    #[test]
    fn text_is_pasted_as_ever_and_a_refusal_is_said() {
        let mut pasting = Pasting::default();
        // The kinds in one list.
        let steps = play(
            &mut pasting,
            &[
                "type=read:status=OK",
                "type=read:status=DATA:mime=Lg==;dGV4dC9odG1sIHRleHQvcGxhaW4=",
                "type=read:status=DONE",
            ],
        );
        assert!(matches!(&steps[..], [Step::Ask(_)]), "{steps:?}");
        let steps = play(
            &mut pasting,
            &[
                "type=read:status=DATA:mime=dGV4dC9wbGFpbg==;aGVsbG8=",
                "type=read:status=DONE",
            ],
        );
        assert_eq!(steps, [Step::Text("hello".to_owned())]);
        pasting.picture(Wrap::None);
        assert!(matches!(
            pasting.take("type=read:status=EPERM", Wrap::None),
            Step::Refused(_)
        ));
        assert_eq!(pasting.take("type=write:status=DONE", Wrap::None), Step::Copied);
        assert_eq!(pasting.take("", Wrap::None), Step::Wait);
    }
}
