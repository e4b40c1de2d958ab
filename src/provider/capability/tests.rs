use super::*;
use crate::domain::{Reference, Request, Usage};
use crate::error::Kind;
use crate::provider::endpoint;

const TODAY: &str = "2026-11-20";

fn ratio(text: &str) -> AspectRatio {
    text.parse().unwrap()
}

fn size(text: &str) -> Size {
    text.parse().unwrap()
}

fn request(ratio: &str, size: &str) -> Request {
    Request {
        prompt: "a fox".to_owned(),
        aspect_ratio: ratio.parse().ok(),
        size: size.parse().ok(),
        ..Request::default()
    }
}

fn reference(mime: Mime) -> Reference {
    Reference {
        path: "/pictures/fox.bin".into(),
        mime,
        bytes: 10,
        ..Reference::default()
    }
}

fn is_date(text: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<_> = text.split('-').collect();
    matches!(parts[..], [year, month, day] if [year.len(), month.len(), day.len()] == [4, 2, 2]
        && digits(year) && digits(month) && digits(day))
}

#[test]
fn the_embedded_table_parses_and_holds_together() {
    let file = table::parse().expect("models.toml parses");
    assert!(is_date(&file.as_of));
    for set in file.ratios.values().flatten() {
        assert_eq!(ratio(set).as_str(), set);
    }
    for row in &file.models {
        let who = format!("{} at {}", row.name, row.provider);
        assert!(endpoint::find(&row.provider).is_some(), "{who}: unknown provider");
        assert!(!row.name.contains('/'), "{who}");
        let ratios = file.ratios.get(&row.ratios).expect("the ratio set exists");
        let pixels = file.pixels.get(&row.pixels).expect("the pixel table exists");
        for ratio in ratios {
            assert!(pixels.contains_key(ratio), "{who}: no pixels for {ratio}");
        }
        for text in &row.sizes {
            assert_eq!(size(text).as_str(), text, "{who}");
            assert!(
                ["512", "1K", "2K", "4K"].contains(&text.as_str()),
                "{who}: {text}"
            );
        }
        let price = row.price.as_ref().unwrap_or(&row.name);
        assert!(file.prices.contains_key(price), "{who}: no price under {price}");
        assert!(row.retires.as_deref().is_none_or(is_date), "{who}");
        assert!(row.disputed.is_none() || row.retires.is_some(), "{who}");
        if let Some(next) = &row.successor {
            assert!(
                find(&row.provider, next).verified,
                "{who}: unknown successor {next}"
            );
        }
    }
    let known = rows().iter().map(|row| (&row.provider, &row.name));
    let mut unique: Vec<_> = known.clone().collect();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), known.count(), "a model is listed twice");
}

#[test]
fn every_row_can_make_a_picture_of_everything_it_lists() {
    for row in rows() {
        assert!(!row.ratios().is_empty(), "{}", row.name);
        assert!(row.accepts_references() && !row.references.mimes.is_empty());
        if let Some(default) = row.default_size() {
            assert!(row.sizes().contains(default));
        }
        if let Some(level) = &row.default_level {
            assert!(row.levels.contains(level));
        }
        for ratio in row.ratios() {
            let mut sizes: Vec<_> = row.sizes().iter().map(Some).collect();
            sizes.push(None);
            for size in sizes {
                let (width, height) = row.pixels(Some(ratio), size);
                assert!(
                    width >= 192 && height >= 192,
                    "{} {ratio}: {width}×{height}",
                    row.name
                );
                let (wide, high) = ratio.as_str().split_once(':').unwrap();
                let (wide, high): (u64, u64) = (wide.parse().unwrap(), high.parse().unwrap());
                let (left, right) = (u64::from(width) * high, u64::from(height) * wide);
                assert!(
                    left.abs_diff(right) * 25 < left,
                    "{} {ratio}: {width}×{height}",
                    row.name
                );
            }
            assert!(row.check(&request(ratio.as_str(), "")).is_ok());
        }
    }
}

