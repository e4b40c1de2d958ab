//! The providers that tintype knows by itself, as data. What a user's settings add is put together elsewhere.

use super::base_address::MODELS_PATH;
use super::endpoint::{Auth, Endpoint};
use crate::error::{Error, Kind, Result};

/// A provider that tintype knows by itself.
#[derive(Clone, Copy, Debug)]
pub struct Builtin {
    pub name: &'static str,
    /// Empty for the demo, whose address is known when it runs.
    pub base_url: &'static str,
    pub auth: Auth,
    pub stream: bool,
    pub key_env: &'static [&'static str],
    pub hint: &'static str,
}

impl Builtin {
    pub fn endpoint(&self) -> Endpoint {
        Endpoint {
            name: self.name.to_owned(),
            base_url: self.base_url.to_owned(),
            query: None,
            models_path: MODELS_PATH.to_owned(),
            auth: self.auth,
            stream: self.stream,
            key_env: self.key_env.iter().map(|&name| name.to_owned()).collect(),
            hint: self.hint.to_owned(),
        }
    }
}

pub(super) const DEMO: Builtin = Builtin {
    name: "demo",
    base_url: "",
    auth: Auth::None,
    stream: true,
    key_env: &[],
    hint: "",
};

/// In the order in which a provider is chosen when several have a key and none is named.
const BUILTIN: &[Builtin] = &[
    Builtin {
        name: "google",
        base_url: "https://generativelanguage.googleapis.com",
        auth: Auth::XGoogApiKey,
        stream: true,
        // The order of Google's own clients.
        key_env: &["GOOGLE_API_KEY", "GEMINI_API_KEY"],
        hint: "",
    },
    Builtin {
        name: "anyfast",
        base_url: "https://www.anyfast.ai",
        auth: Auth::Query,
        stream: true,
        key_env: &["ANYFAST_API_KEY"],
        hint: "A token serves only the models of its group: streaming Gemini 3 images needs one of the Direct group",
    },
    Builtin {
        name: "starrise",
        base_url: "https://ai.alad.com",
        auth: Auth::Query,
        stream: true,
        key_env: &["STARRISE_API_KEY"],
        hint: "",
    },
    Builtin {
        name: "tokaify",
        base_url: "https://api.tokaify.com",
        auth: Auth::Bearer,
        stream: false,
        key_env: &["TOKAIFY_API_KEY"],
        hint: "It answers in one piece: no thoughts and nothing of the picture before the end",
    },
    DEMO,
];

/// Every provider known without settings.
pub fn builtin() -> &'static [Builtin] {
    BUILTIN
}

/// The provider of that name, if tintype knows it by itself.
pub fn find(name: &str) -> Option<&'static Builtin> {
    BUILTIN.iter().find(|provider| provider.name == name)
}

/// The provider that a user named, in whatever case; an unknown one is refused with those that there are.
pub fn lookup(name: &str) -> Result<&'static Builtin> {
    let same = |provider: &&Builtin| provider.name.eq_ignore_ascii_case(name);
    BUILTIN.iter().find(same).ok_or_else(|| {
        let known: Vec<_> = BUILTIN.iter().map(|provider| provider.name).collect();
        Error::new(
            Kind::Usage,
            format!("There is no provider named \u{201c}{name}\u{201d}"),
        )
        .hint(format!("Choose one of {}", known.join(", ")))
    })
}
