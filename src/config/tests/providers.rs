use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::provider::capability::Thinking;

const RELAY: &str = "[providers.relay]\nbase_url = 'https://relay.test/v1beta'\n";

fn relay(more: &str) -> Home {
    Home::new(&format!("{RELAY}{more}\n"))
}

/// The whole error as it is told.
fn told(error: &Error) -> String {
    format!("{error}. {}", error.hint)
}

#[test]
fn a_provider_of_ones_own_works_as_a_builtin_one_does() {
    let home = relay("");
    let settings = home.load(&provider("Relay"), &[("RELAY_API_KEY", "k")]);
    assert_eq!(chosen(&settings), Some("relay"));
    let (endpoint, secret) = settings.route().unwrap();
    assert_eq!(endpoint.base_url, "https://relay.test");
    assert_eq!(
        (endpoint.auth, endpoint.stream),
        (Auth::XGoogApiKey, true),
        "what every gateway of the native API takes"
    );
    assert_eq!(secret.unwrap().reveal(), "k");
    // It names no models: it may serve Google's, which nobody has verified.
    assert_eq!(model(&settings), "gemini-nano-banana-2.1");
    assert!(settings.catalog.models("relay").all(|row| !row.verified));
    // Its key alone chooses it, after those that tintype knows.
    let alone = home.load(&Flags::default(), &[("RELAY_API_KEY", "k")]);
    assert_eq!(chosen(&alone), Some("relay"));
    let both = home.load(
        &Flags::default(),
        &[("RELAY_API_KEY", "k"), ("TOKAIFY_API_KEY", "t")],
    );
    assert_eq!(chosen(&both), Some("tokaify"));
    assert!(both.notes[0].contains("also: relay"), "{}", both.notes[0]);
    // Without a key it says which variable would hold one.
    let error = home.load(&provider("relay"), &[]).route().unwrap_err();
    assert_eq!(error.kind, Kind::NoKey);
    assert!(error.hint.contains("RELAY_API_KEY"), "{}", error.hint);
    let error = home.refuse(&provider("rely"), &[]);
    assert_eq!(
        error.hint,
        "Choose one of google, anyfast, starrise, tokaify, relay, demo"
    );
}

#[test]
fn providers_come_in_the_order_of_the_file() {
    let home = Home::new(
        "[providers.zeta]\nbase_url = 'https://z.test'\n[[providers.alpha.models]]\nname = 'm'\n\
         [providers.alpha]\nbase_url = 'https://a.test'\n[providers.mid]\nbase_url = 'https://m.test'\n",
    );
    let keys = [
        ("ALPHA_API_KEY", "a"),
        ("MID_API_KEY", "m"),
        ("ZETA_API_KEY", "z"),
    ];
    let settings = home.load(&Flags::default(), &keys);
    assert_eq!(chosen(&settings), Some("zeta"));
    assert!(
        settings.notes[0].contains("also: alpha, mid"),
        "{:?}",
        settings.notes
    );
    let names: Vec<_> = settings
        .listed()
        .into_iter()
        .map(|listed| listed.endpoint.name)
        .collect();
    assert_eq!(
        names,
        [
            "google", "anyfast", "starrise", "tokaify", "zeta", "alpha", "mid", "demo"
        ]
    );
}

#[test]
fn a_builtin_provider_can_be_changed_and_its_key_goes_where_the_users_own_file_says() {
    let home = Home::new(
        "[providers.google]\nbase_url = 'https://mirror.test'\nauth = 'Bearer'\nstream = false\nhint = 'Slow'\n\
         request_limit_mb = 2\nprice_per_picture = 0.5\n",
    );
    let settings = home.load(&provider("google"), &[("GEMINI_API_KEY", "k")]);
    let (endpoint, secret) = settings.route().unwrap();
    assert_eq!(endpoint.base_url, "https://mirror.test");
    assert_eq!((endpoint.auth, endpoint.stream), (Auth::Bearer, false));
    assert_eq!(endpoint.hint, "Slow");
    assert_eq!(secret.unwrap().reveal(), "k");
    for name in ["gemini-3-pro-image", "nobody-knows"] {
        let row = settings.catalog.find("google", name);
        assert_eq!(row.estimate(None), Some(0.5), "{name}");
        assert_eq!(row.request_limit, Some(2_000_000), "{name}");
        assert!(!row.stream);
    }
    assert_eq!(model(&settings), "gemini-nano-banana-2.1");
    // A flag still comes first, and a provider that is not named is as it was.
    let flags = Flags {
        base_url: Some("https://flag.test".to_owned()),
        ..provider("google")
    };
    let settings = home.load(&flags, &[("GEMINI_API_KEY", "k"), ("ANYFAST_API_KEY", "a")]);
    assert_eq!(settings.route().unwrap().0.base_url, "https://flag.test");
    assert_eq!(
        settings.route_of("anyfast").unwrap().0.base_url,
        "https://www.anyfast.ai"
    );
}