#[test]
fn pixels_are_those_of_the_documentation() {
    let flash = find("google", "gemini-3.1-flash-image");
    for (name, at, pixels) in [
        ("1:1", "512", (512, 512)),
        ("3:4", "512", (448, 600)),
        ("9:16", "512", (384, 688)),
        ("16:9", "1K", (1376, 768)),
        ("4:5", "2K", (1856, 2304)),
        ("8:1", "4K", (12288, 1536)),
        ("21:9", "4K", (6336, 2688)),
        ("2:3", "4K", (3392, 5056)),
    ] {
        assert_eq!(
            flash.pixels(Some(&ratio(name)), Some(&size(at))),
            pixels,
            "{name} {at}"
        );
    }
    assert_eq!(flash.pixels(None, None), (1024, 1024));
    let old = find("google", "gemini-2.5-flash-image");
    assert_eq!(old.pixels(Some(&ratio("16:9")), None), (1344, 768));
    // A ratio that nobody documents still gets a sensible canvas.
    assert_eq!(flash.pixels(Some(&ratio("2:1")), None), (1448, 728));
    assert_eq!(flash.pixels(Some(&ratio("0:0")), Some(&size("0K"))), (1024, 1024));
}

#[test]
fn what_a_model_does_not_list_is_refused_with_what_it_accepts() {
    let cap = find("starrise", "gemini-2.5-flash-image");
    let error = cap.check(&request("21:9", "")).unwrap_err();
    assert_eq!(error.kind, Kind::BadInput);
    assert_eq!(
        error.message,
        "gemini-2.5-flash-image at starrise does not take the ratio 21:9"
    );
    assert_eq!(
        error.hint,
        "Choose one of 1:1, 4:3, 3:4, 16:9, 9:16, or leave the ratio out"
    );
    let error = cap.check(&request("1:1", "512")).unwrap_err();
    assert_eq!(error.hint, "Choose one of 1K, 2K, 4K, or leave the size out");
    assert!(cap.check(&request("16:9", "4K")).is_ok());

    let sizeless = find("tokaify", "gemini-2.5-flash-image");
    let error = sizeless.check(&request("", "1K")).unwrap_err();
    assert!(error.message.ends_with("takes no size, and 1K was asked for"));
    assert!(error.hint.contains("1024×1024"), "{}", error.hint);

    let lite = find("anyfast", "gemini-3.1-flash-lite-image");
    assert!(lite.check(&request("", "1K")).is_ok());
    let error = lite.check(&request("", "2K")).unwrap_err();
    assert!(error.hint.starts_with("Its only size is 1K"));
}

#[test]
fn references_are_counted_and_their_types_looked_at() {
    let cap = find("google", "gemini-3-pro-image");
    let mut many = request("", "");
    many.references = vec![reference(Mime::Png); 15];
    let error = cap.check(&many).unwrap_err();
    assert!(
        error
            .message
            .ends_with("takes at most 14 reference pictures, and 15 were given"),
        "{error}"
    );

    for (provider, mime, taken) in [
        ("google", Mime::Heic, true),
        ("google", Mime::Gif, false),
        ("anyfast", Mime::Heic, false),
        ("anyfast", Mime::Webp, true),
        ("anyfast", Mime::Unknown, false),
    ] {
        let cap = find(provider, "gemini-3-pro-image");
        let mut request = request("", "");
        request.references = vec![reference(mime)];
        let checked = cap.check(&request);
        assert_eq!(checked.is_ok(), taken, "{provider} {mime}");
        if let Err(error) = checked {
            assert_eq!(error.kind, Kind::BadInput);
            assert!(error.message.contains("/pictures/fox.bin"), "{error}");
            assert!(error.hint.contains("PNG, JPEG"), "{}", error.hint);
        }
    }
    let mut empty = request("", "");
    empty.references = vec![Reference {
        bytes: 0,
        ..reference(Mime::Png)
    }];
    assert_eq!(
        cap.check(&empty).unwrap_err().message,
        "/pictures/fox.bin is empty"
    );
}

#[test]
fn an_unknown_model_is_allowed_and_says_that_it_is_unverified() {
    let cap = find("google", "models/gemini-9-image");
    assert_eq!((cap.name.as_str(), cap.verified), ("gemini-9-image", false));
    assert_eq!(cap.ratios().len(), 10);
    assert_eq!(cap.sizes(), [size("1K"), size("2K"), size("4K")]);
    assert_eq!(cap.thinking, Thinking::None);
    assert!(cap.check(&request("7:5", "8K")).is_ok());
    assert_eq!(cap.estimate(None), None);
    assert!(!find("tokaify", "gemini-3-pro-image-preview").verified);
}

#[test]
fn the_default_model_is_never_a_retired_one() {
    for provider in endpoint::builtin() {
        for today in ["2026-01-01", as_of(), "2026-12-31", "2099-01-01"] {
            let name = default_model(provider.name, today).expect("every provider has a live model");
            let cap = find(provider.name, name);
            assert!(
                cap.verified && !cap.retired(today),
                "{name} at {} on {today}",
                provider.name
            );
        }
    }
    assert_eq!(default_model("nobody", TODAY), None);
}

