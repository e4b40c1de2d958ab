//! The recovery meets errors: at every file system call that it makes, once or from there on. Whatever it could not do is
//! said, and done by the next start: every byte that had been reported is there then, once.
//!
//! `TINTYPE_SWEEP=all` strikes every call with every error, which takes many minutes.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::io::Errno;
use tintype::domain::TurnStatus;
use tintype::store::Store;

use crate::chance::Chance;
use crate::inject::{Blow, Injection};
use crate::kill::{Killed, check, kill_at};
use crate::program::Home;
use crate::script::{Carries, Provider, Script};

/// What a start of the program is struck at: calls that read as well as those that change something.
const CALLS: &str = "open,openat,creat,read,pread64,getdents64,stat,lstat,newfstatat,statx,access,faccessat,flock,\
    write,pwrite64,rename,renameat2,unlink,unlinkat,mkdir,mkdirat,ftruncate,fsync,fdatasync,fchmod,fchmodat,chmod,utimensat";
const ERRORS: [Errno; 5] = [Errno::MFILE, Errno::IO, Errno::ACCESS, Errno::STALE, Errno::NFILE];
const LIST: [&str; 5] = ["sessions", "list", "--json", "--limit", "100000"];

/// Whether every call is to be struck, and not only some.
fn is_wanted_whole() -> bool {
    std::env::var_os("TINTYPE_SWEEP").is_some_and(|wanted| wanted == "all")
}

/// The picture that is the result begins here in the body.
pub(crate) fn result_begins(script: &Script) -> usize {
    let result = script
        .stretches
        .iter()
        .find(|(_, carries)| matches!(carries, Carries::Picture { draft: false, .. }));
    result.unwrap().0.start
}

/// A home in which a generation was killed after it had reported this many bytes.
pub(crate) fn interrupted(script: &Script, at: usize) -> (Home, Killed) {
    let home = Home::new();
    let killed = kill_at(&home, script, &Provider::start(), at, true, &mut Chance::new(7));
    (home, killed)
}

/// Copies everything in a folder with its times into another, which must not be there.
pub(crate) fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").args([from, to]).status().unwrap();
    assert!(copied.success());
}

/// Keeps the data folder as it is, to be put back.
fn keep(home: &Home) -> PathBuf {
    let left = home.path().join("left");
    copy(&home.data(), &left);
    left
}

fn put_back(left: &Path, home: &Home) {
    std::fs::remove_dir_all(home.data()).unwrap();
    copy(left, &home.data());
}

/// Says what was tried where it fails.
struct Context<'a>(&'a str);

impl Drop for Context<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let _nobody_reads = writeln!(std::io::stderr(), "{}", self.0);
        }
    }
}

/// What the next start makes of it: everything is there, and nothing else.
fn assert_whole(home: &Home, script: &Script, killed: &Killed, what: &str) {
    let context = Context(what);
    check(home, script, killed);
    drop(context);
    assert_eq!(home.files("spool"), [""; 0], "{what}");
    let mut left = home.files("state/journal");
    left.retain(|name| name != "tidied");
    assert_eq!(left, [""; 0], "{what}");
    assert!(
        !home.data().join("damaged").exists(),
        "{what}: a database is taken for damaged"
    );
}

/// One run of the program under an injection; the call that was struck, if there were so many, and what it said.
fn struck(home: &Home, injection: &Injection) -> Option<(String, String)> {
    let log = home.path().join("calls.log");
    let said = injection.wrap(&home.program(&LIST), &log).output().unwrap();
    let struck = Injection::report(&log).struck?;
    let mut words = String::from_utf8_lossy(&said.stderr).into_owned();
    if !said.status.success() {
        words.push_str("(it failed)");
    }
    assert!(!words.contains("panicked"), "{struck}: {words}");
    Some((struck, words))
}

