//! What a terminal says of itself: the meaning of its replies, one [`Fact`] each. Pure; it asks nothing and keeps
//! nothing.

use super::tmux::Client;

/// One reply of the terminal, or of a multiplexer before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// The answer to a kitty graphics command: the picture's id and `OK` or what went wrong.
    Graphics {
        id: u32,
        message: String,
    },
    /// DA1: what the terminal can do, such as 4 for sixel and 52 for a clipboard.
    Attributes(Vec<u16>),
    /// DA2: the kind of device by its number, such as 84 for tmux, 83 for GNU screen and 41 for xterm.
    Device(u16),
    /// XTVERSION: the name and version of the terminal, such as `kitty(0.48.2)` or `tmux 3.3a`.
    Name(String),
    /// The size of a cell in pixels.
    CellPixels {
        width: u16,
        height: u16,
    },
    /// The size of a cell in pixels by iTerm2's own way of telling, which Konsole has as well.
    CellReport {
        width: u16,
        height: u16,
    },
    /// What iTerm2 and others can do, a letter or two for each: `F` for pictures, `P` for progress.
    Capabilities(String),
    /// The size of the text area in pixels.
    WindowPixels {
        width: u16,
        height: u16,
    },
    /// The size of the text area in cells, as a terminal claims it: tmux 3.3a swaps the two.
    WindowCells {
        columns: u16,
        rows: u16,
    },
    Colour {
        slot: Slot,
        rgb: [u8; 3],
    },
    /// DECRQM: 1 set, 2 reset, 3 and 4 for ever so, 0 unknown to the terminal.
    Mode {
        number: u16,
        state: u8,
    },
    /// The kitty keyboard flags that are on; the answer alone says that the protocol is there.
    Keyboard(u16),
    /// How modified keys are told (`modifyOtherKeys`), from a terminal that has a way.
    OtherKeys(u16),
    /// DECRQSS after a colour of 16 million was set: whether it was kept as it is.
    Truecolour(bool),
    /// The answer to OSC 99's question: there are notifications.
    Notifies,
    /// OSC 5522: something of the user's own clipboard, as it came.
    Clipboard(String),
    /// What tmux says of the terminal outside.
    Tmux(Client),
    /// `CSI 0 n`: everything sent before the question has been read.
    Ready,
    /// Where the cursor is, counted from 1.
    Cursor {
        row: u16,
        column: u16,
    },
    /// The user's preference, from terminals that report it.
    Scheme {
        dark: bool,
    },
    /// A reply that nothing here acts on, without its frame; kept for `doctor`.
    Other(String),
}

impl Fact {
    /// Whether another reply is likely to come behind this one: a question is of several parts, and a clipboard comes
    /// in pieces.
    pub(super) fn is_followed(&self) -> bool {
        match self {
            Self::Ready | Self::Scheme { .. } | Self::Cursor { .. } | Self::Tmux(_) => false,
            Self::Clipboard(packet) => {
                let about = packet.split(';').next().unwrap_or_default();
                about
                    .split(':')
                    .any(|pair| matches!(pair, "status=OK" | "status=DATA"))
            }
            _ => true,
        }
    }

    /// Whether the beginning of a string is that of a reply; nobody types one at a stroke.
    pub(super) fn begins(frame: Frame, body: &[u8]) -> Begins {
        let heads: &[&[u8]] = match frame {
            Frame::Apc => &[b"G"],
            Frame::Dcs => &[b">|", b"0$r", b"1$r", b"tmux;", b"0+r", b"1+r", b"!|"],
            Frame::Osc => {
                let digits = body.iter().take_while(|byte| byte.is_ascii_digit()).count();
                return match body.get(digits) {
                    Some(b';') if digits > 0 => Begins::Reply,
                    None if digits <= 4 => Begins::Perhaps,
                    _ => Begins::No,
                };
            }
            Frame::Pm | Frame::Sos => &[],
        };
        if heads.iter().any(|head| body.starts_with(head)) {
            Begins::Reply
        } else if heads.iter().any(|head| head.starts_with(body)) {
            Begins::Perhaps
        } else {
            Begins::No
        }
    }
}

/// The kind of string that a beginning belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begins {
    Reply,
    /// There is too little of it to say.
    Perhaps,
    No,
}

/// Which colour a [`Fact::Colour`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    Foreground,
    Background,
    Cursor,
    Palette(u8),
}

/// The kinds of string that a reply can come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    Apc,
    Dcs,
    Osc,
    /// Nobody replies in this and the next one, but they are framed alike.
    Pm,
    Sos,
}

