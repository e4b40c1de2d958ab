//! What the environment says of the way out: proxies, and certificates to trust.

use super::Environment;
use crate::provider::network::{Network, Proxies, ProxyAddress, Trust};

pub(super) fn network(env: &Environment) -> Network {
    let proxy = |names: [&'static str; 2]| {
        names.into_iter().find_map(|variable| {
            let url = env.text(variable)?;
            Some(ProxyAddress { variable, url })
        })
    };
    let folders = env.path("SSL_CERT_DIR");
    Network {
        proxies: Proxies {
            https: proxy(["HTTPS_PROXY", "https_proxy"]),
            http: proxy(["HTTP_PROXY", "http_proxy"]),
            all: proxy(["ALL_PROXY", "all_proxy"]),
            except: env.text("NO_PROXY").or_else(|| env.text("no_proxy")),
        },
        trust: Trust {
            file: env.path("SSL_CERT_FILE"),
            folders: folders
                .map(|folders| std::env::split_paths(&folders).collect())
                .unwrap_or_default(),
        },
    }
}
