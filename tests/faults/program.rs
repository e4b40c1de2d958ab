//! The program under test in a home of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_tintype");

/// A home with nothing in it.
pub(crate) struct Home(TempDir);

impl Home {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.path().join("data")
    }

    /// Where the program puts what it cannot store.
    pub(crate) fn temporary(&self) -> PathBuf {
        let folder = self.path().join("tmp");
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    /// `tintype` in this home, with nothing of the tester's environment but the search path.
    pub(crate) fn program(&self, args: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .args(args)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.path())
            .env("TINTYPE_DATA_DIR", self.data())
            .env("TMPDIR", self.temporary())
            .env("TZ", "UTC")
            .current_dir(self.path())
            .stdin(Stdio::null());
        command
    }

    /// Runs it to its end; what it printed as JSON.
    pub(crate) fn json(&self, args: &[&str]) -> Value {
        let said = self.program(args).output().unwrap();
        assert!(
            said.status.success(),
            "{args:?}: {}",
            String::from_utf8_lossy(&said.stderr)
        );
        serde_json::from_slice(&said.stdout).unwrap()
    }

    /// The names of what lies in a folder of the data folder, sorted.
    pub(crate) fn files(&self, folder: &str) -> Vec<String> {
        let read = std::fs::read_dir(self.data().join(folder));
        let mut names: Vec<String> = read
            .into_iter()
            .flatten()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }
}