#[test]
fn every_provider_has_a_route_whichever_is_chosen() {
    let home = relay("api_key_command = 'printf from-a-command'");
    let settings = home.load(
        &provider("google"),
        &[("GEMINI_API_KEY", "g"), ("TINTYPE_API_KEY", "any")],
    );
    let secret = |name: &str| settings.route_of(name).unwrap().1.unwrap().reveal().to_owned();
    assert_eq!(secret("google"), "any");
    assert_eq!(secret("relay"), "from-a-command");
    assert_eq!(settings.route_of("starrise").unwrap_err().kind, Kind::NoKey);
    assert_eq!(settings.route_of("nobody").unwrap_err().kind, Kind::Usage);
    assert!(settings.route_of("demo").unwrap().1.is_none());
    let other = settings.clone();
    let (endpoint, _) = std::thread::spawn(move || other.route_of("relay"))
        .join()
        .unwrap()
        .unwrap();
    assert_eq!(endpoint.base_url, "https://relay.test");
}

#[test]
fn a_command_is_run_for_the_provider_that_is_used_and_once() {
    let home = relay("api_key_command = ['sh', 'count']");
    let log = home.path().join("log");
    home.put(
        ".config/tintype/count",
        &format!("echo run >> {}; echo sk-1", log.display()),
    );
    let runs = || std::fs::read_to_string(&log).unwrap_or_default().lines().count();
    let settings = home.load(&Flags::default(), &[]);
    // It counts as a key without being asked for it.
    assert_eq!(chosen(&settings), Some("relay"));
    assert_eq!(
        settings.provider.as_ref().unwrap().source.to_string(),
        "the key of the command sh"
    );
    assert_eq!(settings.listed().len(), 6);
    assert_eq!(runs(), 0);
    for _ in 0..2 {
        assert_eq!(settings.clone().route().unwrap().1.unwrap().reveal(), "sk-1");
    }
    assert_eq!(runs(), 1);
    assert!(!format!("{settings:?}").contains("sk-1"));
}

#[test]
fn a_command_that_fails_is_no_key_and_nothing_of_its_output_is_told() {
    let home = relay("api_key_command = ['sh', '-c', 'echo sk-hush; echo locked >&2; exit 2']");
    let settings = home.load(&Flags::default(), &[]);
    let error = settings.route().unwrap_err();
    assert_eq!((error.kind, error.exit_code()), (Kind::NoKey, 4));
    assert_eq!(
        error.message,
        "The command for the key of relay, sh, ended with status 2: \u{201c}locked\u{201d}"
    );
    assert!(error.hint.contains("api_key_command of [providers.relay]"));
    assert!(!told(&error).contains("hush"));
}

#[test]
fn a_key_file_is_read_where_its_mode_keeps_others_out() {
    let home = relay("api_key_file = 'relay.key'");
    let path = home.put(".config/tintype/relay.key", "sk-file\n");
    let mode = |mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    mode(0o644);
    let settings = home.load(&Flags::default(), &[]);
    assert_eq!(
        chosen(&settings),
        Some("relay"),
        "nothing is read to find that out"
    );
    let error = settings.route().unwrap_err();
    assert_eq!(error.kind, Kind::NoKey);
    assert!(error.message.contains("mode is 0644"), "{error}");
    assert_eq!(error.hint, format!("Run chmod 600 {}", path.display()));
    mode(0o600);
    assert_eq!(key(&settings), pair(&path.display().to_string(), "sk-file"));
    let home = relay("api_key_file = '~/keys/k'");
    let path = home.put("keys/k", "sk-home");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(key(&home.load(&Flags::default(), &[])).1, "sk-home");
}

