//! The id of a store: it stays when the folder moves, the database is migrated, damaged or lost; and which store has a turn.

use std::fs;
use std::path::Path;

use super::life::database;
use super::{Place, RELEASED, old_folder, open};

fn is_id(id: &str) -> bool {
    id.len() == 32 && id.bytes().all(|letter| letter.is_ascii_hexdigit())
}

#[test]
fn a_store_keeps_its_id_wherever_its_folder_lies_and_whatever_becomes_of_its_database() {
    let place = Place::new();
    let id = place.store.id().to_owned();
    assert!(is_id(&id), "{id:?}");
    assert_ne!(Place::new().store.id(), id);
    let (first, data) = (place.data(), place.root.path().join("moved"));
    drop(place.store);
    fs::rename(&first, &data).unwrap();
    assert_eq!(open(&data).id(), id);

    // The lock file remembers it.
    fs::remove_file(data.join("tintype.db")).unwrap();
    assert_eq!(open(&data).id(), id);
    fs::write(data.join("tintype.db"), "garbage ".repeat(2000)).unwrap();
    assert_eq!(open(&data).id(), id);
    // So does the database.
    fs::write(data.join("tintype.lock"), "no id").unwrap();
    assert_eq!(open(&data).id(), id);
    fs::remove_file(data.join("tintype.lock")).unwrap();
    assert_eq!(open(&data).id(), id);
    fs::remove_file(data.join("tintype.db")).unwrap();
    assert_eq!(open(&data).id(), id, "it was written down again");

    // Both are gone: it is another store.
    fs::remove_file(data.join("tintype.db")).unwrap();
    fs::remove_file(data.join("tintype.lock")).unwrap();
    let other = open(&data).id().to_owned();
    assert!(is_id(&other) && other != id, "{other:?}");
}

#[test]
fn a_damaged_database_gives_its_id_to_the_one_in_its_place() {
    let place = Place::new();
    let (id, data) = (place.store.id().to_owned(), place.data());
    drop(place.store);
    fs::remove_file(data.join("tintype.lock")).unwrap();
    // A row that cannot be what was written, which the look through all of it finds.
    database(&data)
        .execute_batch(
            "INSERT INTO sessions (key, id, title, created_ms, updated_ms) VALUES (1, 'a', 'one', 1, 1);
             INSERT INTO turns (id, session, number, created_ms, status, provider, model, settings, usage, timing,
                 warnings, prompt, parts)
             VALUES ('b', 1, 1, 1, 'no status', 'demo', 'm', '{}', '{}', '{}', '[]', 'a fox', '[]')",
        )
        .unwrap();
    fs::write(data.join("tintype.check"), "").unwrap();
    let store = open(&data);
    assert!(
        store.notices()[0].contains("was damaged"),
        "{:?}",
        store.notices()
    );
    assert_eq!(store.id(), id);
}

#[test]
fn databases_of_every_released_schema_get_an_id_that_stays() {
    for sql in RELEASED {
        let root = old_folder(sql);
        let id = open(root.path()).id().to_owned();
        assert!(is_id(&id), "{id:?}");
        assert_eq!(open(root.path()).id(), id);
    }
}

#[test]
fn another_folder_is_asked_whether_it_has_a_turn() {
    let place = Place::new();
    let turn = place.begin(&place.session(), None, "a red fox");
    assert!(place.store.has_turn(&turn.id).unwrap());
    let other = Place::new();
    assert!(!other.store.has_turn(&turn.id).unwrap());
    let asks = |folder: &Path| tintype::store::has_turn_in(folder, &turn.id);
    assert!(asks(&place.data()).unwrap());
    assert!(!asks(&other.data()).unwrap());
    assert!(!asks(&place.root.path().join("nowhere")).unwrap());
    fs::create_dir(place.root.path().join("empty")).unwrap();
    assert!(!asks(&place.root.path().join("empty")).unwrap());
    fs::write(place.root.path().join("empty/tintype.db"), "garbage ".repeat(99)).unwrap();
    asks(&place.root.path().join("empty")).unwrap_err();
}
