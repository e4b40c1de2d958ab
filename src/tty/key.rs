//! Keys and mouse from the sequences that terminals send for them: legacy xterm and VT, rxvt, the kitty keyboard
//! protocol and modifyOtherKeys. Pure; framing is the lexer's.
//!
//! Every key comes out in one form, however the terminal spelt it: a press (a repeat is one, a release is none), no
//! lock state, a capital letter with `SHIFT`, any other shifted character without it, Shift+Tab as `BackTab`.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::control::Control;

/// What a key sequence stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Press(KeyEvent),
    /// Composed text, as of an input method.
    Text(Vec<char>),
    /// A key that is nothing to us: a release, a lock, a modifier alone.
    Nothing,
}

/// A control character that a key sends.
pub(super) fn byte(byte: u8) -> KeyEvent {
    let control = |character: u8| KeyEvent::new(KeyCode::Char(char::from(character)), KeyModifiers::CONTROL);
    match byte {
        b'\r' => KeyCode::Enter.into(),
        b'\t' => KeyCode::Tab.into(),
        0x08 => KeyEvent::new(KeyCode::Backspace, KeyModifiers::CONTROL),
        0x7f => KeyCode::Backspace.into(),
        0x1b => KeyCode::Esc.into(),
        0 => control(b' '),
        1..=0x1a => control(byte + 0x60),
        0x1c..=0x1f => control(byte + 0x40),
        _ => character(char::from(byte)),
    }
}

/// A character that was typed as itself.
pub(super) fn character(character: char) -> KeyEvent {
    let modifiers = if character.is_uppercase() {
        KeyModifiers::SHIFT
    } else {
        KeyModifiers::NONE
    };
    KeyEvent::new(KeyCode::Char(character), modifiers)
}

/// The same key with Alt held.
pub(super) fn alt(mut key: KeyEvent) -> KeyEvent {
    key.modifiers |= KeyModifiers::ALT;
    key
}

/// `ESC O …`: cursor keys in application mode, F1 to F4, the keypad.
pub(super) fn ss3(body: &[u8], last: u8) -> Option<KeyEvent> {
    let control = Control::parse(body, last);
    // Both `ESC O 5 A` and `ESC O 1 ; 5 A` have been seen.
    let modifiers = modifiers(control.get(1).or(control.get(0)));
    let (code, extra) = match last {
        b'A'..=b'D' | b'E' | b'F' | b'H' | b'P'..=b'S' => (letter(last)?, KeyModifiers::NONE),
        b'a'..=b'd' => (letter(last.to_ascii_uppercase())?, KeyModifiers::CONTROL),
        // Konsole sends the keypad's Enter for Shift+Enter; the keypad mode itself is never asked for.
        b'M' => (KeyCode::Enter, KeyModifiers::SHIFT),
        b'I' => (KeyCode::Tab, KeyModifiers::NONE),
        b'X' => (KeyCode::Char('='), KeyModifiers::NONE),
        b'j'..=b'y' => (KeyCode::Char(char::from(last - 0x40)), KeyModifiers::NONE),
        _ => return None,
    };
    Some(KeyEvent::new(code, modifiers | extra))
}

/// The function key of Linux' own console, `ESC [ [ A` to `E`.
pub(super) fn linux(last: u8) -> Option<KeyEvent> {
    matches!(last, b'A'..=b'E').then(|| KeyCode::F(last - b'@').into())
}

/// A control sequence as a key, or `None` where it is none.
pub(super) fn control(control: &Control) -> Option<Key> {
    if control.prefix != 0 {
        return None;
    }
    if control.intermediate != 0 || matches!(control.last, b'^' | b'@') {
        return rxvt(control);
    }
    let held = modifiers(control.get(1));
    let press = |code, modifiers| Some(Key::Press(KeyEvent::new(code, modifiers)));
    let key = match control.last {
        b'A'..=b'F' | b'H' | b'P'..=b'S' => press(letter(control.last)?, held),
        b'a'..=b'd' => press(letter(control.last.to_ascii_uppercase())?, KeyModifiers::SHIFT),
        b'Z' => press(KeyCode::BackTab, held | KeyModifiers::SHIFT),
        b'~' if control.get(0) == Some(27) => {
            modified(control.get(2)?, held, Spelling::Shifted).map(Key::Press)
        }
        b'~' => press(tilde(control.get(0)?)?, held),
        b'u' => kitty(control, held),
        _ => None,
    }?;
    let released = control.sub(1, 1) == Some(3);
    Some(if released { Key::Nothing } else { key })
}

