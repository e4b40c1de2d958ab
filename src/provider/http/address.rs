//! Addresses and names by where they lead: out into the internet, or to this machine and the networks that it stands in.
//! Functions of their arguments; nothing is looked up.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Ranges of IPv4 that no public host has, each with the length of its prefix, by the IANA's registry of special-purpose
/// addresses.
const NOT_PUBLIC: [(Ipv4Addr, u32); 15] = [
    (Ipv4Addr::UNSPECIFIED, 8),           // this network
    (Ipv4Addr::new(10, 0, 0, 0), 8),      // private
    (Ipv4Addr::new(100, 64, 0, 0), 10),   // a carrier's own, behind its NAT
    (Ipv4Addr::new(127, 0, 0, 0), 8),     // loopback
    (Ipv4Addr::new(169, 254, 0, 0), 16),  // link-local; clouds serve credentials there
    (Ipv4Addr::new(172, 16, 0, 0), 12),   // private
    (Ipv4Addr::new(192, 0, 0, 0), 24),    // protocols of the IETF
    (Ipv4Addr::new(192, 0, 2, 0), 24),    // documentation
    (Ipv4Addr::new(192, 88, 99, 0), 24),  // relays of 6to4
    (Ipv4Addr::new(192, 168, 0, 0), 16),  // private
    (STAND_INS.0, STAND_INS.1),           // benchmarks
    (Ipv4Addr::new(198, 51, 100, 0), 24), // documentation
    (Ipv4Addr::new(203, 0, 113, 0), 24),  // documentation
    (Ipv4Addr::new(224, 0, 0, 0), 4),     // multicast
    (Ipv4Addr::new(240, 0, 0, 0), 4),     // reserved, broadcast among it
];

const STAND_INS: (Ipv4Addr, u32) = (Ipv4Addr::new(198, 18, 0, 0), 15);

/// Whether a host of this address is one of the internet's.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// Whether the address is one that a proxy on this machine hands out in place of a name's own (Clash's and sing-box's
/// "fake IP"): what is sent there goes out through the proxy, which resolves the name itself.
pub(super) fn is_stand_in(address: IpAddr) -> bool {
    matches!(address.to_canonical(), IpAddr::V4(address) if lies_in(address, STAND_INS))
}

