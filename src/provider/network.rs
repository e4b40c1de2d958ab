//! How the outside is reached from this machine, as data: proxies, and the certificates that are trusted in place of
//! the system's own. Whoever reads the environment fills it in; it opens nothing.

use std::fmt;
use std::path::PathBuf;

/// The way out of this machine. The loopback needs none of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Network {
    pub proxies: Proxies,
    pub trust: Trust,
}

/// A proxy's address, and the variable it came from. The address may hold a password: it is not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct ProxyAddress {
    pub variable: &'static str,
    pub url: String,
}

impl fmt::Debug for ProxyAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ProxyAddress").field(&self.variable).finish()
    }
}

/// What stands between this machine and the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies {
    pub https: Option<ProxyAddress>,
    pub http: Option<ProxyAddress>,
    /// For whatever the two above do not name.
    pub all: Option<ProxyAddress>,
    /// Hosts that are reached directly, separated by commas.
    pub except: Option<String>,
}

/// Certificates of authorities that somebody named: they are trusted instead of the system's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trust {
    /// A file of certificates in PEM.
    pub file: Option<PathBuf>,
    /// Folders of such files.
    pub folders: Vec<PathBuf>,
}

impl Trust {
    /// Whether nothing is named, so that the system's own certificates hold.
    pub fn is_the_systems(&self) -> bool {
        self.file.is_none() && self.folders.is_empty()
    }
}