/// rxvt marks modifiers by the final byte: `$` Shift, `^` Control, `@` both.
fn rxvt(control: &Control) -> Option<Key> {
    let held = match (control.intermediate, control.last) {
        (b'$', b'$') => KeyModifiers::SHIFT,
        (0, b'^') => KeyModifiers::CONTROL,
        (0, b'@') => KeyModifiers::CONTROL | KeyModifiers::SHIFT,
        _ => return None,
    };
    Some(Key::Press(KeyEvent::new(tilde(control.get(0)?)?, held)))
}

/// The modifier parameter: one more than a set of bits. The bits of Caps Lock and Num Lock are left out, since a
/// shortcut must work whatever they are.
pub(super) fn modifiers(parameter: Option<u32>) -> KeyModifiers {
    let bits = parameter.unwrap_or(1).saturating_sub(1);
    let table = [
        KeyModifiers::SHIFT,
        KeyModifiers::ALT,
        KeyModifiers::CONTROL,
        KeyModifiers::SUPER,
        KeyModifiers::HYPER,
        KeyModifiers::META,
    ];
    let held = |(bit, modifier): (usize, KeyModifiers)| (bits >> bit & 1 == 1).then_some(modifier);
    table.into_iter().enumerate().filter_map(held).collect()
}

fn letter(last: u8) -> Option<KeyCode> {
    Some(match last {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'E' => KeyCode::KeypadBegin,
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        b'P'..=b'S' => KeyCode::F(last - b'O'),
        _ => return None,
    })
}

fn tilde(number: u32) -> Option<KeyCode> {
    let number = u8::try_from(number).ok()?;
    Some(match number {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        // The numbers skip 16, 22, 27, 30 and 35 as the VT220's keyboard has gaps between its blocks.
        11..=15 => KeyCode::F(number - 10),
        17..=21 => KeyCode::F(number - 11),
        23..=26 => KeyCode::F(number - 12),
        28..=29 => KeyCode::F(number - 13),
        31..=34 => KeyCode::F(number - 14),
        _ => return None,
    })
}

/// How a terminal names a shifted character: as the key that was hit, or as what it gives.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Spelling {
    Key,
    Shifted,
}

/// `CSI key:shifted:base ; modifiers:type ; text u`.
fn kitty(control: &Control, held: KeyModifiers) -> Option<Key> {
    let code = control.get(0)?;
    let commanding = held.intersects(!KeyModifiers::SHIFT);
    if let Some(text) = text(control).filter(|text| !commanding || is_composed(control, held, text)) {
        return Some(Key::Text(text));
    }
    // On a Cyrillic keyboard Ctrl+С is Ctrl+C: the base layout's key, where the terminal tells it.
    let base = control
        .sub(0, 2)
        .filter(|base| commanding && code > 127 && (33..127).contains(base));
    let shifted = control
        .sub(0, 1)
        .filter(|_| base.is_none() && held.contains(KeyModifiers::SHIFT));
    let event = match (base, shifted) {
        (Some(base), _) => modified(base, held, Spelling::Key),
        (None, Some(shifted)) => modified(shifted, held, Spelling::Shifted),
        (None, None) => modified(code, held, Spelling::Key),
    };
    Some(event.map_or(Key::Nothing, Key::Press))
}

/// The text that a terminal says the key gives, if it gives any.
fn text(control: &Control) -> Option<Vec<char>> {
    let codes = control.fields.get(2)?.iter().flatten();
    let text = codes.filter_map(|code| char::from_u32(*code));
    let text: Vec<char> = text.filter(|character| !character.is_control()).collect();
    (!text.is_empty()).then_some(text)
}

/// Returns whether the key gives another character while Alt or Ctrl is held: `AltGr` is both of them on some systems, and
/// Option is Alt. A shortcut gives the character of its key, or none.
fn is_composed(control: &Control, held: KeyModifiers, text: &[char]) -> bool {
    let alt_and_control = KeyModifiers::ALT | KeyModifiers::CONTROL | KeyModifiers::SHIFT;
    let of_key = (0..3).filter_map(|sub| char::from_u32(control.sub(0, sub)?));
    let mut of_key = of_key.map(|character| character.to_lowercase().to_string());
    let is_of_key = match text {
        [only] => of_key.any(|character| character == only.to_lowercase().to_string()),
        _ => false,
    };
    alt_and_control.contains(held) && !is_of_key
}

