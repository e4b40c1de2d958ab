//! Which machine this is, and since when it runs: by what a journal tells whether its owner can still live where locks do
//! not reach from one machine to another.

use std::fs;

use sha2::{Digest, Sha256};

use crate::domain::hexadecimal;
use crate::error::{Error, Kind, Result, reason};
use crate::store::is_shortage;

/// A machine, and one of its starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// The machine, for as long as it keeps its id and its name.
    host: String,
    /// One start of it; empty where the system does not tell.
    boot: String,
}

/// What stands for a part that is not known: an entry of a journal has both.
const NONE: &str = "-";
/// What the name of a machine begins with that has no id: another one may have the same name.
const NAMED_ONLY: char = '~';

fn read(path: &str) -> Result<String> {
    match fs::read_to_string(path) {
        Err(error) if is_shortage(&error) => {
            let message = format!(
                "Cannot tell which machine this is from {path}: {}",
                reason(&error)
            );
            Err(Error::new(Kind::Internal, message)
                .hint("The process may open too few files (ulimit -n); interrupted turns are left alone"))
        }
        text => Ok(text.unwrap_or_default()),
    }
}

impl Machine {
    /// The machine that this runs on. Its id is hashed: systemd has it kept confidential (machine-id(5)). The name belongs
    /// to it because a machine that is cloned keeps its id. An error says that the process can open no more files: what
    /// is not there, or may not be read, is done without.
    pub(super) fn this() -> Result<Self> {
        let mut id = read("/etc/machine-id")?;
        if id.is_empty() {
            id = read("/var/lib/dbus/machine-id")?;
        }
        let name = rustix::system::uname();
        let named = [
            b"tintype\n",
            id.trim().as_bytes(),
            b"\n",
            name.nodename().to_bytes(),
        ]
        .concat();
        let mut host = hexadecimal(&Sha256::digest(named));
        host.truncate(16);
        if id.trim().is_empty() {
            host.insert(0, NAMED_ONLY);
        }
        let boot = read("/proc/sys/kernel/random/boot_id")?;
        Ok(Self::new(&host, boot.trim()))
    }

    /// A machine by the names of itself and of one of its starts, both without spaces.
    #[doc(hidden)]
    #[must_use]
    pub fn new(host: &str, boot: &str) -> Self {
        Self {
            host: host.to_owned(),
            boot: boot.to_owned(),
        }
    }

    /// `HOST BOOT`, as a journal has it.
    pub(super) fn written(&self) -> String {
        let or_none = |text: &str| {
            if text.is_empty() {
                NONE.to_owned()
            } else {
                text.to_owned()
            }
        };
        format!("{} {}", or_none(&self.host), or_none(&self.boot))
    }

    /// Reads [`Machine::written`] back.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (host, boot) = text.split_once(' ')?;
        let known = |text: &str| {
            if text == NONE {
                String::new()
            } else {
                text.to_owned()
            }
        };
        Some(Self {
            host: known(host),
            boot: known(boot),
        })
    }

    /// Whether a lock that the other holds is seen here. A name of its own, as a container has it, makes another machine:
    /// what it has mounted may come over a network of its own.
    pub(super) fn shares_locks_with(&self, other: &Self) -> bool {
        self == other
    }

    /// Whether the other is an earlier start of this machine, which has ended.
    pub(super) fn has_restarted_since(&self, other: &Self) -> bool {
        let known = !self.boot.is_empty() && !other.boot.is_empty() && !self.host.starts_with(NAMED_ONLY);
        known && self.host == other.host && self.boot != other.boot
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_told_by_its_start_and_by_itself() {
        let here = Machine::new("fox", "1");
        assert!(here.shares_locks_with(&Machine::new("fox", "1")));
        for other in [("fox", "2"), ("owl", "2"), ("container", "1")] {
            let other = Machine::new(other.0, other.1);
            assert!(!here.shares_locks_with(&other));
        }
        assert!(here.has_restarted_since(&Machine::new("fox", "0")));
        assert!(!here.has_restarted_since(&here));
        assert!(!here.has_restarted_since(&Machine::new("owl", "0")));
        let nameless = |boot| Machine::new("~fox", boot);
        assert!(!nameless("2").has_restarted_since(&nameless("1")));
        // A system that does not count its starts.
        let (mac, other) = (Machine::new("mac", ""), Machine::new("owl", ""));
        assert!(mac.shares_locks_with(&mac) && !mac.has_restarted_since(&mac));
        assert!(!mac.shares_locks_with(&other) && !mac.has_restarted_since(&other));
    }

    #[test]
    fn what_is_written_of_it_is_read_back() {
        for machine in [
            Machine::this().unwrap(),
            Machine::new("fox", ""),
            Machine::new("", "1"),
        ] {
            assert_eq!(Machine::read(&machine.written()), Some(machine));
        }
        assert_eq!(Machine::read("fox"), None);
    }
}