#[test]
fn what_the_file_says_of_a_key_comes_before_the_usual_variables() {
    let home = Home::new("[providers.google]\napi_key_env = ['MINE', 'OURS']");
    let variables = [("GEMINI_API_KEY", "usual"), ("OURS", "ours")];
    let settings = home.load(&provider("google"), &variables);
    assert_eq!(key(&settings), pair("OURS", "ours"));
    let error = home
        .load(&provider("google"), &variables[..1])
        .route()
        .unwrap_err();
    assert!(error.hint.contains("MINE or OURS"), "{}", error.hint);
    let home = Home::new("[providers.google]\napi_key_command = 'echo mine'");
    assert_eq!(
        key(&home.load(&provider("google"), &variables)),
        pair("the command echo", "mine")
    );
    // The environment comes before the file, and so does the key without an owner.
    let any = [("TINTYPE_API_KEY", "any")];
    assert_eq!(
        key(&home.load(&provider("google"), &any)),
        pair("TINTYPE_API_KEY", "any")
    );
}

#[test]
fn plain_http_is_for_a_provider_that_is_allowed_it() {
    let section = "[providers.lan]\nbase_url = 'http://10.0.0.7:8317'\n";
    let error = Home::new(section).refuse(&Flags::default(), &[]);
    assert!(told(&error).contains("allow_http = true"), "{}", told(&error));
    let home = Home::new(&format!("{section}allow_http = true"));
    let settings = home.load(&provider("lan"), &[("LAN_API_KEY", "k")]);
    assert_eq!(settings.route().unwrap().0.base_url, "http://10.0.0.7:8317");
    let flags = |name: &str| Flags {
        base_url: Some("http://10.0.0.8".to_owned()),
        ..provider(name)
    };
    assert!(Settings::load(&flags("lan"), &home.env(&[])).is_ok());
    assert!(Settings::load(&flags("google"), &home.env(&[])).is_err());
    // Whoever gave the address, the refusal names both ways, and the flag is one of them.
    let file = home.config().display().to_string();
    let variable = [("TINTYPE_BASE_URL", "http://192.168.1.5:8317")];
    for (error, name) in [
        (Home::new(section).refuse(&Flags::default(), &[]), "lan"),
        (
            Settings::load(&flags("google"), &home.env(&[])).unwrap_err(),
            "google",
        ),
        (
            Settings::load(&Flags::default(), &home.env(&variable)).unwrap_err(),
            "NAME",
        ),
        (
            Home::new("base_url = 'http://192.168.1.5'\n").refuse(&Flags::default(), &[]),
            "NAME",
        ),
    ] {
        let way = format!("allow_http = true in [providers.{name}] of ");
        assert!(
            error.hint.contains("--allow-http") && error.hint.contains(&way),
            "{}",
            told(&error)
        );
    }
    assert!(
        Settings::load(&flags("google"), &home.env(&[]))
            .unwrap_err()
            .hint
            .contains(&file)
    );
    let allowed = |flags: Flags| Flags {
        allow_http: true,
        ..flags
    };
    assert!(Settings::load(&allowed(flags("google")), &home.env(&[])).is_ok());
    assert!(Settings::load(&allowed(Flags::default()), &home.env(&variable)).is_ok());
    let settings = Home::new(section).load(&allowed(provider("lan")), &[("LAN_API_KEY", "k")]);
    assert_eq!(settings.route().unwrap().0.base_url, "http://10.0.0.7:8317");
    // On this machine neither permission nor key is needed.
    let local = Home::new("[providers.local]\nbase_url = 'localhost:8317'");
    let settings = local.load(&provider("local"), &[]);
    assert_eq!(settings.route().unwrap().0.base_url, "http://localhost:8317");
}

#[test]
fn models_of_ones_own_are_rows_like_any_other() {
    let home = relay(
        "price_per_picture = 0.04\n[[providers.relay.models]]\nname = 'models/pro'\nlike = 'gemini-3-pro-image'\n\
         sizes = ['1k', '2K']\nreferences = { max = 2, types = ['png', 'image/jpeg'] }\nretires = '2027-01-31'\n\
         note = 'Daytime'\n[[providers.relay.models]]\nname = 'flash'\nratios = ['1:1']\nsizes = []\nstream = false\n\
         thinking = 'asked'\nlevels = ['low', 'high']\nprice_per_picture = { '1k' = 0.01 }\n\
         [[providers.relay.models]]\nname = 'unknown'",
    );
    let settings = home.load(&provider("relay"), &[]);
    assert_eq!(model(&settings), "pro");
    let row = |name| settings.catalog.find("relay", name);
    let pro = row("pro");
    assert!(pro.verified && pro.stream && pro.ratios.len() == 10);
    assert_eq!(pro.sizes.len(), 2);
    assert_eq!((pro.references.max, pro.references.mimes.len()), (Some(2), 2));
    assert_eq!(
        (pro.retires.as_deref(), pro.note.as_str()),
        (Some("2027-01-31"), "Daytime")
    );
    assert_eq!(pro.estimate("2K".parse().ok().as_ref()), Some(0.04));
    let flash = row("flash");
    assert!(flash.verified && !flash.stream && flash.sizes.is_empty());
    assert_eq!((flash.thinking, flash.levels.len()), (Thinking::Asked, 2));
    assert_eq!(flash.estimate(None), Some(0.01));
    let unknown = row("unknown");
    assert!(!unknown.verified && unknown.estimate(None) == Some(0.04));
    assert_eq!(settings.catalog.models("relay").count(), 3);
    let home = Home::new("[[providers.google.models]]\nname = 'gemini-3-pro-image'\nsizes = ['1K']");
    let catalog = home.load(&Flags::default(), &[]).catalog;
    assert_eq!(catalog.find("google", "gemini-3-pro-image").sizes.len(), 1);
    assert!(catalog.models("google").count() > 5);
}

