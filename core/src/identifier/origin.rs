//! Origin of a service: scheme, host and port, as the transcript and the signatures carry it.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

/// `https://host[:port]`, ASCII, lower case, no trailing slash; plain `http` only to a loopback address.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(value_type = String))]
#[serde(try_from = "String", into = "String")]
pub struct ServiceOrigin(String);

/// Why a text is not the origin of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OriginError {
    /// Neither `https://…` nor `http://` to a loopback address.
    #[error("the origin must begin with https:// (http:// only to a loopback address)")]
    Scheme,
    /// Something other than host and port: a path, a slash at the end, user information, capital letters.
    #[error("the origin must be https://host or https://host:port, lower case, with nothing behind it")]
    Form,
    /// A port that is no number from 1 to 65535, or the scheme's own port written out.
    #[error("the port must be a number from 1 to 65535 and left out where it is the scheme's own")]
    Port,
}

impl ServiceOrigin {
    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Host and port as HTTP's `@authority` has them (RFC 9421, section 2.2.3).
    pub fn authority(&self) -> &str {
        self.0.split_once("://").map_or("", |(_, authority)| authority)
    }

    /// Whether the origin is plain `http`: a loopback address, for tests alone.
    pub fn is_plain(&self) -> bool {
        self.0.starts_with("http://")
    }
}

impl FromStr for ServiceOrigin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        let (scheme, authority) = text.split_once("://").ok_or(OriginError::Scheme)?;
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            _ => (authority, None),
        };
        let own_port = match scheme {
            "https" => "443",
            "http" if matches!(host, "127.0.0.1" | "localhost" | "[::1]") => "80",
            _ => return Err(OriginError::Scheme),
        };
        if !is_host(host) {
            return Err(OriginError::Form);
        }
        match port {
            None => {}
            Some(port) if port == own_port || port.starts_with('0') => return Err(OriginError::Port),
            Some(port) if port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok() => {}
            Some(_) => return Err(OriginError::Port),
        }
        Ok(Self(text.to_owned()))
    }
}

/// A name or an IPv4 address in lower case, or an IPv6 address in brackets.
fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address.parse::<core::net::Ipv6Addr>().is_ok();
    }
    !host.is_empty()
        && host.len() <= 253
        && host.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        })
}

impl fmt::Display for ServiceOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for ServiceOrigin {
    type Error = OriginError;

    fn try_from(text: String) -> Result<Self, OriginError> {
        text.parse()
    }
}

impl From<ServiceOrigin> for String {
    fn from(origin: ServiceOrigin) -> Self {
        origin.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_read_as_they_are_written() {
        for text in [
            "https://shikaku.example",
            "https://127.0.0.1:8443",
            "https://[::1]:8443",
            "http://127.0.0.1:8080",
        ] {
            assert_eq!(text.parse::<ServiceOrigin>().unwrap().to_string(), text);
        }
        assert_eq!("https://a.example:8443".parse::<ServiceOrigin>().unwrap().authority(), "a.example:8443");
    }

    #[test]
    fn what_is_no_origin_is_refused_with_its_reason() {
        for (text, why) in [
            ("shikaku.example", OriginError::Scheme),
            ("http://shikaku.example", OriginError::Scheme),
            ("https://shikaku.example/", OriginError::Form),
            ("https://user@shikaku.example", OriginError::Form),
            ("https://Shikaku.example", OriginError::Form),
            ("https://", OriginError::Form),
            ("https://shikaku.example:443", OriginError::Port),
            ("https://shikaku.example:0", OriginError::Port),
            ("https://shikaku.example:+8", OriginError::Port),
            ("https://shikaku.example:65536", OriginError::Port),
        ] {
            assert_eq!(text.parse::<ServiceOrigin>(), Err(why), "{text}");
        }
    }
}
