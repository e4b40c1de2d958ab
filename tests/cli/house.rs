//! A home of its own for the program under test: folders, environment, and the files that commands name.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::server::Counted;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_tintype");

/// What a command said and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
    /// The exit code; `None` when a signal ended it.
    pub(crate) code: Option<i32>,
}

pub(crate) struct House {
    dir: TempDir,
    pub(crate) server: Counted,
}

impl House {
    /// A home whose default provider is a demo of this pace.
    pub(crate) fn at_speed(speed: f64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let house = Self {
            dir,
            server: Counted::start(speed),
        };
        for folder in [house.home(), house.work().join("folder")] {
            std::fs::create_dir_all(folder).unwrap();
        }
        let file = |name: &str, bytes: &[u8]| std::fs::write(house.work().join(name), bytes).unwrap();
        file("prompt.txt", b"a red fox\nin the snow\n");
        file("latin1.txt", b"un \xe9l\xe9phant");
        file("notes.txt", b"no picture at all");
        file("fox.png", &png());
        file("cat.gif", b"GIF89a\x01\0\x01\0\0\0\0;");
        file("empty.png", b"");
        house.settings();
        house
    }

    /// Settings files, each with a provider of its own, where no command looks for them by itself.
    fn settings(&self) {
        let folder = self.dir.path().join("settings");
        std::fs::create_dir_all(&folder).unwrap();
        let file = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
        let server = &self.server.base_url;
        file(
            "relay.toml",
            &format!(
                "provider = 'relay'\nsize = '2K'\n[providers.relay]\nbase_url = '{server}/v1beta'\n\
                 api_key_command = ['printf', 'sk-of-the-relay;echo x']\nauth = 'bearer'\nhint = 'Closed at night'\n\
                 [[providers.relay.models]]\nname = 'nano'\nlike = 'gemini-3.1-flash-image'\nprice_per_picture = 0.02\n\
                 retires = '2020-01-31'\n[[providers.relay.models]]\nname = 'gemini-3-pro-image'\n\
                 like = 'gemini-3-pro-image'\nsizes = ['1K', '2K']\nprice_per_picture = {{ '1K' = 0.05, '2K' = 0.08 }}\n"
            ),
        );
        file("wide.key", "sk-1");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
        std::fs::set_permissions(folder.join("wide.key"), mode).unwrap();
        for (name, key) in [
            ("wide.toml", "api_key_file = 'wide.key'"),
            (
                "locked.toml",
                "api_key_command = \"sh -c 'echo sk-1; echo The vault is locked >&2; exit 3'\"",
            ),
            ("shell.toml", "api_key_command = 'pass show relay | head -1'"),
            ("field.toml", "api_key = 'sk-1'"),
        ] {
            file(
                name,
                &format!("[providers.relay]\nbase_url = 'https://relay.example'\n{key}\n"),
            );
        }
    }

    pub(crate) fn new() -> Self {
        Self::at_speed(0.0)
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.dir.path().join("home")
    }

    /// The folder that commands run in.
    pub(crate) fn work(&self) -> PathBuf {
        self.dir.path().join("work")
    }

    /// Any program in this home, with nothing of the tester's environment but the search path.
    pub(crate) fn program(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.home())
            .env("TZ", "UTC")
            .env("TINTYPE_PROVIDER", "demo")
            .env("TINTYPE_BASE_URL", &self.server.base_url)
            .current_dir(self.work())
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn tintype(&self, args: &[&str]) -> Command {
        let mut command = self.program(PROGRAM);
        command.args(args);
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Said {
        said(&mut self.tintype(args))
    }

    /// The one object that a command prints with `--json`.
    pub(crate) fn json(&self, args: &[&str]) -> serde_json::Value {
        let said = self.run(args);
        let text = String::from_utf8(said.stdout).unwrap();
        assert_eq!(text.lines().count(), 1, "{text}{}", said.stderr);
        serde_json::from_str(&text).unwrap()
    }

    /// Every file below the home, with its bytes.
    pub(crate) fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut found = Vec::new();
        walk(self.dir.path(), &mut found);
        found
    }

    pub(crate) fn pictures(&self) -> Vec<PathBuf> {
        let images = self.home().join(".local/share/tintype/images");
        self.files()
            .into_iter()
            .map(|(path, _)| path)
            .filter(|path| path.starts_with(&images))
            .collect()
    }
}

pub(crate) fn said(command: &mut Command) -> Said {
    let output = command.output().unwrap();
    Said {
        stdout: output.stdout,
        stderr: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code(),
    }
}

fn walk(folder: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, found);
        } else {
            let bytes = std::fs::read(&path).unwrap_or_default();
            found.push((path, bytes));
        }
    }
}

/// A picture of two by two pixels, as an encoder of ours would write it.
pub(crate) fn png() -> Vec<u8> {
    let picture = image::RgbImage::from_pixel(2, 2, image::Rgb([180, 60, 20]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}
