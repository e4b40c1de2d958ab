//! `tintype costs` over turns that stand in the store.

use std::time::{SystemTime, UNIX_EPOCH};

use tintype::domain::{Cost, Request, TurnStatus};
use tintype::store::{NewTurn, Store};

use crate::house::House;

fn spend(store: &Store, now_ms: i64, provider: &str, cost: Option<Cost>) {
    let request = Request {
        prompt: "a fox".to_owned(),
        provider: provider.to_owned(),
        model: "gemini-3-pro-image".to_owned(),
        ..Request::default()
    };
    let new = NewTurn {
        id: store.new_turn_id(now_ms).unwrap(),
        session: None,
        parent: None,
        request,
        route: None,
        now_ms,
    };
    let mut turn = store.begin_turn(new).unwrap();
    turn.status = TurnStatus::Finished;
    turn.cost = cost;
    store.finish_turn(&turn).unwrap();
}

#[test]
fn what_was_spent_is_shown_with_what_nobody_knows() {
    let house = House::new();
    let store = Store::open(&house.home().join(".local/share/tintype")).unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let now = i64::try_from(now).unwrap();
    let cost = |usd: f64, exact: bool| Some(Cost { usd, exact });
    spend(&store, now, "google", cost(0.134, true));
    spend(&store, now, "anyfast", cost(0.24, false));
    spend(&store, now, "google", None);
    // Long ago.
    spend(&store, now - 40 * 86_400_000, "google", cost(9.0, true));

    let said = house.run(&["costs", "--by", "model"]);
    assert_eq!(
        String::from_utf8(said.stdout).unwrap(),
        "anyfast  gemini-3-pro-image    1 turn     0 pictures    \u{2248}$0.240\n\
         google   gemini-3-pro-image    2 turns    0 pictures     $0.134\n\
         total                          3 turns    0 pictures    \u{2248}$0.374\n"
    );
    assert!(
        said.stderr
            .contains("Nobody knows what 1 of the turns cost; it is not in the sum"),
        "{}",
        said.stderr
    );
    assert_eq!(said.code, Some(0));

    let shown = house.json(&["costs", "--days", "60", "--by", "provider", "--json"]);
    assert_eq!(shown["rows"][0]["provider"], "google");
    assert_eq!(shown["rows"][0]["usd"], 9.134);
    assert_eq!(shown["rows"][0]["exact"], true);
    assert_eq!(shown["sum"]["turns"], 4);
    assert_eq!(shown["sum"]["unknown"], 1);
    assert_eq!(shown["sum"]["exact"], false);
}
