use std::net::IpAddr;
use std::str::FromStr;

/// A host with an optional port, as in the header `Host` (RFC 9110, section 7.2). Names are normalized
/// as the URL Standard says, and compared without a trailing dot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    name: url::Host,
    port: Option<u16>,
}

/// The allowed hosts: loopback names and addresses, and the hosts that were added.
#[derive(Debug, Clone, Default)]
pub struct AllowedHosts(Vec<url::Host>);

impl FromStr for Host {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let rule = || "expected a host name or an IP address, such as host.docker.internal".to_owned();
        // An IPv6 address in brackets contains colons.
        let end_of_name = text.rfind(']').unwrap_or(0);
        let (name, port) = match text.rfind(':').filter(|colon| *colon > end_of_name) {
            Some(colon) => (text.get(..colon), text.get(colon + 1..).filter(|port| !port.is_empty())),
            None => (Some(text), None),
        };
        let digits = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
        let port = match port {
            None => None,
            Some(port) => Some(port.parse().ok().filter(|_| digits(port)).ok_or_else(rule)?),
        };
        // The parser would decode percent-encoding, which no client sends here, and would accept a wildcard as a host
        // name.
        let name = name.filter(|name| !name.contains(['%', '*'])).ok_or_else(rule)?;
        let name = match url::Host::parse(name.strip_suffix('.').unwrap_or(name)).map_err(|_| rule())? {
            url::Host::Domain(name) if name.is_empty() => return Err(rule()),
            name => name,
        };
        Ok(Self { name, port })
    }
}

impl Host {
    /// Returns the host of an http or https origin (<https://html.spec.whatwg.org/#ascii-serialisation-of-an-origin>).
    pub fn of_origin(origin: &str) -> Option<Self> {
        let host = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"))?;
        host.parse().ok()
    }
}

impl AllowedHosts {
    /// Allows another host, on any port.
    pub fn add(&mut self, host: Host) {
        self.0.push(host.name);
    }

    /// Returns whether this host is allowed. The port is ignored, because a proxy may listen on a different one.
    pub fn allow(&self, host: &Host) -> bool {
        let is_loopback = match &host.name {
            // RFC 6761, section 6.3: resolvers never query the network for these names.
            url::Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
            url::Host::Ipv4(address) => address.is_loopback(),
            url::Host::Ipv6(address) => IpAddr::V6(*address).to_canonical().is_loopback(),
        };
        is_loopback || self.0.contains(&host.name)
    }
}

impl From<IpAddr> for Host {
    fn from(address: IpAddr) -> Self {
        let name = match address {
            IpAddr::V4(address) => url::Host::Ipv4(address),
            IpAddr::V6(address) => url::Host::Ipv6(address),
        };
        Self { name, port: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_allowed(text: &str) -> bool {
        let mut hosts = AllowedHosts::default();
        hosts.add("host.docker.internal".parse().unwrap());
        hosts.add("192.168.1.5".parse().unwrap());
        text.parse().is_ok_and(|host| hosts.allow(&host))
    }

    #[test]
    fn loopback_names_and_added_hosts_are_allowed_however_they_are_spelled() {
        for host in [
            "localhost",
            "localhost:3000",
            "LOCALHOST:3000",
            "localhost.",
            "localhost.:3000",
            "localhost:",
            "app.localhost:1",
            "127.0.0.1",
            "127.0.0.1:3000",
            "127.255.255.254",
            "[::1]",
            "[::1]:3000",
            "[0:0:0:0:0:0:0:1]",
            "[::ffff:127.0.0.1]:3000",
            "host.docker.internal",
            "Host.Docker.Internal:8000",
            "host.docker.internal.",
            "192.168.1.5:3000",
        ] {
            assert!(is_allowed(host), "{host}");
        }
    }

    #[test]
    fn a_pattern_is_not_a_host() {
        for pattern in ["*", "*.example.com", "*:3000", "app.*"] {
            assert!(pattern.parse::<Host>().is_err(), "{pattern}");
        }
    }

    #[test]
    fn every_other_host_is_refused() {
        for host in [
            "",
            ":3000",
            ".",
            "..",
            "localhost..",
            "evil.example",
            "evil.example:3000",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "evillocalhost",
            "localhost@evil.example",
            "evil.example@localhost",
            "localhost:3000@evil.example",
            "localhost/evil",
            "localhost:80:80",
            "localhost:+80",
            "localhost:99999",
            "localhost:x",
            "0.0.0.0",
            "[::]",
            "0",
            "128.0.0.1",
            "192.168.1.6",
            "[::2]",
            "[::1",
            "::1",
            "[::1]evil",
            "[::1].evil.example",
            "localhost%2eevil",
            "local host",
            "localhost,evil.example",
            "localhost\u{e9}",
            "docker.internal",
            "x.host.docker.internal",
        ] {
            assert!(!is_allowed(host), "{host}");
        }
    }
}