/// A string reply, its introducer and terminator already gone.
pub(super) fn from_string(frame: Frame, body: &[u8]) -> Fact {
    let text = String::from_utf8_lossy(body);
    match frame {
        Frame::Apc => graphics(&text),
        Frame::Dcs => name(&text).or_else(|| style(&text)),
        Frame::Osc => own(&text).or_else(|| colour(&text)),
        Frame::Pm | Frame::Sos => None,
    }
    .unwrap_or_else(|| Fact::Other(text.into_owned()))
}

fn graphics(text: &str) -> Option<Fact> {
    let (control, message) = text.strip_prefix('G')?.split_once(';')?;
    let id = control.split(',').find_map(|pair| pair.strip_prefix("i="));
    Some(Fact::Graphics {
        id: id.and_then(|id| id.parse().ok()).unwrap_or(0),
        message: message.to_owned(),
    })
}

fn name(text: &str) -> Option<Fact> {
    text.strip_prefix(">|").map(|name| Fact::Name(name.to_owned()))
}

/// The rendition in force; whoever cannot say it, says nothing of colours.
fn style(text: &str) -> Option<Fact> {
    let rendition = text.strip_prefix("1$r")?.strip_suffix('m')?;
    let kept = rendition.split(';').any(|item| item.starts_with("48:2:")) || rendition.contains("48;2;");
    Some(Fact::Truecolour(kept))
}

/// What iTerm2 and kitty have of their own.
fn own(text: &str) -> Option<Fact> {
    match text.split_once(';')? {
        ("1337", rest) => {
            if let Some(capabilities) = rest.strip_prefix("Capabilities=") {
                return Some(Fact::Capabilities(capabilities.to_owned()));
            }
            // Points high and wide, and how many pixels a point is.
            let sizes = rest.strip_prefix("ReportCellSize=")?;
            let mut sizes = sizes.split(';').map(|size| size.parse::<f32>().ok());
            let (height, width) = (sizes.next()??, sizes.next()??);
            let scale = sizes.next().flatten().unwrap_or(1.0);
            Some(Fact::CellReport {
                width: pixels(width * scale)?,
                height: pixels(height * scale)?,
            })
        }
        // Konsole separates by semicolons what others separate by colons.
        ("99", rest) => rest
            .split([':', ';'])
            .any(|pair| pair == "p=?")
            .then_some(Fact::Notifies),
        ("5522", rest) => Some(Fact::Clipboard(rest.to_owned())),
        _ => None,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "only a size that fits is taken"
)]
fn pixels(size: f32) -> Option<u16> {
    (1.0..=4096.0).contains(&size).then(|| size.round() as u16)
}

fn colour(text: &str) -> Option<Fact> {
    let (number, rest) = text.split_once(';')?;
    let (slot, value) = match number {
        "10" => (Slot::Foreground, rest),
        "11" => (Slot::Background, rest),
        "12" => (Slot::Cursor, rest),
        "4" => {
            let (index, value) = rest.split_once(';')?;
            (Slot::Palette(index.parse().ok()?), value)
        }
        _ => return None,
    };
    let digits = value
        .strip_prefix("rgb:")
        .or_else(|| value.strip_prefix("rgba:"))?;
    // An alpha that comes fourth is how much of the desktop shows through.
    let mut channels = digits.split('/').map(channel);
    let rgb = [channels.next()??, channels.next()??, channels.next()??];
    Some(Fact::Colour { slot, rgb })
}

/// One to four hexadecimal digits as a byte: terminals scale to as many digits as they like.
fn channel(digits: &str) -> Option<u8> {
    let full = match digits.len() {
        1 => 0xf,
        2 => 0xff,
        3 => 0xfff,
        4 => 0xffff,
        _ => return None,
    };
    let value = u32::from_str_radix(digits, 16).ok()?;
    u8::try_from((value * 255 + full / 2) / full).ok()
}