#[test]
fn mistakes_in_a_section_name_it_and_what_is_accepted() {
    for (text, words) in [
        ("[providers.x]\n", "[providers.x] names no base_url"),
        (
            "[providers.google]\nurl = 'https://x.test'",
            "line 2: unknown field `url`, expected one of `base_url`",
        ),
        (
            "[providers.google]\nauth = 'cookie'",
            "Choose one of query, x-goog-api-key, bearer, none",
        ),
        ("[providers.google]\napi_key = 'sk-hush'", "`api_key_env`"),
        (
            "[providers.google]\napi_key_env = 'sk-hush'",
            "no name of a variable",
        ),
        (
            "[providers.google]\napi_key_env = 7",
            "a string or a list of strings",
        ),
        (
            "[providers.google]\napi_key_command = 'pass x | head -1'",
            "only a shell understands",
        ),
        ("[providers.google]\napi_key_command = []", "names no program"),
        (
            "[providers.google]\napi_key_file = 'k'\napi_key_env = 'K'",
            "more than one way",
        ),
        (
            "[providers.google]\nauth = 'none'\napi_key_env = 'K'",
            "sends none",
        ),
        ("[providers.google]\nrequest_limit_mb = 0", "request_limit_mb = 0"),
        (
            "[providers.google]\nprice_per_picture = -1",
            "price_per_picture = -1",
        ),
        (
            "[providers.google]\nprice_per_picture = { big = 1 }",
            "not a size",
        ),
        (
            "[providers.google]\nprice_per_picture = 'x'",
            "a number, or a table of numbers by size",
        ),
        (
            "[providers.google]\nbase_url = 'ftp://x'",
            "[providers.google]: \u{201c}ftp://x\u{201d} is not a web address",
        ),
        ("[providers.demo]\nstream = false", "cannot change the demo"),
        (
            "[providers.'a b']\nbase_url = 'https://x.test'",
            "not a short word",
        ),
        (
            "[providers.r]\nbase_url = 'https://x.test'\n[providers.R]\nbase_url = 'https://y.test'",
            "is there twice",
        ),
        ("[[providers.google.models]]\nlike = 'x'", "missing field `name`"),
        (
            "[[providers.google.models]]\nname = 'x'\nlike = 'y'",
            "the table does not know",
        ),
        (
            "[[providers.google.models]]\nname = 'x'\nratios = ['wide']",
            "not a ratio",
        ),
        (
            "[[providers.google.models]]\nname = 'x'\nreferences = { types = ['tiff'] }",
            "Choose from png",
        ),
        (
            "[[providers.google.models]]\nname = 'x'\nthinking = 'deep'",
            "Choose none, unasked",
        ),
        (
            "[[providers.google.models]]\nname = 'x'\nretires = 'soon'",
            "2027-01-31",
        ),
        (
            "[[providers.google.models]]\nname = 'x'\nsize = '1K'",
            "unknown field `size`, expected one of `name`",
        ),
        (
            "[[providers.google.models]]\nname = 'x'\n[[providers.google.models]]\nname = 'x'",
            "twice",
        ),
    ] {
        let home = Home::new(text);
        let error = home.refuse(&Flags::default(), &[]);
        assert_eq!(error.kind, Kind::Usage, "{text}");
        let told = told(&error);
        assert!(told.contains(words), "{text}\n{told}");
        assert!(told.contains("config.toml") && !told.contains("hush"), "{told}");
        assert!(!error.hint.is_empty(), "{text}");
    }
}

