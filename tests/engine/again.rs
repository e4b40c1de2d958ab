//! What is sent again, what never is, and what goes out together.

use std::time::{Duration, Instant};

use serde_json::Value;
use tintype::domain::TurnStatus;
use tintype::engine::{Budget, Event, Job, Order};
use tintype::error::{Billed, Kind};

use super::server::Server;
use super::{House, PATIENCE, event, events_until_over, next, open, picture, picture_event, until_over};

const RATE: &str = r#"{"error":{"code":429,"message":"Slow down","status":"RESOURCE_EXHAUSTED","details":[
    {"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"0.3s"}]}}"#;
const SIGNATURE: &str = r#"{"error":{"code":400,"message":"Image part is missing a thought_signature in content position 2, part position 1.","status":"INVALID_ARGUMENT"}}"#;

fn patient(house: &House) -> Order {
    Order {
        retries: 2,
        ..house.order("a red fox")
    }
}

/// Answers the next call with one small picture.
async fn answer(house: &House, seed: u64) -> Value {
    let mut call = house.server.call().await;
    let body = call.json();
    call.open().await;
    call.send(picture_event(
        &picture(900, seed),
        ",\"thoughtSignature\":\"c2ln\"",
    ))
    .await;
    call.end().await;
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_limit_is_waited_for_and_said() {
    let house = House::new().await;
    let mut job = house.engine.start(patient(&house));
    let call = house.server.call().await;
    let refused = Instant::now();
    call.refuse("429 Too Many Requests", RATE).await;
    answer(&house, 1).await;
    assert!(
        refused.elapsed() >= Duration::from_millis(300),
        "{:?}",
        refused.elapsed()
    );
    let (events, turn) = events_until_over(&mut job).await;
    let told = events.iter().find_map(|event| match event {
        Event::Retry {
            attempt,
            of,
            wait_ms,
            error,
        } => Some((*attempt, *of, *wait_ms, error.kind)),
        _ => None,
    });
    assert_eq!(told, Some((2, 3, 300, Kind::RateLimited)));
    assert_eq!((turn.status, turn.attempts), (TurnStatus::Finished, 2));
    assert_eq!(house.stored(&turn), turn);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_gives_up_after_the_last_attempt_with_the_servers_reason() {
    let house = House::new().await;
    let mut job = house.engine.start(Order {
        retries: 1,
        ..house.order("x")
    });
    for _ in 0..2 {
        house
            .server
            .call()
            .await
            .refuse("429 Too Many Requests", RATE)
            .await;
    }
    let turn = until_over(&mut job).await;
    let error = turn.error.unwrap();
    assert_eq!((error.kind, error.billed), (Kind::RateLimited, Billed::No));
    assert_eq!(error.server.as_deref(), Some("Slow down"));
    assert_eq!(turn.attempts, 2);
    assert_eq!(turn.cost.map(|cost| (cost.usd, cost.exact)), Some((0.0, true)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_can_be_stopped_and_owes_nothing() {
    let house = House::new().await;
    let mut job = house.engine.start(patient(&house));
    let long = RATE.replace("0.3s", "200s");
    house
        .server
        .call()
        .await
        .refuse("429 Too Many Requests", &long)
        .await;
    while !matches!(next(&mut job).await, Event::Retry { wait_ms: 200_000, .. }) {}
    let Job {
        mut events, leash, ..
    } = job;
    drop(leash);
    let ended = tokio::time::timeout(PATIENCE, events.recv()).await.unwrap();
    let Some(Event::Failed(turn)) = ended else {
        panic!("{ended:?}")
    };
    let error = turn.error.as_ref().unwrap();
    assert_eq!(
        (turn.status, error.kind, error.billed),
        (TurnStatus::Cancelled, Kind::Cancelled, Billed::No)
    );
    assert!(error.hint.contains("Slow down"), "{}", error.hint);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_have_been_generated_is_never_sent_again() {
    let house = House::new().await;
    // A gateway that gave up, a daily quota, and a stream that broke off after its first event.
    let mut job = house.engine.start(patient(&house));
    house
        .server
        .call()
        .await
        .refuse("504 Gateway Timeout", "{}")
        .await;
    assert_eq!(until_over(&mut job).await.attempts, 1);

    let daily = RATE.replace(
        r#""details":["#,
        r#""details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"RequestsPerDay"}]},"#,
    );
    let mut job = house.engine.start(patient(&house));
    house
        .server
        .call()
        .await
        .refuse("429 Too Many Requests", &daily)
        .await;
    let turn = until_over(&mut job).await;
    assert_eq!((turn.attempts, turn.error.unwrap().kind), (1, Kind::Quota));

    let mut job = house.engine.start(patient(&house));
    let (mut call, _turn) = open(&house, &mut job).await;
    call.send(super::thought("Composing")).await;
    call.cut();
    let turn = until_over(&mut job).await;
    let error = turn.error.unwrap();
    assert_eq!(
        (turn.attempts, error.kind, error.billed),
        (1, Kind::Cut, Billed::Maybe)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_signatures_are_answered_with_the_picture_alone() {
    let house = House::new().await;
    let mut first = house.engine.start(house.order("a red fox"));
    answer(&house, 1).await;
    let first = until_over(&mut first).await;
    let order = |house: &House| Order {
        session: Some(first.session.clone()),
        parent: Some(first.id.clone()),
        ..house.order("at night")
    };
    // Once with a status of its own, once in a stream that had begun with a sign of life.
    for streamed in [false, true] {
        let mut job = house.engine.start(order(&house));
        let mut call = house.server.call().await;
        assert!(String::from_utf8_lossy(&call.body).contains("thoughtSignature"));
        if streamed {
            call.open().await;
            call.send(format!(": PING\n\n{SIGNATURE}")).await;
            call.end().await;
        } else {
            call.refuse("400 Bad Request", SIGNATURE).await;
        }
        let sent = answer(&house, 2).await;
        assert_eq!(
            sent["contents"].as_array().unwrap().len(),
            1,
            "a fresh turn: {sent}"
        );
        assert!(!sent.to_string().contains("thoughtSignature"));
        assert!(sent.to_string().contains("inlineData"));
        let (events, turn) = events_until_over(&mut job).await;
        assert!(
            events
                .iter()
                .any(|event| matches!(event, Event::Notice(text) if text.contains("picture alone"))),
            "{events:?}"
        );
        assert_eq!((turn.status, turn.attempts), (TurnStatus::Finished, 2));
        assert!(
            turn.warnings.iter().any(|text| text.contains("picture alone")),
            "{:?}",
            turn.warnings
        );
        assert_eq!(turn.images.len(), 1);
    }
    // If that is refused as well, it ends there.
    let mut job = house.engine.start(order(&house));
    for _ in 0..2 {
        house
            .server
            .call()
            .await
            .refuse("400 Bad Request", SIGNATURE)
            .await;
    }
    let turn = until_over(&mut job).await;
    assert_eq!((turn.attempts, turn.error.unwrap().kind), (2, Kind::Signature));
}

#[tokio::test(flavor = "multi_thread")]
async fn several_share_a_new_session_go_two_at_a_time_and_fail_alone() {
    let house = House::new().await;
    let mut jobs = house.engine.start_several(&house.order("a red fox"), 3);
    let mut one = house.server.call().await;
    let two = house.server.call().await;
    let third = tokio::time::timeout(Duration::from_millis(200), house.server.call()).await;
    assert!(third.is_err(), "a third request went out");
    two.refuse(
        "400 Bad Request",
        r#"{"error":{"code":400,"message":"no","status":"INVALID_ARGUMENT"}}"#,
    )
    .await;
    answer(&house, 3).await;
    one.open().await;
    one.send(picture_event(&picture(900, 4), "")).await;
    one.end().await;
    let mut turns = Vec::new();
    for job in &mut jobs {
        turns.push(until_over(job).await);
    }
    let finished = turns
        .iter()
        .filter(|turn| turn.status == TurnStatus::Finished)
        .count();
    assert_eq!(finished, 2);
    assert!(turns.iter().all(|turn| turn.session == turns[0].session));
    assert_eq!(house.store.recent(10).unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_asked_to_wait_is_left_alone_by_all() {
    let house = House::new().await;
    let mut first = house.engine.start(patient(&house));
    let asked = RATE.replace("0.3s", "3s");
    house
        .server
        .call()
        .await
        .refuse("429 Too Many Requests", &asked)
        .await;
    while !matches!(next(&mut first).await, Event::Retry { .. }) {}
    let mut second = house.engine.start(patient(&house));
    let paused = loop {
        if let Event::Paused { wait_ms } = next(&mut second).await {
            break wait_ms;
        }
    };
    assert!(paused <= 3000, "{paused}");
    for seed in [1, 2] {
        answer(&house, seed).await;
    }
    assert_eq!(until_over(&mut first).await.status, TurnStatus::Finished);
    assert_eq!(until_over(&mut second).await.attempts, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_gives_up_still_holds_the_others_back() {
    let house = House::new().await;
    let mut jobs = house.engine.start_several(&house.order("a red fox"), 3);
    let (one, two) = (house.server.call().await, house.server.call().await);
    let refused = Instant::now();
    one.refuse("429 Too Many Requests", RATE).await;
    answer(&house, 3).await;
    assert!(
        refused.elapsed() >= Duration::from_millis(300),
        "{:?}",
        refused.elapsed()
    );
    two.refuse("504 Gateway Timeout", "{}").await;
    let mut finished = 0;
    for job in &mut jobs {
        let turn = until_over(job).await;
        assert_eq!(turn.attempts, 1);
        finished += usize::from(turn.status == TurnStatus::Finished);
    }
    assert_eq!(finished, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fetch_that_is_stopped_or_breaks_off_leaves_nothing_but_the_link() {
    let house = House::new().await;
    let link = format!("{}/out/abc.png", house.server.base_url);
    let mut job = house.engine.start(house.order("a red fox"));
    let (mut call, _turn) = open(&house, &mut job).await;
    call.send(event(&format!("{{\"fileData\":{{\"fileUri\":\"{link}\"}}}}")))
        .await;
    call.end().await;
    let turn = until_over(&mut job).await;
    for stopped in [true, false] {
        let mut job = house
            .engine
            .fetch(turn.id.clone(), vec![house.order("").endpoint]);
        let mut call = house.server.get().await;
        call.open().await;
        call.send(picture(5_000, 9)).await;
        while !matches!(next(&mut job).await, Event::PictureBegan { .. }) {}
        let Job {
            mut events, leash, ..
        } = job;
        if stopped {
            drop(leash);
        } else {
            leash.detach();
            call.cut();
        }
        let ended = loop {
            let event = tokio::time::timeout(PATIENCE, events.recv()).await.unwrap();
            if let Some(Event::Failed(turn)) = event {
                break turn;
            }
        };
        let kind = ended.error.as_ref().unwrap().kind;
        assert_eq!(
            (ended.links.len(), kind == Kind::Cancelled),
            (1, stopped),
            "{ended:?}"
        );
        assert_eq!(house.leftovers(), Vec::<std::path::PathBuf>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_fetched_on_the_users_word_only() {
    let house = House::new().await;
    let link = format!("{}/out/abc.png?token=1", house.server.base_url);
    let pointing = event(&format!(
        "{{\"fileData\":{{\"mimeType\":\"image/png\",\"fileUri\":\"{link}\"}}}}"
    ));
    let mut job = house.engine.start(house.order("a red fox"));
    let (mut call, _turn) = open(&house, &mut job).await;
    call.send(&pointing).await;
    call.end().await;
    let turn = until_over(&mut job).await;
    assert_eq!(turn.error.as_ref().unwrap().kind, Kind::NoImage);
    assert_eq!(turn.links[0].url, link);

    let bytes = picture(5_000, 9);
    let mut job = house
        .engine
        .fetch(turn.id.clone(), vec![house.order("").endpoint]);
    let call = house.server.get().await;
    assert!(
        call.head.starts_with("GET /out/abc.png?token=1 "),
        "{}",
        call.head
    );
    assert!(!call.head.contains(super::KEY));
    call.give("200 OK", "image/png", &bytes).await;
    let fetched = until_over(&mut job).await;
    assert_eq!(
        (fetched.status, fetched.error.clone()),
        (TurnStatus::Finished, None)
    );
    assert_eq!(std::fs::read(&fetched.images[0].path).unwrap(), bytes);
    assert_eq!(house.stored(&fetched), fetched);

    // What is gone, or is no picture, leaves the link to be tried again.
    for (status, kind, body) in [
        ("404 Not Found", "text/plain", "gone"),
        ("200 OK", "image/png", "<html>"),
    ] {
        let mut order = house.order("another");
        order.follow_links = true;
        let mut job = house.engine.start(order);
        let (mut call, _turn) = open(&house, &mut job).await;
        call.send(&pointing).await;
        call.end().await;
        house.server.get().await.give(status, kind, body.as_bytes()).await;
        let turn = until_over(&mut job).await;
        assert_eq!((turn.status, turn.links.len()), (TurnStatus::Failed, 1));
        assert!(
            !turn.error.as_ref().unwrap().to_string().contains("token"),
            "{:?}",
            turn.error
        );
        assert_eq!(house.leftovers(), Vec::<std::path::PathBuf>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_never_leads_to_another_service_of_this_machine() {
    let house = House::new().await;
    let other = Server::start().await;
    let private = "is this machine or in a private network";
    let mut kept = None;
    for link in [
        format!("{}/x?token=1", other.base_url),
        format!("{}/x?token=1", other.base_url.replace("127.0.0.1", "2130706433")),
        "http://169.254.169.254/latest/meta-data?token=1".to_owned(),
    ] {
        let pointing = event(&format!("{{\"fileData\":{{\"fileUri\":\"{link}\"}}}}"));
        let mut order = house.order("a red fox");
        order.follow_links = true;
        let mut job = house.engine.start(order);
        let (mut call, _turn) = open(&house, &mut job).await;
        call.send(&pointing).await;
        call.end().await;
        let turn = until_over(&mut job).await;
        let error = turn.error.as_ref().unwrap();
        assert_eq!(
            (turn.status, error.kind),
            (TurnStatus::Failed, Kind::WrongAddress)
        );
        assert!(error.message.contains(private), "{error}");
        assert!(!error.to_string().contains("token"), "{error}");
        assert_eq!(turn.links[0].url, link);
        kept = Some(turn);
    }
    // By a redirect of the provider's own, and on the user's word afterwards.
    let turn = kept.unwrap();
    let link = format!("{}/moved", house.server.base_url);
    let pointing = event(&format!("{{\"fileData\":{{\"fileUri\":\"{link}\"}}}}"));
    let mut order = house.order("a red fox");
    order.follow_links = true;
    let mut job = house.engine.start(order);
    let (mut call, _turn) = open(&house, &mut job).await;
    call.send(&pointing).await;
    call.end().await;
    let moved = format!("302 Found\r\nlocation: {}/x", other.base_url);
    house.server.get().await.give(&moved, "text/plain", b"").await;
    let redirected = until_over(&mut job).await;
    let error = redirected.error.unwrap();
    assert!(error.message.contains(private), "{error}");
    for providers in [vec![house.order("").endpoint], Vec::new()] {
        let mut job = house.engine.fetch(turn.id.clone(), providers);
        let fetched = until_over(&mut job).await;
        assert!(fetched.error.unwrap().message.contains(private));
    }
    let called = tokio::time::timeout(Duration::from_millis(50), other.get()).await;
    assert!(called.is_err(), "it was called");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_over_the_budget_is_not_sent() {
    let house = House::new().await;
    let mut order = house.order("a red fox");
    order.request.provider = "google".to_owned();
    order.endpoint.name = "google".to_owned();
    order.budget = Budget {
        order: Some(0.2),
        ..Budget::default()
    };
    for job in &mut house.engine.start_several(&order, 2) {
        let Event::Rejected(error) = next(job).await else {
            panic!("sent")
        };
        assert_eq!(error.kind, Kind::OverBudget);
        assert!(
            error.message.contains("$0.268") && error.message.contains("$0.200"),
            "{error}"
        );
    }
    // Yesterday's spending does not count against today's limit.
    order.budget = Budget {
        daily: Some(0.2),
        ..Budget::default()
    };
    let mut job = house.engine.start(order.clone());
    answer(&house, 1).await;
    let turn = until_over(&mut job).await;
    assert!(turn.cost.is_some_and(|cost| cost.usd > 0.1), "{:?}", turn.cost);
    let mut job = house.engine.start(order.clone());
    assert!(matches!(next(&mut job).await, Event::Rejected(error) if error.kind == Kind::OverBudget));
    order.budget.day_began_ms = turn.created_ms + 1;
    let mut job = house.engine.start(order);
    answer(&house, 2).await;
    assert_eq!(until_over(&mut job).await.status, TurnStatus::Finished);
}