/// A control sequence that is a reply and never a key: `prefix` is the private marker or 0, `numbers` its parameters.
pub(super) fn from_control(
    prefix: u8,
    numbers: &[Option<u32>],
    intermediate: u8,
    last: u8,
    raw: &[u8],
) -> Fact {
    let at = |index: usize| {
        numbers
            .get(index)
            .copied()
            .flatten()
            .and_then(|number| u16::try_from(number).ok())
            .unwrap_or(0)
    };
    match (prefix, intermediate, last) {
        (b'?', 0, b'c') => {
            Fact::Attributes((0..numbers.len()).map(at).filter(|number| *number > 0).collect())
        }
        (b'>', 0, b'c') => Fact::Device(at(0)),
        (b'?', b'$', b'y') => Fact::Mode {
            number: at(0),
            state: u8::try_from(at(1)).unwrap_or(0),
        },
        (b'?', 0, b'u') => Fact::Keyboard(at(0)),
        (b'>', 0, b'm') if at(0) == 4 => Fact::OtherKeys(at(1)),
        (b'?', 0, b'n') if at(0) == 997 => Fact::Scheme { dark: at(1) != 2 },
        (0, 0, b'n') if at(0) == 0 => Fact::Ready,
        (0 | b'?', 0, b'R') => Fact::Cursor {
            row: at(0),
            column: at(1),
        },
        (0, 0, b't') if at(0) == 4 => Fact::WindowPixels {
            height: at(1),
            width: at(2),
        },
        (0, 0, b't') if at(0) == 6 => Fact::CellPixels {
            height: at(1),
            width: at(2),
        },
        (0, 0, b't') if at(0) == 8 => Fact::WindowCells {
            rows: at(1),
            columns: at(2),
        },
        _ => Fact::Other(String::from_utf8_lossy(raw).into_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_scale_from_any_number_of_digits() {
        for value in [
            "rgb:f/0/8",
            "rgb:ff/00/88",
            "rgb:fff/000/888",
            "rgb:ffff/0000/8888",
        ] {
            let reply = format!("11;{value}");
            let expected = Fact::Colour {
                slot: Slot::Background,
                rgb: [0xff, 0, 0x88],
            };
            assert_eq!(from_string(Frame::Osc, reply.as_bytes()), expected);
        }
        let seen_through = from_string(Frame::Osc, b"11;rgba:ffff/0000/8888/c000");
        assert!(
            matches!(
                seen_through,
                Fact::Colour {
                    rgb: [0xff, 0, 0x88],
                    ..
                }
            ),
            "{seen_through:?}"
        );
        assert!(matches!(from_string(Frame::Osc, b"11;?"), Fact::Other(_)));
        assert!(matches!(
            from_string(Frame::Osc, b"11;rgb:zz/1/1"),
            Fact::Other(_)
        ));
        assert!(matches!(
            from_string(Frame::Osc, b"4;300;rgb:1/1/1"),
            Fact::Other(_)
        ));
    }

    #[test]
    fn what_terminals_have_of_their_own_is_understood() {
        for (frame, reply, fact) in [
            (
                Frame::Osc,
                "1337;ReportCellSize=18.0;9.0;2.0",
                Fact::CellReport {
                    width: 18,
                    height: 36,
                },
            ),
            (
                Frame::Osc,
                "1337;Capabilities=TCwFP",
                Fact::Capabilities("TCwFP".to_owned()),
            ),
            (Frame::Osc, "99;i=q1:p=?;p=title,body", Fact::Notifies),
            (Frame::Osc, "99;i=q1;p=?;p=title,body", Fact::Notifies),
            (Frame::Dcs, "1$r0;48:2::1:2:3m", Fact::Truecolour(true)),
            (Frame::Dcs, "1$r48:2:1:2:3m", Fact::Truecolour(true)),
            (Frame::Dcs, "1$r0;48;2;1;2;3m", Fact::Truecolour(true)),
            (Frame::Dcs, "1$r0;48;5;16m", Fact::Truecolour(false)),
        ] {
            assert_eq!(from_string(frame, reply.as_bytes()), fact, "{reply}");
        }
        for (frame, reply) in [
            (Frame::Osc, "1337;ReportCellSize=NaN;1e9"),
            (Frame::Osc, "1337;ReportCellSize="),
            (Frame::Osc, "99;i=1;"),
            (Frame::Dcs, "0$r"),
            (Frame::Dcs, "1$r2 q"),
        ] {
            let fact = from_string(frame, reply.as_bytes());
            assert!(matches!(fact, Fact::Other(_)), "{reply}: {fact:?}");
        }
    }

    #[test]
    fn graphics_answers_carry_their_id() {
        let answer = Fact::Graphics {
            id: 32,
            message: "ENOTSUPPORTED:".to_owned(),
        };
        assert_eq!(from_string(Frame::Apc, b"Gi=32;ENOTSUPPORTED:"), answer);
        assert!(matches!(from_string(Frame::Apc, b"G"), Fact::Other(_)));
    }
}
