//! What an answer needs is proven before its request goes out: where a folder cannot be written to, nothing is sent, and
//! the reason names the folder and the way out.

use std::os::unix::fs::{chown, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tintype::domain::{Link, Request, Turn, TurnStatus};
use tintype::engine::{Budget, Engine, Event, Folders, Job, Order};
use tintype::error::Kind;
use tintype::provider::capability::Catalog;
use tintype::provider::endpoint::Endpoint;
use tintype::provider::http::Http;
use tintype::store::Store;

use crate::answering::{Answering, body};
use crate::chance::Chance;
use crate::inject::{Blow, Injection};
use crate::program::Home;
use crate::tally::{assert_even_now_and_later, files, run};
use crate::terminal::Start;

fn image() -> Vec<u8> {
    crate::script::image(&Chance::new(9).bytes(40_000))
}

fn provider() -> Answering {
    Answering::with(body(&[(&image(), false)]))
}

fn arguments(provider: &Answering) -> [&str; 7] {
    let base_url = &provider.base_url;
    [
        "generate",
        "a red fox",
        "--json",
        "-p",
        "demo",
        "--base-url",
        base_url,
    ]
}

/// The day that images are kept under now, in the time zone of the program under test.
fn today() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%d").to_string()
}

/// Sees that a run was refused before anything was sent, and gives what it said of it: the error's message and hint.
fn refused(said: &Output, provider: &Answering, what: &str) -> (String, String) {
    let report: Value = serde_json::from_slice(&said.stdout).expect(what);
    assert_eq!(said.status.code(), Some(1), "{what}: {report}");
    assert_eq!(report["error"]["kind"], "store", "{what}: {report}");
    assert_eq!(provider.requests(), 0, "{what}: it was sent");
    let text = |field: &str| report["error"][field].as_str().unwrap_or_default().to_owned();
    let (message, hint) = (text("message"), text("hint"));
    assert!(hint.to_lowercase().contains("nothing was sent"), "{what}: {hint}");
    (message, hint)
}

type Obstruct = fn(&Path);

/// What may stand where a folder belongs, by its place in the data folder.
fn obstacles() -> Vec<(String, &'static str, Obstruct)> {
    let file: Obstruct = |path| std::fs::write(path, "").unwrap();
    let dangling: Obstruct = |path| symlink("/nowhere/at/all", path).unwrap();
    let to_a_file: Obstruct = |path| symlink("/etc/passwd", path).unwrap();
    let to_a_folder: Obstruct = |path| symlink(path.parent().unwrap(), path).unwrap();
    let day = format!("images/{}", today());
    let mut obstacles = vec![
        ("images".to_owned(), "is not a folder", file),
        (
            "images".to_owned(),
            "/nowhere/at/all, which does not exist",
            dangling,
        ),
        (
            "images".to_owned(),
            "/etc/passwd, which is not a folder",
            to_a_file,
        ),
        (day.clone(), "is not a folder", file),
        (day.clone(), "is a symlink", dangling),
        (day, "is a symlink", to_a_folder),
    ];
    for name in ["signatures", "spool", "state/journal"] {
        obstacles.push((name.to_owned(), "is not a folder", file));
        obstacles.push((name.to_owned(), "is a symlink", dangling));
        obstacles.push((name.to_owned(), "is a symlink", to_a_folder));
    }
    let to_a_strangers: Obstruct = |path| {
        let theirs = path.parent().unwrap().with_file_name("theirs");
        std::fs::create_dir(&theirs).unwrap();
        chown(&theirs, Some(12345), None).unwrap();
        symlink(theirs, path).unwrap();
    };
    if rustix::process::geteuid().is_root() {
        let why = "which does not belong to the owner of the data folder";
        obstacles.push(("images".to_owned(), why, to_a_strangers));
    }
    obstacles
}

