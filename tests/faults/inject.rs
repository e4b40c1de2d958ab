//! Runs the program under `inject.c`, which kills it before its N-th file system call or lets that call fail.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use tempfile::TempDir;

/// Builds the injector once for all tests of this binary, with the C compiler that building tintype needs anyway.
fn injector() -> &'static Path {
    static BUILT: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = BUILT.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("inject");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/inject.c");
        let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
        let built = Command::new(compiler)
            .args(["-O1", "-o"])
            .args([&path, &source])
            .status()
            .unwrap();
        assert!(built.success(), "the C compiler refuses {}", source.display());
        (folder, path)
    });
    path
}

/// The blow that a run is struck with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blow {
    /// SIGKILL before the call.
    Kill,
    /// The call fails with this error number.
    Fail(i32),
    /// This call and every later one fail with this error number.
    FailFrom(i32),
}

/// A plan for one run: which file system calls count, and what happens at which of them.
#[derive(Clone, Debug)]
pub(crate) struct Injection {
    /// Calls on files below this folder count.
    pub(crate) folder: PathBuf,
    /// The number of the call that is struck, from 1; `None` only counts.
    pub(crate) at: Option<u32>,
    pub(crate) blow: Blow,
    /// Counts only calls on a path that contains this.
    pub(crate) path: Option<&'static str>,
    /// Counts only these calls, separated by commas; `None` counts those that change something.
    pub(crate) calls: Option<&'static str>,
}

/// A run that has ended.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    /// How many calls were counted.
    pub(crate) counted: u32,
    /// The call that was struck, such as `rename /tmp/a -> /tmp/b`.
    pub(crate) struck: Option<String>,
}

impl Injection {
    /// An injection that counts every call below `folder` which changes something, and strikes nothing.
    pub(crate) fn below(folder: &Path) -> Self {
        Self {
            // The injector sees resolved paths.
            folder: folder.canonicalize().unwrap(),
            at: None,
            blow: Blow::Kill,
            path: None,
            calls: None,
        }
    }

    /// `command` under the injector, with the command's environment, folder and streams to be set as usual. The log lies at
    /// `log` afterwards; [`Injection::report`] reads it.
    pub(crate) fn wrap(&self, command: &Command, log: &Path) -> Command {
        let mut wrapped = Command::new(injector());
        wrapped.arg("-r").arg(&self.folder).arg("-l").arg(log);
        if let Some(at) = self.at {
            wrapped.arg("-n").arg(at.to_string());
        }
        match self.blow {
            Blow::Kill => {}
            Blow::Fail(number) => drop(wrapped.args(["-e", &number.to_string()])),
            Blow::FailFrom(number) => drop(wrapped.args(["-p", "-e", &number.to_string()])),
        }
        if let Some(part) = self.path {
            wrapped.args(["-m", part]);
        }
        if let Some(calls) = self.calls {
            wrapped.args(["-s", calls]);
        }
        wrapped
            .arg("--")
            .arg(command.get_program())
            .args(command.get_args());
        wrapped.env_clear();
        for (name, value) in command.get_envs() {
            if let Some(value) = value {
                wrapped.env(name, value);
            }
        }
        if let Some(folder) = command.get_current_dir() {
            wrapped.current_dir(folder);
        }
        wrapped.stdin(Stdio::null());
        wrapped
    }

    /// What the log of a run says.
    pub(crate) fn report(log: &Path) -> Report {
        let text = std::fs::read_to_string(log).unwrap();
        let line_of = |number: &str| {
            let line = text.lines().find(|line| line.split(' ').next() == Some(number))?;
            Some(line.split_once(' ')?.1.to_owned())
        };
        let struck = text.lines().find_map(|line| line.strip_prefix("STRUCK "));
        Report {
            counted: line_of("TOTAL").unwrap().parse().unwrap(),
            struck: struck.and_then(line_of),
        }
    }
}

#[test]
fn the_injector_kills_and_fails_at_the_call_that_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (data, log) = (folder.path().join("data"), folder.path().join("log"));
    std::fs::create_dir(&data).unwrap();
    let mut write = Command::new("/bin/sh");
    write.args(["-c", "echo one > one; echo two > two || echo no > three"]);
    write.current_dir(&data);
    let run = |injection: &Injection| {
        let mut command = injection.wrap(&write, &log);
        let status = command.stderr(Stdio::null()).status().unwrap();
        let there: Vec<bool> = ["one", "two", "three"]
            .iter()
            .map(|name| data.join(name).exists())
            .collect();
        for name in ["one", "two", "three"] {
            let _missing = std::fs::remove_file(data.join(name));
        }
        (status.code(), there, Injection::report(&log))
    };
    let counting = Injection::below(&data);
    let (status, there, report) = run(&counting);
    assert_eq!((status, there), (Some(0), vec![true, true, false]));
    assert_eq!((report.counted, report.struck), (4, None));
    let killed = Injection {
        at: Some(3),
        ..counting.clone()
    };
    let (status, there, report) = run(&killed);
    assert_eq!((status, there), (Some(137), vec![true, false, false]));
    assert!(report.struck.unwrap().starts_with("openat "));
    let failed = Injection {
        blow: Blow::Fail(28),
        ..killed
    };
    let (status, there, _) = run(&failed);
    assert_eq!((status, there), (Some(0), vec![true, false, true]));
}