#[test]
fn the_default_model_has_a_price_and_googles_has_one_for_every_size() {
    for provider in endpoint::builtin() {
        for today in ["2026-01-01", as_of(), "2099-01-01"] {
            let name = default_model(provider.name, today).expect("every provider has a live model");
            let cap = find(provider.name, name);
            // Nobody publishes what a relay's 2.5 costs at the sizes that Google's does not have.
            let sizes = cap.sizes.iter().filter(|_| provider.name == "google");
            for size in sizes.map(Some).chain([None]) {
                assert!(
                    cap.estimate(size).is_some(),
                    "{name} at {}: {size:?}",
                    provider.name
                );
            }
        }
    }
}

#[test]
fn nano_banana_2_1_has_the_published_prices_and_limits() {
    let cap = find("google", "gemini-nano-banana-2.1");
    for (name, usd, tokens) in [
        ("1K", 0.0336, 1_120),
        ("2K", 0.0504, 1_680),
        ("4K", 0.1134, 3_780),
    ] {
        assert_eq!(cap.estimate(Some(&size(name))), Some(usd), "{name}");
        let usage = Usage {
            prompt: Some(0),
            output: Some(tokens),
            image: Some(tokens),
            ..Usage::default()
        };
        let cost = cap.cost(&usage, Some(&size(name)), 1).unwrap();
        assert!((cost.usd - usd).abs() < 1e-9, "{name}: {cost:?}");
    }
    assert_eq!(cap.price.as_ref().unwrap().derived, ["2K"]);
    assert_eq!((cap.max_input, cap.max_output), (Some(131_072), Some(32_768)));
    let error = cap.check(&request("", "512")).unwrap_err();
    assert!(
        error.hint.starts_with("Choose one of 1K, 2K, 4K"),
        "{}",
        error.hint
    );
}

#[test]
fn an_alias_is_the_same_model_under_another_name() {
    let alias = find("google", "nano-banana-pro-preview");
    let own = find("google", "gemini-3-pro-image-preview");
    assert_eq!(alias.alias_of.as_deref(), Some("gemini-3-pro-image-preview"));
    assert_eq!(
        Capability {
            name: own.name.clone(),
            alias_of: None,
            ..alias
        },
        own
    );
    assert!(find("demo", "nano-banana-pro-preview").verified);
}

#[test]
fn a_retired_model_says_so_and_names_its_successor() {
    let cap = find("google", "gemini-3-pro-image-preview");
    assert!(cap.retired("2026-06-25") && !cap.retired("2026-06-24"));
    assert_eq!(
        cap.retirement(TODAY).unwrap(),
        "gemini-3-pro-image-preview was switched off at google on 2026-06-25; its successor is gemini-3-pro-image"
    );
    assert!(
        cap.retirement("2026-06-01")
            .unwrap()
            .contains("will be switched off")
    );
    assert_eq!(find("anyfast", "gemini-3.1-flash-image").retirement(TODAY), None);
}

#[test]
fn an_end_on_which_sources_disagree_is_no_fact() {
    let old = find("google", "gemini-2.5-flash-image");
    assert_eq!(
        old.retirement(TODAY).unwrap(),
        "The end of gemini-2.5-flash-image at google is announced for 2026-10-02, reports differ (2027-03-15); \
         its successor is gemini-nano-banana-2.1"
    );
    assert!(!old.retired(TODAY) && !old.retired("2027-03-14") && old.retired("2027-03-15"));
    assert!(
        old.retirement("2027-03-15")
            .unwrap()
            .contains("was switched off at google on 2027-03-15")
    );
    let flash = find("google", "gemini-3.1-flash-image");
    let says = flash.retirement(TODAY).unwrap();
    assert!(
        says.contains("announced for 2026-10-29, reports differ (none announced)"),
        "{says}"
    );
    assert!(!flash.retired("2099-01-01"));
    // It stops no request.
    for cap in [old, flash] {
        assert_eq!(cap.check(&request("1:1", "")), Ok(()));
    }
}

#[test]
fn a_request_for_several_candidates_is_estimated_at_as_many_images() {
    let mut three = request("", "");
    three.tuning.candidates = Some(3);
    let usd = find("tokaify", "gemini-2.5-flash-image")
        .estimate_of(&three)
        .unwrap();
    assert!((usd - 3.0 * 0.039).abs() < 1e-9, "{usd}");
    assert_eq!(find("google", "gemini-9-image").estimate_of(&three), None);
}