#[test]
fn what_stands_in_the_way_is_told_before_anything_is_sent() {
    for (name, why, obstruct) in obstacles() {
        let (home, provider) = (Home::new(), provider());
        let path = home.data().join(&name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        obstruct(&path);
        let said = home.program(&arguments(&provider)).output().unwrap();
        let (message, hint) = refused(&said, &provider, &name);
        assert!(
            message.contains(path.to_str().unwrap()) && message.contains(why),
            "{message}"
        );
        assert!(hint.len() > "; nothing was sent".len(), "{hint}");
        // Several at once are all refused, and `doctor` says the same.
        let several = home
            .program(&arguments(&provider))
            .args(["-n", "3"])
            .output()
            .unwrap();
        assert_eq!(
            (several.status.code(), provider.requests()),
            (Some(1), 0),
            "{name}"
        );
        let doctor = home.program(&["doctor"]).output().unwrap();
        let text = String::from_utf8(doctor.stdout).unwrap();
        assert!(text.contains(&message), "{name}: no {message} in\n{text}");
        assert_eq!(doctor.status.code(), Some(1), "{text}");
        let listed = home.json(&["sessions", "list", "--json"]);
        assert_eq!(listed.as_array().unwrap().len(), 0, "{name}: no turn was made");
    }
}

#[test]
fn a_folder_that_takes_no_file_is_told_before_anything_is_sent() {
    for (errno, reason) in [
        (13, "permission denied"),
        (28, "the disk is full"),
        (30, "the file system is read-only"),
        (122, "your disk quota is used up"),
    ] {
        for folder in [
            "/data/images/",
            "/data/signatures/",
            "/data/spool/",
            "/state/journal/",
        ] {
            // A quota lets the file be made and refuses its first bytes.
            let calls = if errno == 122 { "write" } else { "openat" };
            let (home, provider) = (Home::new(), provider());
            let injection = Injection {
                at: Some(1),
                blow: Blow::FailFrom(errno),
                path: Some(folder),
                calls: Some(calls),
                ..Injection::below(home.path())
            };
            let what = format!("{errno} in {folder}");
            let log = home.path().join("calls");
            let said = injection
                .wrap(&home.program(&arguments(&provider)), &log)
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .output()
                .unwrap();
            let (message, _hint) = refused(&said, &provider, &what);
            assert!(
                message.contains(folder.trim_end_matches('/')),
                "{what}: {message}"
            );
            assert!(message.contains(reason), "{what}: {message}");
            assert_eq!(files(&home.data(), "spool").len(), 0, "{what}");
            assert_even_now_and_later(&home, &what);
            // What was in the way is gone: it works, and not before.
            let said = home.program(&arguments(&provider)).output().unwrap();
            assert_eq!((said.status.code(), provider.requests()), (Some(0), 1), "{what}");
        }
    }
}

#[test]
fn a_database_that_takes_no_turn_is_told_before_anything_is_sent() {
    for errno in [5, 28] {
        let (home, provider) = (Home::new(), provider());
        home.json(&["sessions", "list", "--json"]);
        let counted = |at| Injection {
            at,
            blow: Blow::FailFrom(errno),
            path: Some("/data/tintype.db"),
            calls: Some("pwrite64"),
            ..Injection::below(home.path())
        };
        let total = run(&home, &["sessions", "list"], &counted(None)).counted;
        let log = home.path().join("calls");
        let said = counted(Some(total + 1))
            .wrap(&home.program(&arguments(&provider)), &log)
            .stdout(Stdio::piped())
            .output()
            .unwrap();
        let what = format!("{errno}: {:?}", Injection::report(&log).struck);
        refused(&said, &provider, &what);
        assert_even_now_and_later(&home, &what);
    }
}

#[test]
fn images_behind_a_symlink_of_the_same_owner_are_as_good_as_any() {
    let (home, provider) = (Home::new(), provider());
    let disk = home.path().join("disk");
    std::fs::create_dir(&disk).unwrap();
    std::fs::create_dir(home.data()).unwrap();
    symlink(&disk, home.data().join("images")).unwrap();
    let report = home.json(&arguments(&provider));
    let path = PathBuf::from(report["images"][0]["path"].as_str().unwrap());
    assert!(
        path.starts_with(home.data().canonicalize().unwrap().join("images")),
        "{path:?}"
    );
    assert_eq!(std::fs::read(&path).unwrap(), image());
    assert_eq!(std::fs::read_dir(disk.join(today())).unwrap().count(), 1);
    assert_even_now_and_later(&home, "a symlink");
    let doctor = home.program(&["doctor"]).output().unwrap();
    let text = String::from_utf8(doctor.stdout).unwrap();
    assert_eq!(doctor.status.code(), Some(0), "{text}");
    assert!(
        text.contains("images is a symlink to") && text.contains("can be written"),
        "{text}"
    );
    // The disk is taken away: nothing is sent any more, and it is said where the way leads.
    std::fs::rename(&disk, home.path().join("unmounted")).unwrap();
    let said = home.program(&arguments(&provider)).output().unwrap();
    let report: Value = serde_json::from_slice(&said.stdout).unwrap();
    assert!(
        report["error"]["message"]
            .as_str()
            .unwrap()
            .contains("which does not exist"),
        "{report}"
    );
    assert_eq!(provider.requests(), 1);
}

/// Runs this with a small file system at the data folder; `None` where none can be mounted.
fn on_a_disk(home: &Home, options: &str, script: &str) -> Option<Output> {
    std::fs::create_dir_all(home.data()).unwrap();
    let mounted = |script: &str| {
        let mount = format!(
            "mount -t tmpfs -o {options} none '{}' && {script}",
            home.data().display()
        );
        let mut command = Command::new("unshare");
        command
            .args(["-rm", "sh", "-c", &mount])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", home.path())
            .env("TINTYPE_DATA_DIR", home.data())
            .env("TZ", "UTC")
            .current_dir(home.path());
        command
    };
    if !mounted("true").output().is_ok_and(|said| said.status.success()) {
        return None;
    }
    Some(mounted(script).output().unwrap())
}

fn generate(provider: &Answering, more: &str) -> String {
    let (program, base_url) = (env!("CARGO_BIN_EXE_tintype"), &provider.base_url);
    format!("'{program}' generate 'a red fox' -p demo --base-url {base_url} --json {more}")
}

#[test]
fn a_disk_that_takes_no_more_files_is_told_before_anything_is_sent() {
    let (home, provider) = (Home::new(), provider());
    // As many files as it takes, but for what the database and the folders need.
    let script = format!(
        "mkdir -p '{data}/images/{day}' '{data}/signatures' '{data}/spool' '{data}/state/journal' && \
         '{program}' sessions list >/dev/null && \
         (n=0; while : >'{data}/file'$n; do n=$((n+1)); done) 2>/dev/null; rm '{data}/file0' '{data}/file1' && {}",
        generate(&provider, ""),
        data = home.data().display(),
        day = today(),
        program = env!("CARGO_BIN_EXE_tintype"),
    );
    let Some(said) = on_a_disk(&home, "nr_inodes=60", &script) else {
        return;
    };
    let (message, hint) = refused(&said, &provider, "no inode");
    assert!(message.contains("takes no more files"), "{message}");
    assert!(hint.contains("Delete files"), "{hint}");
}

#[test]
fn a_disk_that_is_nearly_full_is_told_once_and_a_full_one_is_refused() {
    let (home, provider) = (Home::new(), provider());
    let Some(said) = on_a_disk(&home, "size=20m", &generate(&provider, "-n 3")) else {
        return;
    };
    let reports: Value = serde_json::from_slice(&said.stdout).unwrap();
    let warnings: Vec<&str> = reports
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|report| report["warnings"].as_array().unwrap())
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(
        (said.status.code(), provider.requests()),
        (Some(0), 3),
        "{reports}"
    );
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("3 images can take 96 MB"), "{warnings:?}");

    let (home, provider) = (Home::new(), self::provider());
    // The database is made while there is room, and then nearly all of it is taken.
    let script = format!(
        "'{program}' sessions list >/dev/null && \
         head -c 5000000 /dev/zero >'{data}/ballast' 2>/dev/null; truncate -s -150000 '{data}/ballast'; {}",
        generate(&provider, ""),
        data = home.data().display(),
        program = env!("CARGO_BIN_EXE_tintype"),
    );
    let said = on_a_disk(&home, "size=4200k", &script).unwrap();
    let (message, _) = refused(&said, &provider, "a full disk");
    assert!(message.contains("the disk is full"), "{message}");
}

