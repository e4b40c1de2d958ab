use super::*;

/// A project inside of a home, with its file; the folder that one works in lies deeper.
fn project(text: &str) -> (Home, PathBuf) {
    let home = Home::new("");
    let path = home.put("work/repo/.tintype.toml", text);
    std::fs::create_dir_all(home.path().join("work/repo/src/deep")).unwrap();
    (home, path)
}

fn inside(home: &Home, variables: &[(&str, &str)]) -> Environment {
    home.env(variables).within(home.path().join("work/repo/src/deep"))
}

#[test]
fn a_project_says_what_pictures_are_like_and_the_user_does_where_it_does_not() {
    let (home, path) = project("aspect_ratio = '16:9'\nprompt_folders = ['prompts']\n");
    home.put(
        ".config/tintype/config.toml",
        "aspect_ratio = '1:1'\nsize = '4k'\ncount = 3\nretries = 5\n",
    );
    let settings = Settings::load(&Flags::default(), &inside(&home, &[])).unwrap();
    let wishes = &settings.wishes;
    assert_eq!(settings.project_file.as_deref(), Some(&*path));
    let ratio = wishes.aspect_ratio.as_ref().unwrap();
    assert_eq!(
        (ratio.value.as_str(), &ratio.source),
        ("16:9", &Source::Project(path.clone()))
    );
    assert_eq!((wishes.count.value, wishes.retries.value), (3, 5));
    let size = wishes.size.as_ref().unwrap();
    assert_eq!(
        (size.value.as_str(), &size.source),
        ("4K", &Source::File(home.config()))
    );
    assert_eq!(
        wishes.prompt_folders.as_ref().unwrap().value,
        [home.path().join("work/repo/prompts")]
    );
    // Elsewhere it says nothing.
    let elsewhere = home.env(&[]).within(home.path());
    let settings = Settings::load(&Flags::default(), &elsewhere).unwrap();
    assert_eq!((settings.project_file, settings.wishes.count.value), (None, 3));
}

#[test]
fn the_model_of_a_project_stands_between_environment_and_user() {
    let (home, path) = project("model = 'models/gemini-3-pro-image'\n");
    home.put(
        ".config/tintype/config.toml",
        "provider = 'google'\nmodel = 'gemini-3.1-flash-lite-image'\n",
    );
    let load =
        |flags: &Flags, variables: &[(&str, &str)]| Settings::load(flags, &inside(&home, variables)).unwrap();
    let settings = load(&Flags::default(), &[]);
    assert_eq!(model(&settings), "gemini-3-pro-image");
    assert_eq!(settings.model.unwrap().source, Source::Project(path));
    assert_eq!(model(&load(&Flags::default(), &[("TINTYPE_MODEL", "e")])), "e");
    let flags = Flags {
        model: Some("f".to_owned()),
        ..Flags::default()
    };
    assert_eq!(model(&load(&flags, &[("TINTYPE_MODEL", "e")])), "f");
    // A provider that does not have it keeps its own, and says so.
    let settings = load(&provider("starrise"), &[]);
    assert_eq!(model(&settings), "gemini-2.5-flash-image");
    assert!(
        settings
            .notes
            .iter()
            .any(|note| note.contains("is not one of starrise")),
        "{:?}",
        settings.notes
    );
}

#[test]
fn a_project_may_not_touch_keys_addresses_programs_or_folders() {
    for key in [
        "provider = 'google'",
        "base_url = 'https://evil.test'",
        "[providers.google]\nbase_url = 'https://evil.test'",
        "providers.google.api_key_command = 'sh'",
        "api_key_command = 'sh'",
        "api_key_env = 'HOME'",
        "data_dir = '/tmp'",
        "state_dir = '/tmp'",
        "cache_dir = '/tmp'",
        "preview = 'off'",
        "retries = 9",
        "max_cost = 100",
        "daily_limit = 100",
        "timeout = 1",
        "thinking = 'high'",
        "editor = 'vi'",
    ] {
        let (home, path) = project(&format!("model = 'm'\n{key}\n"));
        let error = Settings::load(&Flags::default(), &inside(&home, &[])).unwrap_err();
        assert_eq!((error.kind, error.exit_code()), (Kind::Usage, 2), "{key}");
        let name = key.trim_start_matches('[').split([' ', '.']).next().unwrap();
        let start = format!(
            "{}, line 2: a project may not set \u{201c}{name}\u{201d}: ",
            path.display()
        );
        assert!(error.message.starts_with(&start), "{error}");
        assert!(
            error
                .hint
                .contains("model, aspect_ratio, size, count, prompt_folders")
        );
    }
}