/// Strikes the recovery at the calls of these numbers with one error, until there are no more; how many there were.
fn sweep(script: &Script, at: usize, blow: Blow, numbers: impl Iterator<Item = u32>) -> u32 {
    let (home, killed) = interrupted(script, at);
    let left = keep(&home);
    let mut strikes = 0;
    for number in numbers {
        put_back(&left, &home);
        let injection = Injection {
            at: Some(number),
            blow,
            calls: Some(CALLS),
            ..Injection::below(home.path())
        };
        let Some((call, words)) = struck(&home, &injection) else {
            break;
        };
        strikes += 1;
        let next = home.program(&LIST).output().unwrap();
        let what = format!("{blow:?} at {number}, {call}: {words:?}");
        assert!(next.status.success(), "{what}");
        // What the next start still had to do, the struck one has said.
        assert!(next.stderr.is_empty() || !words.is_empty(), "{what}");
        assert_whole(&home, script, &killed, &what);
    }
    strikes
}

#[test]
fn an_error_at_any_call_of_a_recovery_loses_nothing_and_is_said() {
    let mut strikes = 0;
    for (seed, error) in (1..).zip(ERRORS) {
        let script = Script::with_picture(seed, 60_000);
        let middle = result_begins(&script) + 40_000;
        for blow in [
            Blow::Fail(error.raw_os_error()),
            Blow::FailFrom(error.raw_os_error()),
        ] {
            let first = u32::try_from(seed).unwrap();
            let step = if is_wanted_whole() { 1 } else { 29 };
            let first = if is_wanted_whole() { 1 } else { first * 5 };
            strikes += sweep(&script, middle, blow, (first..).step_by(step));
        }
    }
    println!("{strikes} strikes");
    assert!(strikes > 30, "{strikes}");
}

#[test]
fn an_error_while_a_damaged_database_is_put_in_order_loses_no_row() {
    let script = Script::with_picture(20, 60_000);
    let (home, killed) = interrupted(&script, result_begins(&script) + 40_000);
    // Begun and not ended: what is read back is everything, for it is whole.
    let unread = home.data().join("damaged/unread");
    std::fs::create_dir_all(&unread).unwrap();
    drop(Store::open(&home.data()).unwrap());
    let database = "tintype-20261121-143055.db";
    std::fs::rename(home.data().join("tintype.db"), unread.join(database)).unwrap();
    let left = keep(&home);
    let mut strikes = 0;
    for error in ERRORS {
        for blow in [
            Blow::Fail(error.raw_os_error()),
            Blow::FailFrom(error.raw_os_error()),
        ] {
            let step = if is_wanted_whole() { 1 } else { 31 };
            for number in (1..).step_by(step) {
                put_back(&left, &home);
                let injection = Injection {
                    at: Some(number),
                    blow,
                    calls: Some(CALLS),
                    ..Injection::below(home.path())
                };
                let Some((call, words)) = struck(&home, &injection) else {
                    break;
                };
                strikes += 1;
                let what = format!("{blow:?} at {number}, {call}: {words:?}");
                let context = Context(&what);
                check(&home, &script, &killed);
                drop(context);
                let sessions = home.json(&LIST);
                assert_eq!(sessions.as_array().unwrap().len(), 1, "{what}: {sessions}");
                assert!(home.data().join("damaged").join(database).exists(), "{what}");
            }
        }
    }
    assert!(strikes > 30, "{strikes}");
}

#[test]
fn a_database_that_cannot_be_read_for_the_moment_is_not_taken_for_damaged() {
    let script = Script::with_picture(21, 60_000);
    let (home, killed) = interrupted(&script, result_begins(&script) + 40_000);
    let left = keep(&home);
    for error in [Errno::IO, Errno::STALE, Errno::ACCESS] {
        for calls in ["pread64,read", "newfstatat,statx,stat,lstat"] {
            put_back(&left, &home);
            // It is to be looked through as a whole.
            std::fs::write(home.data().join("tintype.check"), "").unwrap();
            let injection = Injection {
                at: Some(1),
                blow: Blow::FailFrom(error.raw_os_error()),
                calls: Some(calls),
                path: Some("tintype.db"),
                ..Injection::below(home.path())
            };
            let (call, words) = struck(&home, &injection).unwrap();
            let what = format!("{error} from {call} on: {words:?}");
            assert!(!words.is_empty(), "{what}");
            assert_whole(&home, &script, &killed, &what);
        }
    }
}