#[test]
fn the_demo_serves_every_model_for_nothing() {
    for row in rows() {
        let demo = find("demo", &row.name);
        assert!(
            demo.verified && demo.streams() && !demo.retired("2099-01-01"),
            "{}",
            row.name
        );
        assert_eq!(demo.estimate(None), Some(0.0));
    }
    assert_eq!(
        models("demo").next().map(|row| row.provider.as_str()),
        Some("demo")
    );
}

#[test]
fn a_call_is_priced_by_its_parts() {
    let cap = find("google", "gemini-3.1-flash-image");
    assert_eq!(cap.estimate(Some(&size("4K"))), Some(0.151));
    assert_eq!(cap.estimate(None), Some(0.067));
    let usage = Usage {
        prompt: Some(1_000_000),
        output: Some(1_001_120),
        thoughts: Some(1_000_000),
        total: None,
        image: Some(1_120),
    };
    let cost = cap.cost(&usage, None, 1).unwrap();
    assert!(
        cost.exact && (cost.usd - (0.5 + 0.0672 + 3.0 + 3.0)).abs() < 1e-9,
        "{cost:?}"
    );

    let vague = Usage {
        output: Some(1_120),
        ..Usage::default()
    };
    let cost = cap.cost(&vague, Some(&size("2K")), 2).unwrap();
    assert!(!cost.exact && (cost.usd - 0.202).abs() < 1e-9, "{cost:?}");
    assert!(
        !find("anyfast", "gemini-3.1-flash-image")
            .cost(&usage, None, 1)
            .unwrap()
            .exact
    );
    assert_eq!(cap.cost(&Usage::default(), None, 0), None);
    assert_eq!(
        find("demo", &cap.name).cost(&usage, None, 1).map(|cost| cost.usd),
        Some(0.0)
    );
}

#[test]
fn a_turn_is_priced_by_what_came_where_nobody_counted() {
    let picture = |width: u32, height: u32| crate::domain::Image {
        kind: crate::domain::ImageKind::Result,
        path: "/pictures/fox.png".into(),
        mime: Mime::Png,
        declared_mime: None,
        width,
        height,
        bytes: 1,
        sha256: String::new(),
    };
    let mut turn = crate::domain::Turn::new(
        crate::domain::TurnId::new(1, 0),
        crate::domain::SessionId::new(0, 0),
        1,
        0,
        request("16:9", "4K"),
    );
    let cap = find("google", "gemini-3.1-flash-image");
    assert_eq!(cap.cost_of(&turn), None);
    // 4K was asked for; 2K came, and a small one beside it.
    turn.images = vec![picture(2752, 1536), picture(688, 384)];
    let cost = cap.cost_of(&turn).unwrap();
    assert!(
        !cost.exact && (cost.usd - (0.101 + 0.045)).abs() < 1e-9,
        "{cost:?}"
    );

    turn.usage = Usage {
        prompt: Some(8),
        output: Some(1120),
        image: Some(1120),
        ..Usage::default()
    };
    assert!(cap.cost_of(&turn).unwrap().exact);
    turn.request.tuning.search = true;
    assert!(!cap.cost_of(&turn).unwrap().exact);

    // A price of the user's own needs no counting.
    let mut own = find("anyfast", "gemini-3.1-flash-image");
    assert!(!own.cost_of(&turn).unwrap().exact);
    own.price = Some(Price {
        picture: [("1K", 0.03), ("2K", 0.03), ("4K", 0.03)]
            .map(|(size, usd)| (size.to_owned(), usd))
            .into(),
        ..Price::default()
    });
    assert_eq!(own.estimate(Some(&size("4K"))), Some(0.03));
    let cost = own.cost_of(&turn).unwrap();
    assert!(cost.exact && (cost.usd - 0.06).abs() < 1e-9, "{cost:?}");
    turn.images.clear();
    assert_eq!(own.cost_of(&turn), None);
    // What is free is free, however little the server says.
    let free = find("demo", "gemini-3.1-flash-image").cost_of(&turn).unwrap();
    assert!(free.exact && free.usd <= 0.0);

    // The price of this size is not on the list, but tokens were counted.
    let mut next = find("google", "gemini-nano-banana-2.1");
    if let Some(price) = &mut next.price {
        price.picture.remove("4K");
    }
    turn.images = vec![picture(4096, 4096)];
    turn.usage.image = None;
    let cost = next.cost_of(&turn).unwrap();
    assert!(!cost.exact && cost.usd > 0.03, "{cost:?}");
}
