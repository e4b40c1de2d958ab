//! `generate -o` killed at, and refused, each file system call in the folder of the copy: there is never a part of an image
//! under its name, `--force` never loses the old file, and a path that is printed is on the disk.

use std::path::Path;
use std::process::Output;
use std::thread;

use tempfile::TempDir;

use crate::inject::{Blow, Injection, Report};
use crate::program::Home;
use crate::script::{Provider, Script};

const OLD: &[u8] = b"what was there before";
const EIO: i32 = 5;
const ENOSPC: i32 = 28;

/// One run that has ended.
struct Run {
    home: Home,
    out: TempDir,
    said: Output,
    report: Report,
    /// The counted calls in their order, such as `fsync /tmp/out`.
    calls: Vec<String>,
}

impl Run {
    /// Generates into `x.png` in a folder of its own, which holds an old file of that name if `force`.
    fn new(script: &Script, force: bool, at: Option<u32>, blow: Blow) -> Self {
        let (home, out, log) = (
            Home::new(),
            tempfile::tempdir().unwrap(),
            tempfile::tempdir().unwrap(),
        );
        let log = log.path().join("log");
        let target = out.path().canonicalize().unwrap().join("x.png");
        if force {
            std::fs::write(&target, OLD).unwrap();
        }
        let Provider { base_url, calls } = Provider::start();
        let mut command = home.program(&["generate", "a red fox", "-q", "-p", "demo", "--retries", "0"]);
        command.args(["--base-url", &base_url, "-o"]).arg(&target);
        if force {
            command.arg("--force");
        }
        let injection = Injection {
            at,
            blow,
            ..Injection::below(out.path())
        };
        let said = thread::scope(|scope| {
            scope.spawn(move || {
                let mut call = calls.recv().unwrap();
                call.send(&script.body);
                call.end();
            });
            injection.wrap(&command, &log).output().unwrap()
        });
        let text = std::fs::read_to_string(&log).unwrap();
        let number_of = |line: &str| line.split(' ').next()?.parse::<u32>().ok();
        let counted = text.lines().filter(|line| number_of(line).is_some());
        Self {
            calls: counted
                .map(|line| line.split_once(' ').unwrap().1.to_owned())
                .collect(),
            report: Injection::report(&log),
            home,
            out,
            said,
        }
    }

    fn copy(&self) -> Option<Vec<u8>> {
        std::fs::read(self.out.path().join("x.png")).ok()
    }

    /// The files in the folder of the copy.
    fn count(&self) -> usize {
        std::fs::read_dir(self.out.path()).unwrap().count()
    }

    /// Whether the path of the copy was printed.
    fn has_printed(&self) -> bool {
        let printed = String::from_utf8_lossy(&self.said.stdout);
        printed
            .lines()
            .any(|line| Path::new(line).file_name() == Some("x.png".as_ref()))
    }

    /// The struck call and its first path.
    fn struck(&self) -> (&str, &Path) {
        let struck = self.report.struck.as_deref().unwrap();
        let mut words = struck.split(' ');
        (words.next().unwrap(), Path::new(words.next().unwrap()))
    }

    fn is_sync_of_folder(&self) -> bool {
        let (call, path) = self.struck();
        call == "fsync" && path == self.out.path().canonicalize().unwrap()
    }
}

fn script() -> Script {
    Script::with_picture(7, 300_000)
}

#[test]
fn a_copy_is_synced_before_it_has_its_name_and_its_name_before_it_is_printed() {
    let script = script();
    for force in [false, true] {
        let run = Run::new(&script, force, None, Blow::Kill);
        assert_eq!(run.said.status.code(), Some(0));
        assert!(run.copy().as_deref() == Some(script.result()));
        assert_eq!(run.count(), 1, "no litter");
        let place = |call: &str, end: &str| {
            let is_it = |line: &String| line.starts_with(call) && line.ends_with(end);
            let found = run.calls.iter().position(is_it);
            found.unwrap_or_else(|| panic!("no {call} of {end}: {:#?}", run.calls))
        };
        let folder = run.out.path().canonicalize().unwrap();
        let folder = folder.to_str().unwrap();
        let named = if force { "rename" } else { "link" };
        let order = [
            place("openat", ".part"),
            place("copy_file_range", ".part"),
            place("fsync", ".part"),
            place(named, "/x.png"),
            place("fsync", folder),
        ];
        assert!(order.is_sorted(), "{:#?}", run.calls);
        assert_eq!(
            order[4] + 1,
            run.calls.len(),
            "the folder goes last: {:#?}",
            run.calls
        );
    }
}

#[test]
fn a_copy_that_is_killed_anywhere_is_whole_or_not_there_and_not_printed() {
    let script = script();
    for force in [false, true] {
        for at in 1.. {
            let run = Run::new(&script, force, Some(at), Blow::Kill);
            if run.report.struck.is_none() {
                assert!(run.has_printed() && at > 5);
                break;
            }
            assert!(run.said.stdout.is_empty(), "{:?}", run.report);
            let is_whole = run.copy().as_deref() == Some(script.result());
            let is_as_before = run.copy().as_deref() == force.then_some(OLD);
            assert!(is_whole || is_as_before, "{:?}", run.report);
            if run.is_sync_of_folder() {
                assert!(is_whole);
            }
        }
    }
}

#[test]
fn a_copy_that_the_disk_refuses_anywhere_leaves_nothing_and_says_where_the_image_is() {
    let script = script();
    for (force, blow) in [
        (false, Blow::Fail(ENOSPC)),
        (false, Blow::FailFrom(ENOSPC)),
        (true, Blow::Fail(ENOSPC)),
        (true, Blow::FailFrom(EIO)),
    ] {
        for at in 1.. {
            let run = Run::new(&script, force, Some(at), blow);
            if run.report.struck.is_none() {
                break;
            }
            let what = format!(
                "{blow:?} {:?}: {}",
                run.report,
                String::from_utf8_lossy(&run.said.stderr)
            );
            let copy = run.copy();
            if run.said.status.success() {
                assert!(copy.as_deref() == Some(script.result()), "{what}");
                assert!(run.has_printed(), "{what}");
                continue;
            }
            assert!(!run.has_printed(), "{what}");
            // Where the folder's sync fails, the old file is gone already; and a disk that refuses everything from there on
            // does not let the copy be taken away either.
            let may_be_whole = run.is_sync_of_folder() && force || blow == Blow::FailFrom(ENOSPC);
            let is_whole = copy.as_deref() == Some(script.result());
            let is_as_before = copy.as_deref() == force.then_some(OLD);
            assert!(is_as_before || may_be_whole && is_whole, "{what}");
            if let Blow::Fail(_) = blow {
                assert_eq!(run.count(), usize::from(copy.is_some()), "no litter: {what}");
            }
            let words = String::from_utf8(run.said.stderr.clone()).unwrap();
            assert!(!words.contains(".part"), "{what}");
            let (_, kept) = words
                .split_once("is kept in ")
                .unwrap_or_else(|| panic!("{what}"));
            let kept = Path::new(kept.lines().next().unwrap().trim());
            assert!(kept.starts_with(run.home.data()), "{what}");
            assert!(std::fs::read(kept).unwrap() == script.result(), "{what}");
        }
    }
}
