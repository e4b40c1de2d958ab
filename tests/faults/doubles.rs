//! An image that arrives twice, as a draft and as the result, and a generation or its recovery killed at any of its file
//! system calls: one image, one file, one row.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tintype::domain::{ImageKind, Part, Signature, Turn, TurnStatus};
use tintype::store::Store;

use crate::answering::{Answering, Sent, body, body_with_signature};
use crate::chance::Chance;
use crate::inject::{Blow, Injection};
use crate::program::Home;
use crate::script::Provider;
use crate::tally::{assert_even_now_and_later, assert_one_row_each, files, points, run};

fn image(seed: u64, length: usize) -> Vec<u8> {
    crate::script::image(&Chance::new(seed).bytes(length))
}

fn arguments(base_url: &str) -> [&str; 7] {
    [
        "generate",
        "a red fox",
        "-q",
        "-p",
        "demo",
        "--base-url",
        base_url,
    ]
}

fn turns(home: &Home) -> Vec<Turn> {
    let store = Store::open(&home.data()).unwrap();
    let sessions = store.recent(100).unwrap();
    let turns = |id| store.session(id).unwrap().unwrap().turns;
    sessions.iter().flat_map(|session| turns(&session.id)).collect()
}

/// A symlink in the place of `images/` that leads to another disk, where there is one.
pub(crate) fn images_elsewhere(home: &Home) -> Option<tempfile::TempDir> {
    use std::os::unix::fs::MetadataExt;
    let disk = tempfile::tempdir_in("/dev/shm").ok()?;
    let device = |path: &Path| std::fs::metadata(path).unwrap().dev();
    if device(disk.path()) == device(home.path()) {
        return None;
    }
    std::fs::create_dir_all(home.data()).unwrap();
    std::os::unix::fs::symlink(disk.path(), home.data().join("images")).unwrap();
    Some(disk)
}

#[test]
fn a_draft_that_equals_the_result_is_one_image() {
    let (large, small, other) = (image(1, 90_000), image(1, 300), image(2, 90_000));
    let cases: [(&[Sent<'_>], usize); 6] = [
        (&[(&large, true), (&large, false)], 1),
        (&[(&large, false), (&large, true)], 1),
        (&[(&large, true), (&large, true), (&large, false)], 1),
        (&[(&small, true), (&small, false)], 1),
        (&[(&large, true), (&large, true)], 1),
        (&[(&large, true), (&other, true), (&large, false)], 2),
    ];
    for (number, (parts, count)) in cases.into_iter().enumerate() {
        let (home, provider) = (Home::new(), Answering::with(body(parts)));
        let said = home.program(&arguments(&provider.base_url)).output().unwrap();
        assert!(said.status.success(), "{number}: {said:?}");
        let turn = turns(&home).remove(0);
        assert_eq!(turn.images.len(), count, "{number}: {:?}", turn.images);
        assert_eq!(turn.images.last().unwrap().kind, ImageKind::Result, "{number}");
        assert_eq!(files(&home.data(), "spool").len(), 0, "{number}");
        assert_even_now_and_later(&home, &format!("case {number}"));
    }
}

#[test]
fn a_result_that_breaks_off_and_equals_its_draft_is_not_kept_beside_it() {
    let (draft, other) = (image(1, 200_000), image(2, 200_000));
    // A few bytes are alike in many images.
    for (result, cut, images) in [(&draft, 150_000, 1), (&other, 150_000, 2), (&draft, 100, 2)] {
        let home = Home::new();
        let all = body(&[(&draft, true), (result, false)]);
        let last = all.windows(10).rposition(|bytes| bytes == b"inlineData").unwrap();
        let provider = Answering::with(all[..last + cut].to_vec());
        let said = home.program(&arguments(&provider.base_url)).output().unwrap();
        assert_eq!(said.status.code(), Some(5), "{said:?}");
        let turn = turns(&home).remove(0);
        assert_eq!(turn.images.len(), images, "{cut}: {:?}", turn.images);
        assert_eq!(std::fs::read(&turn.images[0].path).unwrap(), draft);
        assert_even_now_and_later(&home, "broken off");
    }
}

/// Kills a generation at some of its calls; a fresh start then finds what it left.
fn kill_generations(elsewhere: bool, sample: u32) {
    let provider = Answering::with(answer());
    let args = arguments(&provider.base_url);
    let prepared = || {
        let home = Home::new();
        let disk = elsewhere.then(|| images_elsewhere(&home));
        (home, disk.flatten())
    };
    let (home, _disk) = prepared();
    let total = run(&home, &args, &Injection::below(home.path())).counted;
    assert_even_now_and_later(&home, "unharmed");
    for at in points(total, sample) {
        let (home, _disk) = prepared();
        let injection = Injection {
            at: Some(at),
            ..Injection::below(home.path())
        };
        let report = run(&home, &args, &injection);
        let what = format!("killed at {at} of {total}: {:?}", report.struck);
        let had = files(&home.data(), "images").len();
        assert_even_now_and_later(&home, &what);
        let turns = turns(&home);
        let kept = turns.first().map_or(0, |turn| turn.images.len());
        assert!(kept >= had && turns.len() <= 1, "{what}: {kept} of {had}");
        for turn in turns.iter().filter(|turn| turn.status == TurnStatus::Finished) {
            assert_eq!(signatures(turn), 1, "{what}");
        }
    }
}

#[test]
fn a_generation_killed_anywhere_leaves_no_image_twice() {
    kill_generations(false, 40);
}

#[test]
fn a_generation_killed_anywhere_leaves_no_image_twice_on_another_disk() {
    kill_generations(true, 25);
}

/// Some providers keep what they once answered: two turns then have the same bytes, each in a file of its own.
#[test]
fn two_turns_of_the_same_bytes_keep_a_file_each() {
    let provider = Answering::with(answer());
    let args = [&arguments(&provider.base_url)[..], &["-n", "2"]].concat();
    let home = Home::new();
    let total = run(&home, &args, &Injection::below(home.path())).counted;
    for at in points(total, 40) {
        let home = Home::new();
        let injection = Injection {
            at: Some(at),
            ..Injection::below(home.path())
        };
        let report = run(&home, &args, &injection);
        let what = format!("killed at {at} of {total}: {:?}", report.struck);
        // Two starts at once bring in one each, or one of them both.
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| home.json(&["sessions", "list", "--json"]));
            }
        });
        home.json(&["sessions", "list", "--json"]);
        assert_one_row_each(&home, &what);
        for turn in turns(&home) {
            assert_ne!(turn.status, TurnStatus::Running, "{what}");
            let is_whole = turn.images.len() == 3 && signatures(&turn) == 1;
            assert!(
                is_whole || turn.status != TurnStatus::Finished,
                "{what}: {turn:?}"
            );
            assert!(
                !turn
                    .warnings
                    .iter()
                    .any(|warning| warning.contains("not there any more")),
                "{what}"
            );
        }
    }
}

fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap();
    assert!(copied.success());
}

/// What a generation leaves that was killed when all had arrived and nothing was in the store.
fn kill_before_the_commit(home: &Home, args: &[&str]) {
    let injection = Injection {
        at: Some(1),
        path: Some(".journal"),
        calls: Some("unlink,unlinkat"),
        ..Injection::below(home.path())
    };
    run(home, args, &injection);
    // The journal goes last; the database knows the turn by then, so its row is taken back to what it was.
    let database = rusqlite::Connection::open(home.data().join("tintype.db")).unwrap();
    database
        .execute_batch("UPDATE turns SET status = 'running'; DELETE FROM images;")
        .unwrap();
}

/// Leaves a generation that was killed before it moved its second image, a short one, out of the spool: the journal has
/// its event, and does not name its spool file.
fn kill_before_the_move(home: &Home, args: &[&str]) {
    let injection = Injection {
        at: Some(2),
        path: Some("/spool/"),
        calls: Some("rename,renameat,renameat2"),
        ..Injection::below(home.path())
    };
    let report = run(home, args, &injection);
    assert!(report.struck.is_some());
}

/// What a generation leaves that was killed when so much of an answer had arrived.
fn kill_after(home: &Home, body: &[u8], at: usize) {
    let provider = Provider::start();
    let mut child = home
        .program(&arguments(&provider.base_url))
        .arg("--events")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut call = provider.calls.recv().unwrap();
    assert!(call.send(&body[..at]));
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let received = |line: &String| {
        let said: serde_json::Value = serde_json::from_str(line).unwrap();
        said["received"].as_u64() == Some(at as u64)
    };
    assert!(lines.map_while(Result::ok).any(|line| received(&line)), "{at}");
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Everything below the data folder and where its images are, to be put back as often as it is needed.
struct Kept {
    folders: Vec<(PathBuf, PathBuf)>,
}

impl Kept {
    fn of(home: &Home, disk: Option<&Path>) -> Self {
        let mut folders = vec![(home.data(), home.path().join("kept"))];
        folders.extend(disk.map(|disk| (disk.to_owned(), home.path().join("kept-images"))));
        for (folder, kept) in &folders {
            copy(folder, kept);
        }
        Self { folders }
    }

    fn put_back(&self) {
        for (folder, kept) in &self.folders {
            std::fs::remove_dir_all(folder).unwrap();
            copy(kept, folder);
        }
    }
}

/// Kills the recovery of what `leave` has left of an answer at some of its calls, and lets some of them fail; the next start
/// ends it.
fn kill_recoveries(leave: impl Fn(&Home, &[u8]), elsewhere: bool, sample: u32) {
    let home = Home::new();
    let disk = elsewhere.then(|| images_elsewhere(&home)).flatten();
    leave(&home, &answer());
    let kept = Kept::of(&home, disk.as_ref().map(tempfile::TempDir::path));
    let list = ["sessions", "list", "--json"];
    let injection = Injection::below(&home.data());
    let total = run(&home, &list, &injection).counted;
    let unharmed = turns(&home).remove(0);
    let signed = signatures(&unharmed);
    assert!(!unharmed.images.is_empty() && unharmed.status != TurnStatus::Running);
    for (blow, sample) in [(Blow::Kill, sample), (Blow::Fail(5), sample / 2)] {
        for at in points(total, sample) {
            kept.put_back();
            let at = Some(at);
            let report = run(
                &home,
                &list,
                &Injection {
                    at,
                    blow,
                    ..injection.clone()
                },
            );
            let what = format!("{blow:?} at {at:?} of {total}: {:?}", report.struck);
            assert_even_now_and_later(&home, &what);
            let turns = turns(&home);
            assert_eq!(turns.len(), 1, "{what}");
            let images = |turn: &Turn| -> Vec<(ImageKind, String)> {
                let images = turn.images.iter();
                images.map(|image| (image.kind, image.sha256.clone())).collect()
            };
            assert_eq!(images(&turns[0]), images(&unharmed), "{what}");
            assert_eq!(turns[0].status, unharmed.status, "{what}");
            assert_eq!(signatures(&turns[0]), signed, "{what}");
        }
    }
}

/// Two drafts, one of them too short to be parted from its event, and a result that was a draft before, with a signature
/// that is too long for a row.
fn answer() -> Vec<u8> {
    let (draft, small, result) = (image(5, 60_000), image(7, 300), image(6, 90_000));
    let parts: [Sent<'_>; 4] = [(&draft, true), (&small, true), (&result, true), (&result, false)];
    body_with_signature(&parts, Some(&signature()))
}

fn signature() -> String {
    base64_simd::STANDARD.encode_to_string(Chance::new(8).bytes(90_000))
}

/// How many whole signatures a turn has.
fn signatures(turn: &Turn) -> usize {
    let whole = |part: &&Part| match part {
        Part::Image {
            signature: Some(Signature::File { path, .. }),
            ..
        } => std::fs::read(path).unwrap() == signature().into_bytes(),
        _ => false,
    };
    turn.parts.iter().filter(whole).count()
}

/// Where in an answer a generation is killed: in the first image, in the short one, in the last one, and right behind the
/// draft that it repeats.
fn middles(body: &[u8]) -> [usize; 4] {
    let starts: Vec<usize> = (0..body.len())
        .filter(|at| body[*at..].starts_with(b"data: "))
        .collect();
    [40_000, starts[1] + 400, starts[3] + 60_000, starts[3]]
}

fn recoveries(elsewhere: bool) {
    let before_the_commit = |home: &Home, body: &[u8]| {
        let provider = Answering::with(body.to_vec());
        kill_before_the_commit(home, &arguments(&provider.base_url));
    };
    kill_recoveries(before_the_commit, elsewhere, 20);
    let before_the_move = |home: &Home, body: &[u8]| {
        let provider = Answering::with(body.to_vec());
        kill_before_the_move(home, &arguments(&provider.base_url));
    };
    kill_recoveries(before_the_move, elsewhere, 40);
    // A short image of which a part is missing waits in the spool for what may go on with it.
    let with_a_cut_draft = |home: &Home, _: &[u8]| {
        let (draft, result) = (image(9, 20_000), image(6, 90_000));
        let body = body(&[(&draft[..20_000], true), (&result, false)]);
        kill_after(home, &body, 27_000 + 60_000);
    };
    kill_recoveries(with_a_cut_draft, elsewhere, 40);
    for number in 0..4 {
        let in_the_middle = |home: &Home, body: &[u8]| kill_after(home, body, middles(body)[number]);
        kill_recoveries(in_the_middle, elsewhere, 12);
    }
}

#[test]
fn a_recovery_killed_anywhere_is_ended_by_the_next_one() {
    recoveries(false);
}

#[test]
fn a_recovery_killed_anywhere_is_ended_by_the_next_one_on_another_disk() {
    recoveries(true);
}
