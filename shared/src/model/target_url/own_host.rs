use super::private::is_below;
use std::net::IpAddr;
use url::{Host, Url};

/// A host that leads to this deployment. A link to it could lead to itself.
///
/// Hosts are compared as the URL Standard parses them, without a dot at the end. A name is the deployment's own on every
/// port. An address and `localhost` are so only on the deployment's port, because other ports of one machine are other servers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnHost(Kind);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Place {
        place: Place,
        port: Option<u16>,
    },
    /// An API's default endpoint begins with this, whatever its region and partition.
    Endpoint(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Name(String),
    Address(IpAddr),
    /// By any of the names and addresses that a machine has for itself.
    ThisMachine,
}

impl OwnHost {
    /// The host of a URL; `None` if the URL has no host.
    pub fn from_url(url: &Url) -> Option<Self> {
        Some(Self(Kind::Place { place: Place::from_url(url)?, port: url.port() }))
    }

    /// A host with or without a port, as the header `Host` names it; `None` if it is invalid.
    pub fn from_authority(authority: &str) -> Option<Self> {
        Self::from_url(&Url::parse(&format!("https://{authority}")).ok()?)
    }

    /// The default endpoint of the API that has this id, `{id}.execute-api.{region}.amazonaws.com`.
    pub fn from_api_id(id: &str) -> Self {
        Self(Kind::Endpoint(format!("{}.execute-api.", id.to_ascii_lowercase())))
    }

    /// Whether the URL leads to this host.
    pub fn is_host_of(&self, url: &Url) -> bool {
        match &self.0 {
            Kind::Place { place: own @ Place::Name(_), .. } => Place::from_url(url).as_ref() == Some(own),
            Kind::Place { place, port } => {
                // Without a port it may be the one of either scheme.
                let theirs = url.port_or_known_default();
                let ports = port.map_or([Some(80), Some(443)], |port| [Some(port); 2]);
                Place::from_url(url).as_ref() == Some(place) && ports.contains(&theirs)
            }
            Kind::Endpoint(beginning) => url.host_str().is_some_and(|host| host.starts_with(beginning)),
        }
    }
}

impl Place {
    fn from_url(url: &Url) -> Option<Self> {
        let address = match url.host()? {
            Host::Domain(name) => {
                let name = name.trim_end_matches('.');
                let is_this_machine = is_below(name, "localhost");
                return Some(if is_this_machine { Self::ThisMachine } else { Self::Name(name.to_owned()) });
            }
            Host::Ipv4(address) => IpAddr::V4(address),
            Host::Ipv6(address) => IpAddr::V6(address).to_canonical(),
        };
        let is_this_machine = address.is_loopback() || address.is_unspecified();
        Some(if is_this_machine { Self::ThisMachine } else { Self::Address(address) })
    }
}
