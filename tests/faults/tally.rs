//! Files against rows: every image file has one row, every row its file, and no image is there twice.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Stdio;
use std::time::{SystemTime, UNIX_EPOCH};

use tintype::store::Store;

use crate::inject::{Injection, Report};
use crate::program::Home;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}

/// Which of so many calls are struck: all of them with `TINTYPE_SWEEP=all`, else at most `sample`, spread evenly.
pub(crate) fn points(total: u32, sample: u32) -> Vec<u32> {
    if std::env::var("TINTYPE_SWEEP").is_ok_and(|sweep| sweep == "all") || total <= sample {
        return (1..=total).collect();
    }
    (0..sample)
        .map(|number| 1 + number * (total - 1) / (sample - 1))
        .collect()
}

/// Runs the program in this home under an injection.
pub(crate) fn run(home: &Home, args: &[&str], injection: &Injection) -> Report {
    let log = tempfile::NamedTempFile::new().unwrap();
    let mut command = injection.wrap(&home.program(args), log.path());
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.status().unwrap();
    Injection::report(log.path())
}

fn is_half(path: &Path) -> bool {
    path.extension() == Some("part".as_ref())
}

/// The whole files of some bytes below a folder of the data folder, by their path in it.
pub(crate) fn files(data: &Path, folder: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![data.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let entry = entry.unwrap();
            let path = entry.path();
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else if !is_half(&path) && entry.metadata().unwrap().len() > 0 {
                let name = path.strip_prefix(data).unwrap();
                found.insert(name.to_str().unwrap().to_owned());
            }
        }
    }
    found
}

/// The images that rows name, those in the trash included.
pub(crate) fn rows(data: &Path) -> Vec<String> {
    let database = rusqlite::Connection::open(data.join("tintype.db")).unwrap();
    let mut statement = database.prepare("SELECT path FROM images").unwrap();
    let names = statement.query_map([], |row| row.get(0)).unwrap();
    names.map(Result::unwrap).collect()
}

/// Sees that every image file has one row and every row its file.
pub(crate) fn assert_one_row_each(home: &Home, what: &str) -> BTreeSet<String> {
    let data = home.data();
    let (files, rows) = (files(&data, "images"), rows(&data));
    let named: BTreeSet<String> = rows.iter().cloned().collect();
    assert_eq!(files, named, "{what}: files, and what rows name");
    assert_eq!(rows.len(), named.len(), "{what}: {rows:?}");
    files
}

/// Sees that files and rows belong together, and that no image is there twice.
pub(crate) fn assert_even(home: &Home, what: &str) {
    let data = home.data();
    let files = assert_one_row_each(home, what);
    let mut contents = BTreeMap::new();
    for name in files {
        let bytes = std::fs::read(data.join(&name)).unwrap();
        let other = contents.insert(bytes, name.clone());
        assert_eq!(other, None, "{what}: {name} is the same image");
    }
}

/// The program starts once more after a blow, and a day later files and rows are compared: they belong together both
/// times, nothing comes back, and no litter is left.
pub(crate) fn assert_even_now_and_later(home: &Home, what: &str) {
    home.json(&["sessions", "list", "--json"]);
    assert_even(home, what);
    let store = Store::open(&home.data()).unwrap();
    let swept = store.sweep(now_ms() + 2 * DAY_MS).unwrap();
    assert_eq!((swept.listed, swept.missing), (0, 0), "{what}: a day later");
    assert_even(home, what);
    for folder in ["images", "signatures", "references"] {
        let mut folders = vec![home.data().join(folder)];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let length = std::fs::metadata(&path).unwrap().len();
                    assert!(length > 0 && !is_half(&path), "{what}: {}", path.display());
                }
            }
        }
    }
}