fn lies_in(address: Ipv4Addr, (network, length): (Ipv4Addr, u32)) -> bool {
    (address.to_bits() ^ network.to_bits()).leading_zeros() >= length
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    !NOT_PUBLIC.iter().any(|range| lies_in(address, *range))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let words = address.segments();
    let is_public_inside = |high: u16, low: u16| {
        let inside = Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
        is_public_v4(inside)
    };
    match words {
        // What only wraps an IPv4 address: mapped, by NAT64's well-known prefix, by 6to4.
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => is_public_inside(high, low),
        // Protocols of the IETF, Teredo among them; documentation.
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        // ISATAP, whatever its prefix.
        [_, _, _, _, 0 | 0x0200, 0x5efe, high, low] if !is_public_inside(high, low) => false,
        // All that is assigned to hosts of the internet.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

/// Top-level names of private networks: those that standards or the ICANN keep for them, and those that are in such wide
/// use that nobody is given them.
const PRIVATE: [&str; 9] = [
    "localhost",
    "local",
    "localdomain",
    "internal",
    "intranet",
    "lan",
    "corp",
    "home",
    "home.arpa",
];

/// Whether a name is known to belong to this machine or a private network, without looking it up. A name without a dot
/// is looked up in the domain that this machine is in.
pub(super) fn is_private_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let ends_in = |top: &&str| {
        name.strip_suffix(*top)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    !name.contains('.') || PRIVATE.iter().any(ends_in)
}

/// Whether two hosts, each a name or an address, IPv6 with its brackets, are the same. All of the loopback is.
pub(super) fn is_same_host(one: &str, other: &str) -> bool {
    let bare = |host: &str| host.trim_end_matches('.').to_ascii_lowercase();
    let is_same = |one: IpAddr, other: IpAddr| is_same_address(one, other);
    match (literal(one), literal(other)) {
        (Some(one), Some(other)) => is_same(one, other),
        (Some(address), None) => address.to_canonical().is_loopback() && is_localhost(other),
        (None, Some(address)) => address.to_canonical().is_loopback() && is_localhost(one),
        (None, None) => bare(one) == bare(other),
    }
}

/// As [`is_same_host`], for addresses.
pub(super) fn is_same_address(one: IpAddr, other: IpAddr) -> bool {
    let (one, other) = (one.to_canonical(), other.to_canonical());
    one == other || (one.is_loopback() && other.is_loopback())
}

/// The address that a host is, if it isn't a name.
pub(super) fn literal(host: &str) -> Option<IpAddr> {
    let host = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host);
    host.parse().ok()
}

/// Whether a name is this machine's own, by RFC 6761.
pub(super) fn is_localhost(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public(address: &str) -> bool {
        is_public(address.parse().unwrap())
    }

    #[test]
    fn nothing_of_this_machine_or_its_networks_is_public() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.251",
            "239.255.255.250",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::127.0.0.1",
            "64:ff9b::c0a8:101",
            "64:ff9b:1::8.8.8.8",
            "100::1",
            "2001::1",
            "2001:0:4136:e378::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:c0a8:101::1",
            "2002:a9fe:a9fe::",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd12:3456:789a::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
            "ff0e::1",
            "4000::1",
            "2a00:1450:4001::5efe:10.0.0.1",
            "2a00:1450:4001:0:200:5efe:a00:1",
            "fe80::5efe:8.8.8.8",
        ] {
            assert!(!public(address), "{address}");
        }
    }

    #[test]
    fn hosts_of_the_internet_are_public() {
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.1",
            "100.63.255.255",
            "100.128.0.1",
            "126.0.0.1",
            "128.0.0.1",
            "169.253.0.1",
            "169.255.0.1",
            "172.15.255.255",
            "172.32.0.1",
            "192.0.1.1",
            "192.167.255.255",
            "192.169.0.1",
            "198.17.255.255",
            "198.20.0.1",
            "223.255.255.255",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "2002:808:808::1",
            "2001:200::1",
            "2001:4860:4860::8888",
            "2600::1",
            "2a00:1450:4001:81b::200e",
            "3ffe::1",
        ] {
            assert!(public(address), "{address}");
        }
    }

    #[test]
    fn a_proxy_s_stand_ins_are_known() {
        assert!(is_stand_in("198.18.0.7".parse().unwrap()));
        assert!(is_stand_in("::ffff:198.19.0.7".parse().unwrap()));
        assert!(!is_stand_in("198.20.0.1".parse().unwrap()));
    }

    #[test]
    fn private_names_are_known_without_looking_them_up() {
        for name in [
            "localhost",
            "LocalHost.",
            "a.localhost",
            "printer.local",
            "printer.local.",
            "nas",
            "router.lan",
            "x.home.arpa",
            "metadata.google.internal",
            "intranet",
            "db.corp",
            "box.home",
            "localhost.localdomain",
        ] {
            assert!(is_private_name(name), "{name}");
        }
        for name in [
            "example.com",
            "local.example.com",
            "mylocal.dev",
            "arpa.example",
            "cdn.example.com.",
            "thelan.org",
        ] {
            assert!(!is_private_name(name), "{name}");
        }
    }

    #[test]
    fn a_host_is_the_same_in_any_spelling() {
        for (one, other) in [
            ("a.example", "A.example."),
            ("127.0.0.1", "localhost"),
            ("[::1]", "127.0.0.1"),
            ("[::ffff:127.0.0.1]", "localhost"),
            ("[::ffff:192.168.1.5]", "192.168.1.5"),
        ] {
            assert!(
                is_same_host(one, other) && is_same_host(other, one),
                "{one} {other}"
            );
        }
        for (one, other) in [
            ("a.example", "b.example"),
            ("192.168.1.5", "192.168.1.6"),
            ("10.0.0.1", "localhost"),
        ] {
            assert!(!is_same_host(one, other), "{one} {other}");
        }
    }
}