#[test]
fn prompt_folders_of_a_project_stay_inside_of_it() {
    for folder in ["/etc", "../secrets", "a/../../b", "~/keys"] {
        let (home, _) = project(&format!("prompt_folders = ['ok', '{folder}']"));
        let error = Settings::load(&Flags::default(), &inside(&home, &[])).unwrap_err();
        assert!(error.message.ends_with("outside of the project"), "{error}");
    }
}

#[test]
fn a_broken_project_file_is_one_sentence_with_its_line() {
    for (text, line) in [
        ("model = \n", 1),
        ("size = '1K'\ncount = 'two'\n", 2),
        ("model = 'a'\nmodel = 'b'", 2),
    ] {
        let (home, path) = project(text);
        let error = Settings::load(&Flags::default(), &inside(&home, &[])).unwrap_err();
        let start = format!("{}, line {line}: ", path.display());
        assert!(error.message.starts_with(&start), "{error}");
    }
    let (home, _) = project("count = 0");
    let error = Settings::load(&Flags::default(), &inside(&home, &[])).unwrap_err();
    assert!(
        error.message.contains(".tintype.toml: count = 0 is out of range"),
        "{error}"
    );
}

#[test]
fn the_search_ends_at_the_home_and_the_nearest_file_wins() {
    let (home, path) = project("size = '2K'");
    home.put(".tintype.toml", "size = '3K'");
    home.put("work/repo/src/.tintype.toml", "size = '4K'");
    let size = |folder: &str| {
        let env = home.env(&[]).within(home.path().join(folder));
        let size = Settings::load(&Flags::default(), &env).unwrap().wishes.size;
        size.unwrap().value.to_string()
    };
    assert_eq!(size("work/repo/src/deep"), "4K");
    assert_eq!(size("work/repo"), "2K");
    assert_eq!(size("work"), "3K");
    // With the home further down, nothing above it is looked at.
    let env = Environment::new(
        [("HOME", path.parent().unwrap().join("src").to_str().unwrap())],
        TODAY,
    );
    std::fs::remove_file(home.path().join("work/repo/src/.tintype.toml")).unwrap();
    let env = env.within(home.path().join("work/repo/src/deep"));
    let settings = Settings::load(&Flags::default(), &env).unwrap();
    assert_eq!((settings.project_file, settings.wishes.size), (None, None));
}

#[test]
fn a_count_of_a_project_beyond_one_is_ignored_and_a_note_says_so() {
    for (count, user, expected) in [
        (16, "", 1),
        (1000, "", 1),
        (16, "count = 3", 3),
        (1, "count = 3", 1),
    ] {
        let (home, path) = project(&format!("count = {count}"));
        home.put(".config/tintype/config.toml", user);
        let settings = Settings::load(&Flags::default(), &inside(&home, &[])).unwrap();
        assert_eq!(settings.wishes.count.value, expected, "{count}, {user}");
        let note = format!(
            "The count {count} in {} is ignored: a project may not ask for more than 1 image",
            path.display()
        );
        assert_eq!(settings.notes.contains(&note), count > 1, "{:?}", settings.notes);
    }
}

/// Two prices of one image: as the project chose, and as the user would.
fn prices(
    project_text: &str,
    user: &str,
    flags: &Flags,
    size: Option<&str>,
) -> Option<(Option<f64>, Option<f64>)> {
    let (home, _) = project(project_text);
    home.put(".config/tintype/config.toml", user);
    let settings = Settings::load(flags, &inside(&home, &[])).unwrap();
    let size = size.map(|size| size.parse().unwrap());
    let dearer = settings.dearer(size.as_ref())?;
    Some((dearer.chosen.usd, dearer.own.usd))
}

