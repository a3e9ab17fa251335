use super::private::is_below;
use std::net::IpAddr;
use url::{Host, Url};

/// A host of this deployment. A link to such a host could redirect to itself.
///
/// Hosts are parsed according to the URL Standard, and compared without a dot at the end. A host name matches on every
/// port. An IP address or `localhost` matches only on the deployment's port, because other ports of the machine belong
/// to other servers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnHost(Kind);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Place {
        place: Place,
        port: Option<u16>,
    },
    /// The beginning of an API's default endpoint, which may be in any region and partition.
    Endpoint(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Name(String),
    Address(IpAddr),
    /// Any loopback name or address.
    ThisMachine,
}

impl OwnHost {
    /// Returns the host of a URL; `None` if the URL has no host.
    pub fn from_url(url: &Url) -> Option<Self> {
        Some(Self(Kind::Place { place: Place::from_url(url)?, port: url.port() }))
    }

    /// Parses a host with an optional port, as in the header `Host`; `None` if it is invalid.
    pub fn from_authority(authority: &str) -> Option<Self> {
        Self::from_url(&Url::parse(&format!("https://{authority}")).ok()?)
    }

    /// Returns the default endpoint of the API with this id, `{id}.execute-api.{region}.amazonaws.com`.
    pub fn from_api_id(id: &str) -> Self {
        Self(Kind::Endpoint(format!("{}.execute-api.", id.to_ascii_lowercase())))
    }

    /// Returns whether the URL leads to this host.
    pub fn is_host_of(&self, url: &Url) -> bool {
        match &self.0 {
            Kind::Place { place: own @ Place::Name(_), .. } => Place::from_url(url).as_ref() == Some(own),
            Kind::Place { place, port } => {
                // If our host is given without a port, the default ports of both http and https belong to it.
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