#[test]
fn a_read_only_disk_of_images_is_told_before_anything_is_sent() {
    let (home, provider) = (Home::new(), provider());
    let script = format!(
        "mkdir -p '{data}/images/{day}' && mount -t tmpfs -o ro none '{data}/images' && {}",
        generate(&provider, ""),
        data = home.data().display(),
        day = today(),
    );
    let Some(said) = on_a_disk(&home, "size=60m", &script) else {
        return;
    };
    let (message, hint) = refused(&said, &provider, "read-only");
    assert!(
        message.contains("/data/images") && message.contains("read-only"),
        "{message}"
    );
    assert!(hint.contains("--data-dir"), "{hint}");
}

#[test]
fn the_ui_says_it_too_and_sends_nothing() {
    let (home, provider) = (tempfile::tempdir().unwrap(), provider());
    let data = home.path().join(".local/share/tintype");
    std::fs::create_dir_all(&data).unwrap();
    symlink("/nowhere", data.join("images")).unwrap();
    let terminal = Start::new(home.path())
        .args(&["-p", "demo", "--base-url", &provider.base_url])
        .run();
    terminal.wait_start();
    terminal.send("a red fox");
    terminal.wait_text("which does not exist");
    assert_eq!(provider.requests(), 0);
}

struct House {
    home: Home,
    engine: Engine,
    store: Store,
}