#[test]
fn what_a_project_makes_dearer_is_known_before_it_is_sent() {
    let flash = "model = 'gemini-3.1-flash-image'";
    let pro = "model = 'gemini-3-pro-image'";
    let pro_4k = "model = 'gemini-3-pro-image'\nsize = '4K'";
    let both = |chosen, own| Some((Some(chosen), Some(own)));
    for (project, user, expected) in [
        (pro, "", both(0.134, 0.0336)),
        (pro, flash, both(0.134, 0.067)),
        (pro_4k, flash, both(0.24, 0.067)),
        ("size = '4K'", flash, both(0.151, 0.067)),
        ("aspect_ratio = '16:9'", flash, None),
        // What costs the same or less, or what the user's file says as well, is no news.
        ("model = 'gemini-3.1-flash-lite-image'", flash, None),
        ("size = '512'", flash, None),
        ("size = '1K'", flash, None),
        ("size = '4K'", pro_4k, None),
        (pro, pro, None),
        (pro, pro_4k, None),
        // The dearer model at a smaller size may cost less than the user's own.
        ("size = '4K'", pro, both(0.24, 0.134)),
        (
            "model = 'gemini-3-pro-image'\nsize = '1K'",
            "model = 'gemini-3.1-flash-image'\nsize = '4K'",
            None,
        ),
    ] {
        let user = format!("provider = 'google'\n{user}");
        let said = prices(project, &user, &Flags::default(), None);
        assert_eq!(said, expected, "{project}; {user}");
    }
}

#[test]
fn a_flag_takes_the_place_of_what_a_project_chose() {
    let google = "provider = 'google'\nmodel = 'gemini-3.1-flash-image'";
    let dear = "model = 'gemini-3-pro-image'\nsize = '4K'";
    let model = |name: &str| Flags {
        model: Some(name.to_owned()),
        ..Flags::default()
    };
    let pro = model("gemini-3-pro-image");
    assert_eq!(prices(dear, google, &pro, Some("4K")), None);
    assert_eq!(prices(dear, google, &pro, None), Some((Some(0.24), Some(0.134))));
    assert_eq!(prices("size = '4K'", google, &Flags::default(), Some("4K")), None);
    let said = prices(dear, google, &Flags::default(), Some("1K"));
    assert_eq!(said, Some((Some(0.134), Some(0.067))));
    assert_eq!(
        prices(dear, "", &provider("demo"), None),
        None,
        "the demo is free"
    );
}

#[test]
fn a_price_that_is_not_known_counts_as_dearer() {
    let relay = "provider = 'relay'\nmodel = 'small'\n[providers.relay]\nbase_url = 'https://relay.test'\n\
                 [[providers.relay.models]]\nname = 'small'\nprice_per_picture = 0.02\n\
                 [[providers.relay.models]]\nname = 'other'\n";
    let said = prices("model = 'other'", relay, &Flags::default(), None);
    assert_eq!(said, Some((None, Some(0.02))));
    // Neither is the price of what the user would send.
    let relay = relay.replace("model = 'small'", "model = 'other'");
    let said = prices("model = 'small'", &relay, &Flags::default(), None);
    assert_eq!(said, Some((Some(0.02), None)));
    assert_eq!(prices("model = 'other'", &relay, &Flags::default(), None), None);
    let said = prices("size = '4K'", &relay, &Flags::default(), None);
    assert_eq!(said, Some((None, None)));
}

#[test]
fn the_file_of_another_user_is_not_read_and_a_note_says_so() {
    let (home, path) = project("base_url = 'https://evil.test'");
    if std::os::unix::fs::chown(&path, Some(12345), None).is_err() {
        // Only root can give a file away.
        return;
    }
    let settings = Settings::load(&Flags::default(), &inside(&home, &[])).unwrap();
    assert_eq!(settings.project_file, None);
    assert_eq!(
        settings.notes,
        [format!(
            "{} belongs to another user and is not read",
            path.display()
        )]
    );
}