#[test]
fn the_example_is_a_file_that_works_when_all_of_it_is_switched_on() {
    let home = Home::new("");
    let path = home.config();
    init(&path).unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    assert!(home.load(&Flags::default(), &[]).provider.is_none());
    let before = std::fs::read_to_string(&path).unwrap();
    let error = init(&path).unwrap_err();
    assert_eq!(error.kind, Kind::Usage);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), before);

    let home = Home::new(&super::example::switched_on());
    let settings = home.load(&provider("relay"), &[("RELAY_API_KEY", "k")]);
    assert_eq!(model(&settings), "nano-banana-pro");
    let limit = settings.wishes.daily_limit.as_ref().unwrap();
    assert_eq!(limit.value.to_string(), "5");
    assert_eq!(settings.wishes.count.source, Source::File(home.config()));
}

#[test]
fn mistakes_in_paths_addresses_and_spellings_are_told_without_what_may_be_secret() {
    for (text, words) in [
        (
            "[providers.google]\ninline_data = 'kebab'",
            "Choose camel (inlineData) or snake (inline_data)",
        ),
        (
            "[providers.google]\nmodels_path = '/v1?hush'",
            "has a models_path that holds a character",
        ),
        (
            "[providers.google]\nmodels_path = '/../x'",
            "leads out of the address",
        ),
        (
            "[providers.google]\nbase_url = 'ftp://x/?token=hush'",
            "\u{201c}ftp://x/\u{201d} is not a web address",
        ),
        (
            "[[providers.google.models]]\nname = 'x'\ncandidates = 11",
            "from 1 to 10",
        ),
    ] {
        let error = Home::new(text).refuse(&Flags::default(), &[]);
        let told = told(&error);
        assert_eq!(error.kind, Kind::Usage, "{text}");
        assert!(told.contains(words) && !told.contains("hush"), "{text}\n{told}");
    }
}

#[test]
fn vertex_is_reached_by_the_path_of_its_models_and_a_token_of_a_command() {
    let home = Home::new(
        "[providers.vertex]\nbase_url = 'https://aiplatform.googleapis.com/v1/publishers/google/models'\n\
         models_path = 'v1/publishers/google/models/'\nauth = 'bearer'\napi_key_command = ['echo', 'ya29.token']\n",
    );
    let settings = home.load(&provider("vertex"), &[]);
    let (endpoint, key) = settings.route().unwrap();
    let address =
        "https://aiplatform.googleapis.com/v1/publishers/google/models/gemini-3-pro-image:generateContent";
    assert_eq!(endpoint.display_url("gemini-3-pro-image", false), address);
    let key = key.unwrap();
    assert_eq!(
        endpoint
            .wire_url("gemini-3-pro-image", false, Some(&key))
            .reveal(),
        address
    );
    assert_eq!((endpoint.auth, key.reveal()), (Auth::Bearer, "ya29.token"));
    // Another address of the same provider has its models in the same place.
    let flags = Flags {
        base_url: Some("https://eu-aiplatform.googleapis.com/v1/publishers/google/models".to_owned()),
        ..provider("vertex")
    };
    let endpoint = Settings::load(&flags, &home.env(&[]))
        .unwrap()
        .endpoint()
        .unwrap();
    assert_eq!(
        endpoint.display_url("m", false),
        "https://eu-aiplatform.googleapis.com/v1/publishers/google/models/m:generateContent"
    );
}

#[test]
fn the_query_of_an_address_is_kept_and_not_shown() {
    let home = Home::new(
        "provider = 'relay'\n[providers.relay]\nbase_url = 'https://relay.test/v1?token=hush-hush'\n",
    );
    let settings = home.load(&Flags::default(), &[("RELAY_API_KEY", "k")]);
    let (endpoint, key) = settings.route().unwrap();
    let url = endpoint.wire_url("m", true, key.as_ref());
    assert_eq!(
        url.reveal(),
        "https://relay.test/v1beta/models/m:streamGenerateContent?alt=sse&token=hush-hush"
    );
    let shown = settings
        .shown()
        .into_iter()
        .find(|row| row.name == "base_url")
        .unwrap();
    assert_eq!(shown.value.as_deref(), Some("https://relay.test?***"));
    let printed = format!("{settings:?} {:?}", settings.listed());
    assert!(!printed.contains("hush-hush"), "{printed}");
    // Another address takes the place of all of it.
    let elsewhere = home.load(&base("https://mirror.test?key=k"), &[("RELAY_API_KEY", "k")]);
    let endpoint = elsewhere.endpoint().unwrap();
    assert_eq!(
        (endpoint.base_url.as_str(), endpoint.query),
        ("https://mirror.test", None)
    );
}

