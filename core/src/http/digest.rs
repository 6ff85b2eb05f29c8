//! Content-Digest (RFC 9530) with SHA-256, in one form only.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::{HeaderFault, Headers};

/// Name of the header field.
pub(crate) const HEADER: &str = "content-digest";

/// The value of Content-Digest for `body`: one `sha-256` member.
pub fn content_digest(body: &[u8]) -> String {
    format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(body)))
}

/// The digest that a message names: exactly one field with exactly one member, `sha-256`, of 32 octets.
///
/// RFC 9530 would let further algorithms stand beside it; a second digest is a second truth, so none may.
pub(crate) fn stated_digest(headers: &Headers) -> Result<[u8; 32], HeaderFault> {
    let text = headers.only(HEADER)?;
    let encoded = text.strip_prefix("sha-256=:").and_then(|rest| rest.strip_suffix(':'));
    encoded
        .and_then(|encoded| STANDARD.decode(encoded).ok())
        .and_then(|octets| octets.try_into().ok())
        .ok_or(HeaderFault::Form(HEADER))
}

/// Whether the body has the digest that the message names.
pub(crate) fn digest_fits(headers: &Headers, body: &[u8]) -> Result<bool, HeaderFault> {
    Ok(stated_digest(headers)? == <[u8; 32]>::from(Sha256::digest(body)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stated(value: &str) -> Result<[u8; 32], HeaderFault> {
        let mut headers = Headers::new();
        headers.push(HEADER, value);
        stated_digest(&headers)
    }

    /// RFC 9530, appendix D gives this digest for this body (a line feed at its end).
    #[test]
    fn the_digest_is_that_of_rfc_9530() {
        assert_eq!(
            content_digest(b"{\"hello\": \"world\"}\n"),
            "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"
        );
    }

    #[test]
    fn only_one_sha_256_member_in_its_canonical_form_is_read() {
        let good = content_digest(b"body");
        assert_eq!(stated(&good), Ok(Sha256::digest(b"body").into()));
        let bare = &good["sha-256=".len()..];
        for bad in [
            format!("{good}, {good}"),
            format!("{good}, sha-512=:AAAA:"),
            format!("sha-512={bare}"),
            format!("SHA-256={bare}"),
            format!("sha-256 ={bare}"),
            format!("{good};x=1"),
            good.replace('=', ""),
            good[..good.len() - 1].to_owned(),
            "sha-256=::".to_owned(),
            "sha-256=:AAAA:".to_owned(),
        ] {
            assert_eq!(stated(&bad), Err(HeaderFault::Form(HEADER)), "{bad}");
        }
    }

    #[test]
    fn another_body_does_not_fit() {
        let mut headers = Headers::new();
        headers.push(HEADER, &content_digest(b"body"));
        assert_eq!(digest_fits(&headers, b"body"), Ok(true));
        assert_eq!(digest_fits(&headers, b"Body"), Ok(false));
    }
}