#[test]
fn a_recovery_with_few_file_descriptors_loses_nothing_and_says_so() {
    let script = Script::new(3);
    let (home, killed) = interrupted(&script, result_begins(&script) + 300_000);
    let left = keep(&home);
    for limit in 7..24 {
        put_back(&left, &home);
        let program = home.program(&LIST);
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", "ulimit -n \"$1\"; shift; exec \"$@\"", "sh"])
            .arg(limit.to_string())
            .arg(program.get_program())
            .args(program.get_args())
            .env_clear()
            .envs(
                program
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            )
            .current_dir(home.path());
        let said = command.output().unwrap();
        let words = String::from_utf8_lossy(&said.stderr).into_owned();
        let next = home.program(&LIST).output().unwrap();
        let what = format!("ulimit -n {limit}: {words}");
        assert!(next.stderr.is_empty() || !words.is_empty(), "{what}");
        assert_whole(&home, &script, &killed, &what);
    }
}

#[test]
fn what_is_no_image_is_never_made_one_and_stays() {
    let script = Script::new(5);
    let (home, killed) = interrupted(&script, result_begins(&script) + 300_000);
    let spool = home.data().join("spool");
    let files = home.files("spool");
    let [name] = files.as_slice() else {
        panic!("one image is arriving: {files:?}")
    };
    let mut bytes = std::fs::read(spool.join(name)).unwrap();
    bytes[..8].copy_from_slice(b"no image");
    std::fs::write(spool.join(name), &bytes).unwrap();
    let empty = format!("{}.77", killed.turn);
    std::fs::write(spool.join(&empty), "").unwrap();

    let said = home.program(&LIST).output().unwrap();
    let told = String::from_utf8_lossy(&said.stderr);
    let path = spool.canonicalize().unwrap().join(name);
    assert!(
        told.contains("no image of a known type") && told.contains(path.to_str().unwrap()),
        "{told}"
    );
    assert_eq!(home.files("spool"), std::slice::from_ref(name));
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
    let store = Store::open(&home.data()).unwrap();
    let turn = store.turn(&killed.turn.clone().into()).unwrap().unwrap();
    assert_eq!(turn.status, TurnStatus::Interrupted, "{turn:?}");
    assert_eq!(turn.images.len(), 2, "only the drafts: {turn:?}");
    assert!(
        turn.warnings.iter().any(|warning| warning.contains(name)),
        "{turn:?}"
    );
    // It stays, however old it becomes.
    age(&path, 40 * 24);
    std::fs::remove_file(home.data().join("state/journal/tidied")).unwrap();
    let said = home.program(&LIST).output().unwrap();
    assert!(
        said.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&said.stderr)
    );
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
}

/// Makes a file as old as this many hours.
pub(crate) fn age(path: &Path, hours: u64) {
    let then = std::time::SystemTime::now() - std::time::Duration::from_hours(hours);
    let file = std::fs::File::options().append(true).open(path).unwrap();
    file.set_modified(then).unwrap();
}

#[test]
fn a_clock_that_was_set_back_hides_no_image() {
    for day in ["2001-02-03", "2999-12-31"] {
        let script = Script::new(9);
        let (home, killed) = interrupted(&script, result_begins(&script) + 1000);
        let images = home.data().join("images");
        let days = home.files("images");
        assert_eq!(days.len(), 1, "the drafts have their places: {days:?}");
        std::fs::rename(images.join(&days[0]), images.join(day)).unwrap();
        assert_whole(&home, &script, &killed, day);
    }
}
