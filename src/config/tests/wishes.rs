use super::*;

#[test]
fn without_files_the_defaults_hold() {
    let wishes = Home::new("").load(&Flags::default(), &[]).wishes;
    assert_eq!(
        (wishes.count.value, wishes.retries.value, wishes.timeout.value),
        (1, 3, 300)
    );
    assert!(wishes.aspect_ratio.is_none() && wishes.daily_limit.is_none());
    assert_eq!(wishes.count.source, Source::Default);
}

#[test]
fn what_makes_no_sense_is_refused_with_the_range() {
    for (text, words) in [
        ("count = 0", "1 to 16"),
        ("count = 17", "1 to 16"),
        ("count = -1", "1 to 16"),
        ("retries = 11", "0 to 10"),
        ("timeout = 0", "1 to 86400"),
        ("finish_within = 0", "1 to 86400"),
        ("timeout = 99999", "1 to 86400"),
        ("max_cost = 0", "US dollars"),
        ("max_cost = nan", "US dollars"),
        ("daily_limit = -2.5", "US dollars"),
        ("daily_limit = inf", "US dollars"),
        ("aspect_ratio = 'wide'", "not a ratio"),
        ("size = 'big'", "not a size"),
        ("thinking = 'very hard'", "levels"),
        ("output = 'sound'", "text-and-images, images, text"),
    ] {
        let home = Home::new(text);
        let error = home.refuse(&Flags::default(), &[]);
        let told = format!("{error}. {}", error.hint);
        assert_eq!(error.kind, Kind::Usage);
        assert!(told.contains(words), "{told}");
        assert!(told.starts_with(&home.config().display().to_string()), "{told}");
    }
    let wishes = Home::new("max_cost = 2\nretries = 0\nthinking = ' High '\ntimeout = 60")
        .load(&Flags::default(), &[])
        .wishes;
    assert_eq!(wishes.max_cost.unwrap().value.to_string(), "2");
    assert_eq!((wishes.retries.value, wishes.timeout.value), (0, 60));
    assert_eq!(wishes.thinking.unwrap().value, "high");
    let home = Home::new("output = ' Images '");
    let output = home.load(&Flags::default(), &[]).wishes.output;
    assert_eq!(
        output,
        Sourced::new(crate::domain::Output::Images, Source::File(home.config()))
    );
}

#[test]
fn a_ratio_or_size_of_a_file_is_left_out_where_the_model_does_not_take_it() {
    let home = Home::new("aspect_ratio = '21:9'\nsize = '2K'");
    let settings = home.load(&provider("google"), &[]);
    let row = |provider, model| settings.catalog.find(provider, model);
    let (ratio, size, notes) = settings.wishes.for_model(&row("google", "gemini-3-pro-image"));
    assert_eq!(ratio.unwrap().as_str(), "21:9");
    assert_eq!(size.unwrap().as_str(), "2K");
    assert!(notes.is_empty());
    let (ratio, size, notes) = settings
        .wishes
        .for_model(&row("starrise", "gemini-2.5-flash-image"));
    assert!(ratio.is_none() && size.is_some());
    assert_eq!(notes.len(), 1);
    assert!(
        notes[0].contains("21:9") && notes[0].contains("config.toml"),
        "{}",
        notes[0]
    );
    let (ratio, _, _) = settings.wishes.for_model(&row("google", "nobody-knows"));
    assert!(ratio.is_some(), "the server decides");
}

#[test]
fn every_setting_is_shown_with_where_it_came_from_and_no_key() {
    let home = Home::new(
        "provider = 'relay'\nsize = '2K'\n[providers.relay]\nbase_url = 'https://relay.test'\n\
         api_key_command = ['echo', 'sk-hush-hush']\n",
    );
    let settings = home.load(&Flags::default(), &[("GEMINI_API_KEY", "sk-psst-psst")]);
    let _fetched = settings.route().unwrap();
    let shown = settings.shown();
    let row = |name: &str| {
        let row = shown.iter().find(|row| row.name == name).unwrap();
        (row.value.as_deref().unwrap_or("-"), row.source.as_str())
    };
    let file = home.config().display().to_string();
    assert_eq!(row("provider"), ("relay", &*file));
    assert_eq!(row("base_url"), ("https://relay.test", &*file));
    assert_eq!(row("size"), ("2K", &*file));
    assert_eq!(row("count"), ("1", "default"));
    assert_eq!(row("key of relay"), ("set", "the command echo"));
    assert_eq!(row("key of google"), ("set", "GEMINI_API_KEY"));
    assert_eq!(row("key of anyfast"), ("-", "none in ANYFAST_API_KEY"));
    let all = format!("{shown:?} {:?}", settings.listed());
    assert!(!all.contains("hush") && !all.contains("psst"), "{all}");
}

#[test]
fn proxies_and_certificates_come_from_the_environment() {
    let home = Home::new("");
    let settings = home.load(
        &Flags::default(),
        &[
            ("https_proxy", "http://me:hush@proxy.test:3128"),
            ("ALL_PROXY", "socks5h://127.0.0.1:1080"),
            ("NO_PROXY", "intern.test"),
            ("SSL_CERT_FILE", "/ca.pem"),
            ("SSL_CERT_DIR", "/a:/b"),
        ],
    );
    let network = &settings.network;
    assert_eq!(network.proxies.https.as_ref().unwrap().variable, "https_proxy");
    assert_eq!(
        network.proxies.all.as_ref().unwrap().url,
        "socks5h://127.0.0.1:1080"
    );
    assert_eq!(network.proxies.except.as_deref(), Some("intern.test"));
    assert_eq!(network.trust.file.as_deref(), Some(Path::new("/ca.pem")));
    assert_eq!(network.trust.folders, [Path::new("/a"), Path::new("/b")]);
    assert!(!format!("{settings:?}").contains("hush"));
}