/// A key that is named by its Unicode number, or by kitty's numbers in the private use area.
fn modified(code: u32, mut held: KeyModifiers, spelling: Spelling) -> Option<KeyEvent> {
    let code = match code {
        9 if held.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
        9 => KeyCode::Tab,
        13 => KeyCode::Enter,
        27 => KeyCode::Esc,
        8 | 127 => KeyCode::Backspace,
        0..=31 => return None,
        57344..=63743 => functional(code)?,
        _ => {
            let character = char::from_u32(code)?;
            if !held.contains(KeyModifiers::SHIFT) {
                KeyCode::Char(character)
            } else if character.is_alphabetic() {
                let mut upper = character.to_uppercase();
                let single = upper.next().filter(|_| upper.next().is_none());
                KeyCode::Char(single.unwrap_or(character))
            } else {
                if spelling == Spelling::Shifted || character == ' ' {
                    held -= KeyModifiers::SHIFT;
                }
                KeyCode::Char(character)
            }
        }
    };
    Some(KeyEvent::new(code, held))
}

/// Kitty's numbers for keys that have no character. Locks, media keys and modifiers alone are left out.
fn functional(code: u32) -> Option<KeyCode> {
    const KEYPAD: &[u8] = b"0123456789./*-+";
    let offset = |base: u32| usize::try_from(code - base).unwrap_or(usize::MAX);
    Some(match code {
        57361 => KeyCode::PrintScreen,
        57362 => KeyCode::Pause,
        57363 => KeyCode::Menu,
        57376..=57398 => KeyCode::F(u8::try_from(code - 57363).ok()?),
        57399..=57413 => KeyCode::Char(char::from(*KEYPAD.get(offset(57399))?)),
        57414 => KeyCode::Enter,
        57415 => KeyCode::Char('='),
        57416 => KeyCode::Char(','),
        57417 => KeyCode::Left,
        57418 => KeyCode::Right,
        57419 => KeyCode::Up,
        57420 => KeyCode::Down,
        57421 => KeyCode::PageUp,
        57422 => KeyCode::PageDown,
        57423 => KeyCode::Home,
        57424 => KeyCode::End,
        57425 => KeyCode::Insert,
        57426 => KeyCode::Delete,
        57427 => KeyCode::KeypadBegin,
        _ => return None,
    })
}

/// A mouse report: the button byte, column and row from 1, and whether a button was let go (SGR says so).
pub(super) fn mouse(button: u32, column: u32, row: u32, released: bool) -> Option<MouseEvent> {
    let which = match (button & 3) | (button >> 4 & 0xc) {
        0 => Some(MouseButton::Left),
        1 => Some(MouseButton::Middle),
        2 => Some(MouseButton::Right),
        _ => None,
    };
    let moving = button & 32 != 0;
    let kind = match (button & !0x3c, which) {
        (64, _) => MouseEventKind::ScrollUp,
        (65, _) => MouseEventKind::ScrollDown,
        (66, _) => MouseEventKind::ScrollLeft,
        (67, _) => MouseEventKind::ScrollRight,
        (0..=3, Some(which)) if moving => MouseEventKind::Drag(which),
        (0..=3, Some(which)) if released => MouseEventKind::Up(which),
        (0..=3, Some(which)) => MouseEventKind::Down(which),
        (3, None) if moving => MouseEventKind::Moved,
        // Only the old encoding releases so, and it does not say which button.
        (3, None) => MouseEventKind::Up(MouseButton::Left),
        _ => return None,
    };
    let held = [
        (4, KeyModifiers::SHIFT),
        (8, KeyModifiers::ALT),
        (16, KeyModifiers::CONTROL),
    ];
    Some(MouseEvent {
        kind,
        column: u16::try_from(column.saturating_sub(1)).ok()?,
        row: u16::try_from(row.saturating_sub(1)).ok()?,
        modifiers: held
            .into_iter()
            .filter_map(|(bit, modifier)| (button & bit != 0).then_some(modifier))
            .collect(),
    })
}