#[test]
fn a_provider_spells_the_data_of_images_as_its_section_says() {
    use crate::provider::capability::Spelling;
    let home = Home::new(
        "[providers.tokaify]\ninline_data = 'Camel'\n[providers.relay]\nbase_url = 'https://relay.test'\n\
         inline_data = 'snake'\n[[providers.relay.models]]\nname = 'nano'\nlike = 'gemini-2.5-flash-image'\ncandidates = 4\n\
         [providers.other]\nbase_url = 'https://other.test'\n[[providers.other.models]]\nname = 'nano'\n\
         like = 'gemini-2.5-flash-image'\nretires = '2020-01-31'\n",
    );
    let catalog = home.load(&Flags::default(), &[]).catalog;
    for (provider, model, spelling) in [
        ("tokaify", "gemini-2.5-flash-image", Spelling::Camel),
        ("tokaify", "unknown", Spelling::Camel),
        ("relay", "nano", Spelling::Snake),
        ("relay", "unknown", Spelling::Snake),
        ("other", "nano", Spelling::Camel),
        ("anyfast", "unknown", Spelling::Snake),
        ("google", "unknown", Spelling::Camel),
    ] {
        let row = catalog.find(provider, model);
        assert_eq!(row.inline_data, spelling, "{provider} {model}");
        assert_eq!(catalog.inline_data(provider), spelling, "{provider}");
    }
    assert_eq!(catalog.find("relay", "nano").candidates, Some(4));
    // A day of one's own is not in dispute.
    assert!(catalog.find("other", "nano").retired("2020-01-31"));
}

#[test]
fn a_key_is_taken_out_of_its_wrapping_wherever_it_comes_from_and_that_is_said() {
    let note = |settings: &Settings, name: &str| settings.key_note(name).unwrap_or_default();
    let home = relay("");
    let wrapped = [("RELAY_API_KEY", "\u{feff}\"Bearer sk-1\"")];
    let settings = home.load(&provider("relay"), &wrapped);
    assert_eq!(key(&settings), pair("RELAY_API_KEY", "sk-1"));
    let said = note(&settings, "relay");
    assert!(
        said.contains("from RELAY_API_KEY") && said.contains("quotes"),
        "{said}"
    );
    assert!(!said.contains("sk-1"), "{said}");
    assert_eq!(settings.key_note("google"), None);
    let plain = home.load(&provider("relay"), &[("RELAY_API_KEY", "sk-1")]);
    assert_eq!(plain.key_note("relay"), None);

    let settings = home.load(&provider("relay"), &[("TINTYPE_API_KEY", "'sk-2'")]);
    assert_eq!(key(&settings), pair("TINTYPE_API_KEY", "sk-2"));
    assert!(note(&settings, "relay").contains("from TINTYPE_API_KEY"));

    let path = home.path().join("key");
    std::fs::write(&path, "\u{feff}Bearer \u{200b}sk-3\n").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    let from = |more: &str| Home::new(&format!("{RELAY}{more}")).load(&provider("relay"), &[]);
    let settings = from(&format!("api_key_file = '{}'", path.display()));
    assert_eq!(settings.key_note("relay"), None, "nothing is read to tell");
    assert_eq!(key(&settings), pair(&path.display().to_string(), "sk-3"));
    assert!(note(&settings, "relay").contains("the word Bearer"));

    let settings = from("api_key_command = ['echo', 'export RELAY_API_KEY=\"sk-4\"']");
    assert_eq!(key(&settings), pair("the command echo", "sk-4"));
    assert!(note(&settings, "relay").contains("from the command echo"));

    // Wrapping without a key is no key.
    let settings = home.load(&provider("relay"), &[("RELAY_API_KEY", "\"\"")]);
    assert_eq!(settings.route().unwrap_err().kind, Kind::NoKey);
    let error = from("api_key_command = ['echo', '\"\"']").route().unwrap_err();
    assert_eq!(error.kind, Kind::NoKey);
    assert!(told(&error).contains("the command echo"), "{}", told(&error));
    // The same key in two variables is no question of which.
    let both = [("GEMINI_API_KEY", "k"), ("GOOGLE_API_KEY", "'k'")];
    assert!(Home::new("").load(&provider("google"), &both).notes.is_empty());
}
