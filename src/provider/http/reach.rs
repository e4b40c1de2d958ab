//! How far a link may reach. A server says where it leads, so it must not lead to this machine or into a network that
//! only this machine can reach, whatever its address is spelled as and whatever a name resolves to at that moment: the
//! addresses that are looked at are those that are connected to.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use futures_util::future::BoxFuture;
use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::address::{
    is_localhost, is_private_name, is_public, is_same_address, is_same_host, is_stand_in, literal,
};
use crate::provider::endpoint::Endpoint;

/// Asks for the addresses of a name.
type Lookup = dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync;

/// What a link is judged by.
#[derive(Clone)]
pub(super) struct Rules {
    pub(super) lookup: Arc<Lookup>,
    pub(super) is_public: fn(IpAddr) -> bool,
    /// Whether plain http will do anywhere.
    pub(super) plain: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            lookup: Arc::new(|name| Box::pin(system(name))),
            is_public,
            plain: false,
        }
    }
}

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rules")
    }
}

async fn system(name: String) -> io::Result<Vec<IpAddr>> {
    let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
    Ok(found.map(|address| address.ip()).collect())
}

/// Where the provider lives whose answer holds the link.
#[derive(Clone, Debug)]
struct Home {
    host: String,
    plain: bool,
}

/// What one address of a link may reach.
#[derive(Clone, Debug)]
pub(super) struct Reach {
    rules: Rules,
    /// The provider's own host, where the link names its port as well: another service there is none of the provider's.
    home: Option<Home>,
    /// Hosts of proxies. They may be private, and are looked up like any other.
    proxies: Vec<String>,
}

impl Reach {
    pub(super) fn new(rules: Rules, url: &Url, provider: Option<&Endpoint>, proxies: Vec<String>) -> Self {
        let home = provider.and_then(|provider| Url::parse(&provider.base_url).ok());
        let home = home.filter(|home| home.port_or_known_default() == url.port_or_known_default());
        let home = home.and_then(|home| {
            Some(Home {
                host: home.host_str()?.to_owned(),
                plain: home.scheme() == "http",
            })
        });
        Self { rules, home, proxies }
    }

    /// Whether the link may be followed, as far as its address tells; if not, why.
    pub(super) async fn admit(&self, url: &Url, shown: &str) -> Result<(), String> {
        let host = url.host_str().unwrap_or_default();
        let is_home = self.is_home(host);
        let is_admitted = is_home
            || match literal(host) {
                Some(address) => self.admits(address).await,
                None => !is_private_name(host) && !self.is_proxy(host),
            };
        if !is_admitted {
            return Err(format!(
                "The link leads to {shown}, which is this machine or in a private network"
            ));
        }
        let is_loopback = is_home && is_loopback(host);
        let may_be_plain =
            is_loopback || self.rules.plain || (is_home && self.home.as_ref().is_some_and(|home| home.plain));
        if url.scheme() == "http" && !may_be_plain {
            return Err(format!("The link to {shown} is plain http, not https"));
        }
        Ok(())
    }

    fn is_home(&self, host: &str) -> bool {
        self.home
            .as_ref()
            .is_some_and(|home| is_same_host(&home.host, host))
    }

    fn is_proxy(&self, host: &str) -> bool {
        self.proxies.iter().any(|proxy| is_same_host(proxy, host))
    }

    async fn admits(&self, address: IpAddr) -> bool {
        (self.rules.is_public)(address) || self.is_home_at(address).await
    }

    /// Whether the provider's host has this address. A name is looked up for it.
    async fn is_home_at(&self, address: IpAddr) -> bool {
        let Some(home) = &self.home else { return false };
        if let Some(home) = literal(&home.host) {
            return is_same_address(home, address);
        }
        if is_localhost(&home.host) {
            return address.to_canonical().is_loopback();
        }
        let found = (self.rules.lookup)(home.host.clone()).await;
        found.is_ok_and(|found| found.iter().any(|home| is_same_address(*home, address)))
    }

    /// The addresses of a name that may be connected to.
    async fn resolve(&self, name: &str) -> Result<Vec<IpAddr>, Box<dyn std::error::Error + Send + Sync>> {
        let found = (self.rules.lookup)(name.to_owned()).await?;
        if found.is_empty() {
            return Err(io::Error::new(io::ErrorKind::NotFound, "name or service not known").into());
        }
        if self.is_proxy(name) {
            return Ok(found);
        }
        let mut admitted = Vec::new();
        for address in found {
            if is_stand_in(address) || self.admits(address).await {
                admitted.push(address);
            }
        }
        if admitted.is_empty() {
            // Not an empty list: by way of a SOCKS proxy the name itself would be asked for then.
            return Err(Private.into());
        }
        Ok(admitted)
    }
}

/// Whether a host is this machine's loopback by its spelling.
pub(super) fn is_loopback(host: &str) -> bool {
    is_localhost(host) || literal(host).is_some_and(|address| address.to_canonical().is_loopback())
}

/// A name has none but private addresses.
#[derive(Debug)]
pub(super) struct Private;

impl fmt::Display for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it has only private addresses")
    }
}

impl std::error::Error for Private {}

/// Resolves names for a client that follows a link: it is given no address that the link may not reach.
pub(super) struct Guard(pub(super) Arc<Reach>);

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = Arc::clone(&self.0);
        Box::pin(async move {
            let found = reach.resolve(name.as_str()).await?;
            // Port 0 stands for the link's own.
            let addresses: Addrs = Box::new(found.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}
