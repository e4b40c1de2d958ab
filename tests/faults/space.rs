//! A disk that fills up while a picture arrives: the generation goes on in memory, and the picture is offered again. On a
//! small file system of its own where one can be mounted, and with a writer that refuses wherever.

use std::process::{Command, Stdio};
use std::thread;

use tintype::domain::{ImageKind, Request, Turn, TurnStatus};
use tintype::engine::{Budget, Engine, Event, Folders, Job, Order};
use tintype::error::Kind;
use tintype::provider::capability::Catalog;
use tintype::provider::endpoint::Endpoint;
use tintype::provider::http::Http;
use tintype::store::Store;

use crate::program::Home;
use crate::script::{Provider, Script};

/// Answers the next call with all of the script.
fn answer(provider: Provider, body: Vec<u8>) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        let mut call = provider.calls.recv().unwrap();
        for piece in body.chunks(16_000) {
            assert!(call.send(piece), "the program went on reading");
        }
        call.end();
    })
}

async fn ended(job: &mut Job) -> Turn {
    loop {
        match job.events.recv().await.unwrap() {
            Event::Finished(turn) | Event::Failed(turn) => return *turn,
            event => assert!(!matches!(event, Event::Rejected(_)), "{event:?}"),
        }
    }
}

fn result(turn: &Turn) -> Vec<u8> {
    let image = turn.images.iter().find(|image| image.kind == ImageKind::Result);
    std::fs::read(&image.unwrap().path).unwrap()
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

    fn start(&self, provider: &Provider) -> Job {
        self.engine.start(Order {
            session: None,
            parent: None,
            request: Request {
                prompt: "a red fox".to_owned(),
                provider: "demo".to_owned(),
                model: "gemini-3.1-flash-image".to_owned(),
                ..Request::default()
            },
            endpoint: Endpoint::demo(&provider.base_url),
            key: None,
            retries: 0,
            budget: Budget::default(),
            follow_links: false,
        })
    }
}

#[tokio::test]
async fn a_picture_that_cannot_be_saved_is_held_and_saved_later() {
    let script = Script::new(1);
    // From nothing at all to all but the last bytes of the result.
    for room in [1_000, 20_000, 60_000, 200_000, 700_000, 770_000] {
        let house = House::new();
        house.engine.limit_disk(room);
        let provider = Provider::start();
        let mut job = house.start(&provider);
        let server = answer(provider, script.body.clone());
        let failed = ended(&mut job).await;
        server.join().unwrap();
        let error = failed.error.clone().unwrap();
        assert_eq!(
            (failed.status, error.kind),
            (TurnStatus::Failed, Kind::Store),
            "{room}"
        );
        assert!(error.message.contains("the disk is full"), "{error}");
        assert!(failed.thoughts.starts_with("The fox should sit"), "{failed:?}");
        assert_eq!(house.engine.unsaved(), std::slice::from_ref(&failed.id));

        // It is still full.
        let mut again = house.engine.save_again(failed.id.clone());
        assert_eq!(ended(&mut again).await.status, TurnStatus::Failed);
        // Somewhere else there is room.
        let rescued = house.engine.rescue(&failed.id, house.home.path()).unwrap();
        let found = rescued
            .iter()
            .any(|path| std::fs::read(path).unwrap() == script.result());
        assert!(found, "{rescued:?}");

        house.engine.limit_disk(u64::MAX);
        let mut again = house.engine.save_again(failed.id.clone());
        let turn = ended(&mut again).await;
        assert_eq!(
            (turn.status, turn.error.as_ref()),
            (TurnStatus::Finished, None),
            "{room}"
        );
        assert_eq!(result(&turn), script.result());
        assert_eq!(turn.images.len(), 3);
        assert_eq!(house.store.turn(&failed.id).unwrap().unwrap(), turn);
        assert_eq!(house.engine.unsaved(), []);
        assert_eq!(house.home.files("spool"), [""; 0]);
        assert_eq!(
            std::fs::read_dir(house.home.path().join("journal"))
                .unwrap()
                .count(),
            0
        );
    }
}

#[tokio::test]
async fn a_disk_that_has_room_again_in_time_loses_and_says_nothing() {
    let (script, house, provider) = (Script::new(2), House::new(), Provider::start());
    house.engine.limit_disk(30_000);
    let mut job = house.start(&provider);
    let body = script.body.clone();
    let mut call = tokio::task::spawn_blocking(move || provider.calls.recv().unwrap())
        .await
        .unwrap();
    assert!(call.send(&body[..100_000]));
    let mut progress = job.progress.clone();
    progress
        .wait_for(|progress| progress.received == 100_000)
        .await
        .unwrap();
    house.engine.limit_disk(u64::MAX);
    assert!(call.send(&body[100_000..]));
    call.end();
    let turn = ended(&mut job).await;
    assert_eq!(turn.status, TurnStatus::Finished);
    assert_eq!(result(&turn), script.result());
}

#[test]
fn on_a_full_disk_generate_puts_the_picture_where_there_is_room_and_says_where() {
    let home = Home::new();
    let data = home.data();
    std::fs::create_dir(&data).unwrap();
    let mounted = |script: &str| {
        let mut command = Command::new("unshare");
        let mount = format!("mount -t tmpfs -o size=3m none '{}' && {script}", data.display());
        command.args(["-rm", "sh", "-c", &mount]).stderr(Stdio::piped());
        command
    };
    if !mounted("true").output().is_ok_and(|said| said.status.success()) {
        println!("no file system can be mounted here");
        return;
    }
    let provider = Provider::start();
    let base_url = provider.base_url.clone();
    let script = Script::with_picture(3, 4_000_000);
    let server = answer(provider, script.body.clone());
    let program = env!("CARGO_BIN_EXE_tintype");
    let generate =
        format!("'{program}' generate 'a red fox' -p demo --base-url {base_url} -o fox.png --json; echo $?");
    let later = format!(
        "mount -o remount,size=20m '{}' && '{program}' sessions list --json",
        data.display()
    );
    let said = mounted(&format!("{generate}; {later}"))
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home.path())
        .env("TMPDIR", home.path())
        .env("TINTYPE_DATA_DIR", &data)
        .current_dir(home.path())
        .output()
        .unwrap();
    server.join().unwrap();
    let (stdout, stderr) = (
        String::from_utf8(said.stdout).unwrap(),
        String::from_utf8(said.stderr).unwrap(),
    );
    let lines: Vec<&str> = stdout.lines().collect();
    let report: serde_json::Value = serde_json::from_str(lines[0]).unwrap();
    assert_eq!(
        (&report["status"], lines[1]),
        (&"failed".into(), "1"),
        "{stdout}\n{stderr}"
    );
    assert_eq!(report["error"]["kind"], "store");
    assert!(stderr.contains("the disk is full"), "{stderr}");
    assert!(stderr.contains("fox.png"), "{stderr}");
    let rescued = std::fs::read_dir(home.path())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let found = rescued
        .filter(|path| path.is_file())
        .any(|path| std::fs::read(path).unwrap() == script.result());
    assert!(found, "{stderr}");
    // With room again, the next start brings in what had been written.
    let sessions: serde_json::Value = serde_json::from_str(lines[2]).unwrap();
    assert_eq!(sessions[0]["turns"], 1, "{stdout}\n{stderr}");
    assert!(stderr.contains("recovered #1"), "{stderr}");
}
