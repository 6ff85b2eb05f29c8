//! Compact JWS with ES256 (RFC 7515), the one form that the portal and the service use.
