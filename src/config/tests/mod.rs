mod project;
mod providers;
mod wishes;

use std::path::Path;

use super::*;
use crate::error::Kind;

const TODAY: &str = "2026-11-20";

/// A home of its own, perhaps with a settings file.
struct Home(tempfile::TempDir);

impl Home {
    fn new(config: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        if !config.is_empty() {
            let folder = home.path().join(".config/tintype");
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join("config.toml"), config).unwrap();
        }
        Self(home)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn config(&self) -> PathBuf {
        self.path().join(".config/tintype/config.toml")
    }

    /// A file below the home.
    fn put(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    fn env(&self, variables: &[(&str, &str)]) -> Environment {
        let home = [("HOME", self.path().to_str().unwrap())];
        Environment::new(variables.iter().copied().chain(home), TODAY)
    }

    fn load(&self, flags: &Flags, variables: &[(&str, &str)]) -> Settings {
        Settings::load(flags, &self.env(variables)).unwrap()
    }

    fn refuse(&self, flags: &Flags, variables: &[(&str, &str)]) -> Error {
        Settings::load(flags, &self.env(variables)).unwrap_err()
    }
}

fn provider(name: &str) -> Flags {
    Flags {
        provider: Some(name.to_owned()),
        ..Flags::default()
    }
}

fn base(url: &str) -> Flags {
    Flags {
        base_url: Some(url.to_owned()),
        ..Flags::default()
    }
}

fn chosen(settings: &Settings) -> Option<&str> {
    settings.provider.as_ref().map(|provider| provider.value.as_str())
}

fn model(settings: &Settings) -> &str {
    settings.model.as_ref().map_or("", |model| model.value.as_str())
}

/// Where the chosen provider's key comes from, and the key.
fn key(settings: &Settings) -> (String, String) {
    let KeyState::Set(place) = settings.key_state(chosen(settings).unwrap()).unwrap() else {
        panic!("no key");
    };
    let key = settings.route().unwrap().1.unwrap();
    (place.to_string(), key.reveal().to_owned())
}

fn pair(variable: &str, secret: &str) -> (String, String) {
    (variable.to_owned(), secret.to_owned())
}

#[test]
fn without_anything_there_is_no_provider_and_the_call_says_which_variables_would_help() {
    let home = Home::new("");
    let settings = home.load(&Flags::default(), &[]);
    assert_eq!((chosen(&settings), model(&settings)), (None, ""));
    assert_eq!(settings.preview, Sourced::new(Preview::Auto, Source::Default));
    assert_eq!(settings.config_file.as_deref(), Some(&*home.config()));
    assert!(settings.notes.is_empty() && !settings.wants_demo());
    for error in [settings.route().unwrap_err(), settings.endpoint().unwrap_err()] {
        assert_eq!((error.kind, error.exit_code()), (Kind::NoKey, 4));
        for variable in [
            "GEMINI_API_KEY",
            "ANYFAST_API_KEY",
            "STARRISE_API_KEY",
            "TOKAIFY_API_KEY",
            "demo",
        ] {
            assert!(error.hint.contains(variable), "{}", error.hint);
        }
    }
    let named = home.load(&provider("starrise"), &[]).route().unwrap_err();
    assert_eq!(named.kind, Kind::NoKey);
    assert!(named.hint.contains("STARRISE_API_KEY") && !named.hint.contains("ANYFAST"));
}

#[test]
fn the_only_provider_with_a_key_is_chosen_and_of_several_the_first_with_a_note() {
    let home = Home::new("");
    let settings = home.load(
        &Flags::default(),
        &[("STARRISE_API_KEY", "k1"), ("ANYFAST_API_KEY", "  ")],
    );
    assert_eq!(chosen(&settings), Some("starrise"));
    assert_eq!(
        settings.provider.as_ref().unwrap().source.to_string(),
        "the key in STARRISE_API_KEY"
    );
    assert_eq!(model(&settings), "gemini-2.5-flash-image");
    assert!(settings.notes.is_empty());
    let (endpoint, secret) = settings.route().unwrap();
    assert_eq!(endpoint.base_url, "https://ai.alad.com");
    assert_eq!(secret.unwrap().reveal(), "k1");

    let many = [
        ("TOKAIFY_API_KEY", "k3"),
        ("STARRISE_API_KEY", "k1"),
        ("ANYFAST_API_KEY", "k2"),
    ];
    let settings = home.load(&Flags::default(), &many);
    assert_eq!(chosen(&settings), Some("anyfast"));
    assert_eq!(settings.notes.len(), 1);
    assert!(
        settings.notes[0].contains("starrise, tokaify"),
        "{}",
        settings.notes[0]
    );
}

#[test]
fn flags_beat_the_environment_which_beats_the_file() {
    let home = Home::new("provider = 'tokaify'\nmodel = 'from-file'\npreview = 'off'\n");
    let settings = home.load(&Flags::default(), &[]);
    assert_eq!(
        (chosen(&settings), model(&settings)),
        (Some("tokaify"), "from-file")
    );
    assert_eq!(settings.model.unwrap().source, Source::File(home.config()));
    assert_eq!(
        settings.preview,
        Sourced::new(Preview::Off, Source::File(home.config()))
    );

    let variables = [("TINTYPE_MODEL", "models/from-env"), ("TINTYPE_PREVIEW", "Kitty")];
    let settings = home.load(&Flags::default(), &variables);
    assert_eq!(model(&settings), "from-env");
    assert_eq!(settings.preview.source.to_string(), "TINTYPE_PREVIEW");
    assert_eq!(settings.preview.value, Preview::Kitty);

    let flags = Flags {
        model: Some("from-flag".to_owned()),
        preview: Some("halfblocks".to_owned()),
        ..Flags::default()
    };
    let settings = home.load(&flags, &variables);
    assert_eq!(model(&settings), "from-flag");
    assert_eq!(settings.model.unwrap().source.to_string(), "--model");
    assert_eq!(
        settings.preview,
        Sourced::new(Preview::HalfBlocks, Source::Flag("--preview"))
    );
    let settings = home.load(&provider("ANYFAST"), &[("TINTYPE_PROVIDER", "google")]);
    assert_eq!(chosen(&settings), Some("anyfast"));
}

#[test]
fn an_address_or_a_model_of_the_file_stays_with_the_provider_of_the_file() {
    let home = Home::new("provider = 'anyfast'\nbase_url = 'https://relay.test'\nmodel = 'theirs'\n");
    let same = home.load(&provider("anyfast"), &[]);
    assert_eq!(model(&same), "theirs");
    assert_eq!(same.endpoint().unwrap().base_url, "https://relay.test");
    for other in [
        home.load(&provider("google"), &[("GEMINI_API_KEY", "k")]),
        home.load(
            &Flags::default(),
            &[("GEMINI_API_KEY", "k"), ("TINTYPE_PROVIDER", "google")],
        ),
    ] {
        assert_eq!(model(&other), "gemini-nano-banana-2.1");
        assert_eq!(
            other.endpoint().unwrap().base_url,
            "https://generativelanguage.googleapis.com"
        );
        assert_eq!(other.notes.len(), 2, "{:?}", other.notes);
    }
}

#[test]
fn another_address_holds_for_the_chosen_provider() {
    let home = Home::new("");
    let variables = [
        ("TINTYPE_BASE_URL", "https://mirror.test/v1beta/"),
        ("ANYFAST_API_KEY", "k"),
    ];
    let settings = home.load(&provider("anyfast"), &variables);
    let (endpoint, _) = settings.route().unwrap();
    assert_eq!(
        (endpoint.name.as_str(), endpoint.base_url.as_str()),
        ("anyfast", "https://mirror.test")
    );
    assert_eq!(settings.base_url.unwrap().source.to_string(), "TINTYPE_BASE_URL");

    // An address that is known says whose it is; one on the loopback needs neither name nor key.
    let settings = home.load(&base("https://ai.alad.com/v1"), &[("ANYFAST_API_KEY", "k")]);
    assert_eq!(chosen(&settings), Some("starrise"));
    assert_eq!(settings.route().unwrap_err().kind, Kind::NoKey);
    let settings = home.load(&base("127.0.0.1:4321"), &[]);
    assert_eq!(chosen(&settings), Some("demo"));
    let (endpoint, secret) = settings.route().unwrap();
    assert_eq!(endpoint.base_url, "http://127.0.0.1:4321");
    assert!(secret.is_none() && !settings.wants_demo());
    let flags = Flags {
        base_url: base("http://localhost:1").base_url,
        ..provider("google")
    };
    assert!(home.load(&flags, &[]).route().is_ok());
    assert!(home.load(&base("https://unknown.test"), &[]).route().is_err());

    let error = home.refuse(&base("http://relay.test"), &[]);
    assert_eq!(error.kind, Kind::Usage);
    assert!(
        error
            .message
            .starts_with("--base-url: relay.test is addressed by plain http"),
        "{error}"
    );
}

#[test]
fn the_demo_needs_no_key_and_is_started_unless_an_address_is_given() {
    let settings = Home::new("").load(&provider("demo"), &[("TINTYPE_API_KEY", "k")]);
    assert!(settings.wants_demo());
    assert_eq!(settings.route().unwrap().1, None);
    assert_eq!(model(&settings), "gemini-3.1-flash-image");
}

#[test]
fn google_reads_its_two_variables_in_its_own_order_and_says_so() {
    let home = Home::new("");
    let both = [("GEMINI_API_KEY", "k1"), ("GOOGLE_API_KEY", "k2")];
    let settings = home.load(&Flags::default(), &both);
    assert_eq!(chosen(&settings), Some("google"));
    assert_eq!(key(&settings), pair("GOOGLE_API_KEY", "k2"));
    assert_eq!(settings.notes.len(), 1);
    assert!(settings.notes[0].contains("GOOGLE_API_KEY and GEMINI_API_KEY are both set"));
    let same = [("GEMINI_API_KEY", "k"), ("GOOGLE_API_KEY", "k")];
    assert!(home.load(&Flags::default(), &same).notes.is_empty());
    let one = home.load(&Flags::default(), &[("GEMINI_API_KEY", " k1\n")]);
    assert_eq!(key(&one), pair("GEMINI_API_KEY", "k1"));
}

#[test]
fn the_key_without_an_owner_goes_only_where_somebody_sent_it() {
    let home = Home::new("");
    let any = ("TINTYPE_API_KEY", "any");
    let settings = home.load(&provider("anyfast"), &[any, ("ANYFAST_API_KEY", "own")]);
    assert_eq!(key(&settings), pair("TINTYPE_API_KEY", "any"));
    // The provider follows from another key: that key it gets.
    let settings = home.load(&Flags::default(), &[any, ("ANYFAST_API_KEY", "own")]);
    assert_eq!(key(&settings), pair("ANYFAST_API_KEY", "own"));
    let settings = home.load(&Flags::default(), &[any]);
    let error = settings.route().unwrap_err();
    assert!(
        error
            .message
            .contains("TINTYPE_API_KEY is set, but no provider is named")
    );

    let picked = settings.with_provider("tokaify").unwrap();
    assert_eq!(key(&picked), pair("TINTYPE_API_KEY", "any"));
    // It serves one provider now, and does not wander on to the next.
    let next = picked.with_provider("starrise").unwrap();
    assert_eq!(next.route().unwrap_err().kind, Kind::NoKey);
    assert_eq!(picked.route_of("starrise").unwrap_err().kind, Kind::NoKey);
}

#[test]
fn another_provider_can_be_picked_with_its_own_model_and_key() {
    let home = Home::new("");
    let variables = [("GEMINI_API_KEY", "g"), ("STARRISE_API_KEY", "s")];
    let flags = Flags {
        model: Some("special".to_owned()),
        base_url: Some("https://mirror.test".to_owned()),
        ..provider("google")
    };
    let picked = home.load(&flags, &variables).with_provider("starrise").unwrap();
    assert_eq!(model(&picked), "gemini-2.5-flash-image");
    assert_eq!(picked.route().unwrap().0.base_url, "https://ai.alad.com");
    assert_eq!(key(&picked), pair("STARRISE_API_KEY", "s"));
    assert!(picked.with_provider("demo").unwrap().wants_demo());
    let same = home.load(&flags, &variables).with_provider("google").unwrap();
    assert_eq!(model(&same), "special");
}

#[test]
fn an_unknown_provider_is_refused_with_the_known_ones() {
    let error = Home::new("").refuse(&provider("gogle"), &[]);
    assert_eq!((error.kind, error.exit_code()), (Kind::Usage, 2));
    assert_eq!(error.message, "There is no provider named \u{201c}gogle\u{201d}");
    assert_eq!(
        error.hint,
        "Choose one of google, anyfast, starrise, tokaify, demo"
    );
    let error = Home::new("").refuse(&Flags::default(), &[("TINTYPE_PREVIEW", "ascii")]);
    assert!(
        error
            .message
            .starts_with("TINTYPE_PREVIEW: \u{201c}ascii\u{201d}"),
        "{error}"
    );
    assert!(error.hint.contains("halfblocks"));
}

#[test]
fn a_broken_file_is_one_sentence_with_its_line() {
    for (text, line, words) in [
        ("model = 'a'\nprovider = \n", 2, ""),
        ("\n\nmodle = 'a'\n", 3, "modle"),
        ("model = 7\n", 1, "string"),
        ("model = 'a'\n\nmodel = 'b'\n", 3, "duplicate"),
    ] {
        let home = Home::new(text);
        let error = home.refuse(&Flags::default(), &[]);
        assert_eq!(error.kind, Kind::Usage);
        let start = format!("{}, line {line}: ", home.config().display());
        assert!(error.message.starts_with(&start), "{error}");
        assert!(
            error.message.contains(words) && !error.message.contains('\n'),
            "{error}"
        );
        assert!(!error.hint.is_empty());
        assert_eq!(std::fs::read_to_string(home.config()).unwrap(), text);
    }
}

#[test]
fn a_named_settings_file_must_be_there_and_the_usual_one_need_not() {
    let home = Home::new("model = 'usual'\nprovider = 'demo'");
    let other = home.path().join("other.toml");
    let flags = Flags {
        config: Some(other.clone()),
        ..Flags::default()
    };
    let error = home.refuse(&flags, &[]);
    assert_eq!(error.kind, Kind::Usage);
    assert!(error.message.contains("other.toml") && error.hint.contains("--config"));
    std::fs::write(&other, "\u{feff}provider = 'google'\nmodel = 'other'").unwrap();
    assert_eq!(model(&home.load(&flags, &[])), "other");
    let named = [("TINTYPE_CONFIG", other.to_str().unwrap())];
    assert_eq!(model(&home.load(&Flags::default(), &named)), "other");
    assert_eq!(model(&home.load(&Flags::default(), &[])), "usual");
}

#[test]
fn folders_follow_xdg_and_a_data_folder_of_ones_own_brings_its_journal() {
    let home = Home::new("");
    let folders = home
        .load(&Flags::default(), &[("XDG_STATE_HOME", "relative")])
        .folders;
    assert_eq!(folders.data.value, home.path().join(".local/share/tintype"));
    assert_eq!(folders.state.value, home.path().join(".local/state/tintype"));
    assert_eq!(folders.cache.value, home.path().join(".cache/tintype"));
    assert_eq!(folders.data.source, Source::Default);

    let xdg = [
        ("XDG_DATA_HOME", "/d"),
        ("XDG_STATE_HOME", "/s"),
        ("XDG_CACHE_HOME", "/c"),
    ];
    let folders = home.load(&Flags::default(), &xdg).folders;
    assert_eq!(folders.data.value, Path::new("/d/tintype"));
    assert_eq!(folders.state.value, Path::new("/s/tintype"));
    assert_eq!(folders.cache.value, Path::new("/c/tintype"));
    assert_eq!(folders.cache.source.to_string(), "XDG_CACHE_HOME");

    let flags = Flags {
        data_dir: Some("/own".into()),
        ..Flags::default()
    };
    let folders = home
        .load(
            &flags,
            &[("TINTYPE_DATA_DIR", "/other"), ("XDG_STATE_HOME", "/s")],
        )
        .folders;
    assert_eq!(
        folders.data,
        Sourced::new("/own".into(), Source::Flag("--data-dir"))
    );
    assert_eq!(folders.state.value, Path::new("/own/state"));
    let folders = home
        .load(&Flags::default(), &[("TINTYPE_DATA_DIR", "here")])
        .folders;
    assert!(folders.data.value.is_absolute() && folders.data.value.ends_with("here"));

    let home = Home::new("data_dir = '~/pictures'\nstate_dir = '/st'\ncache_dir = 'ca'");
    let folders = home.load(&Flags::default(), &[]).folders;
    assert_eq!(folders.data.value, home.path().join("pictures"));
    assert_eq!(folders.state.value, Path::new("/st"));
    assert_eq!(folders.cache.value, home.path().join(".config/tintype/ca"));
}

#[test]
fn no_home_is_one_error_that_a_data_folder_cures() {
    let load = |flags: &Flags, variables: &[(&str, &str)]| {
        Settings::load(flags, &Environment::new(variables.iter().copied(), TODAY))
    };
    for variables in [&[][..], &[("HOME", "")][..], &[("HOME", "not/absolute")][..]] {
        let error = load(&Flags::default(), variables).unwrap_err();
        assert_eq!(error.kind, Kind::Usage);
        assert!(error.hint.contains("--data-dir") && error.hint.contains("XDG_DATA_HOME"));
    }
    let flags = Flags {
        data_dir: Some("/own".into()),
        ..Flags::default()
    };
    let folders = load(&flags, &[]).unwrap().folders;
    assert_eq!(folders.state.value, Path::new("/own/state"));
    assert_eq!(folders.cache.value, Path::new("/own/cache"));
    assert!(load(&Flags::default(), &[("XDG_DATA_HOME", "/d")]).is_ok());
}

#[test]
fn the_environment_tells_about_terminal_and_editor() {
    let env = Environment::new(
        [
            ("NO_COLOR", "1"),
            ("TERM", "xterm-kitty"),
            ("TMUX", "/tmp/tmux-0/default,1,0"),
            ("SSH_CONNECTION", "1 2 3 4"),
            ("EDITOR", "vi"),
        ],
        TODAY,
    );
    let terminal = env.terminal();
    assert!(terminal.no_color && terminal.tmux && terminal.ssh);
    assert_eq!(
        (terminal.term.as_deref(), terminal.colorterm),
        (Some("xterm-kitty"), None)
    );
    assert_eq!(env.editor().as_deref(), Some("vi"));
    let env = Environment::new([("VISUAL", "hx"), ("EDITOR", "vi"), ("NO_COLOR", "")], TODAY);
    assert_eq!(env.editor().as_deref(), Some("hx"));
    assert!(!env.terminal().no_color);
}

#[test]
fn no_key_shows_in_anything_that_can_be_printed() {
    let home = Home::new("");
    let settings = home.load(
        &Flags::default(),
        &[("GEMINI_API_KEY", "sk-hush"), ("GOOGLE_API_KEY", "sk-psst")],
    );
    let shown = format!("{settings:?} {:?}", settings.route().unwrap());
    assert!(!shown.contains("hush") && !shown.contains("psst"), "{shown}");
}