impl House {
    fn new() -> Self {
        let home = Home::new();
        let store = Store::open(&home.data()).unwrap();
        let folders = Folders {
            spool: store.folder().join("spool"),
            journal: home.path().join("journal"),
        };
        let runtime = tokio::runtime::Handle::current();
        let engine = Engine::new(runtime, store.clone(), Http::new(), folders, Catalog::default());
        Self { home, engine, store }
    }

    fn start(&self, base_url: &str) -> Job {
        self.engine.start(Order {
            session: None,
            parent: None,
            request: Request {
                prompt: "a red fox".to_owned(),
                provider: "demo".to_owned(),
                model: "gemini-3.1-flash-image".to_owned(),
                ..Request::default()
            },
            endpoint: Endpoint::demo(base_url),
            key: None,
            retries: 0,
            budget: Budget::default(),
            follow_links: false,
        })
    }
}

async fn ended(job: &mut Job) -> Event {
    loop {
        let event = job.events.recv().await.unwrap();
        if matches!(event, Event::Rejected(_) | Event::Finished(_) | Event::Failed(_)) {
            return event;
        }
    }
}

fn turn(event: Event) -> Turn {
    let turn = match event {
        Event::Finished(turn) | Event::Failed(turn) => Some(*turn),
        _ => None,
    };
    turn.expect("it was sent")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_not_fetched_into_a_folder_that_is_in_the_way() {
    let (house, provider) = (House::new(), provider());
    let finished = turn(ended(&mut house.start(&provider.base_url)).await);
    let pointing = Turn {
        links: vec![Link {
            url: format!("{}/a.png", provider.base_url),
            mime: None,
        }],
        ..finished
    };
    house.store.finish_turn(&pointing).unwrap();
    let images = house.home.data().join("images");
    std::fs::rename(&images, house.home.path().join("aside")).unwrap();
    symlink("/nowhere", &images).unwrap();
    let Event::Rejected(error) = ended(&mut house.engine.fetch(pointing.id.clone(), Vec::new())).await else {
        panic!("it was fetched")
    };
    assert_eq!(error.kind, Kind::Store);
    assert!(
        error.message.contains("images is a symlink to /nowhere"),
        "{error}"
    );
    assert_eq!(provider.requests(), 1, "only the generation asked");
    assert_eq!(house.store.turn(&pointing.id).unwrap().unwrap(), pointing);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_says_what_is_in_the_way_and_is_saved_when_that_is_gone() {
    let (house, provider) = (House::new(), crate::script::Provider::start());
    let mut job = house.start(&provider.base_url);
    let calls = provider.calls;
    let mut call = tokio::task::spawn_blocking(move || calls.recv().unwrap())
        .await
        .unwrap();
    // It was fine when the request went out.
    let images = house.home.data().join("images");
    std::fs::rename(&images, house.home.path().join("aside")).unwrap();
    symlink("/nowhere", &images).unwrap();
    let image = image();
    assert!(call.send(&body(&[(&image, true), (&image, false)])));
    call.end();
    let failed = turn(ended(&mut job).await);
    let error = failed.error.clone().unwrap();
    assert!(
        error.message.contains("images is a symlink to /nowhere"),
        "{error}"
    );
    assert!(error.hint.contains("remove the symlink"), "{}", error.hint);
    // Somewhere else it is written once.
    let rescued = house.engine.rescue(&failed.id, house.home.path()).unwrap();
    assert_eq!(rescued.len(), 1, "{rescued:?}");
    assert_eq!(std::fs::read(&rescued[0]).unwrap(), image);
    let again = turn(ended(&mut house.engine.save_again(failed.id.clone())).await);
    assert_eq!(again.error.unwrap().message, error.message);

    std::fs::remove_file(&images).unwrap();
    let saved = turn(ended(&mut house.engine.save_again(failed.id.clone())).await);
    assert_eq!((saved.status, saved.images.len()), (TurnStatus::Finished, 1));
    let kept = files(&house.home.data(), "images");
    assert_eq!(kept.len(), 1, "{kept:?} {saved:?}");
    assert_even_now_and_later(&house.home, "saved again");
}
