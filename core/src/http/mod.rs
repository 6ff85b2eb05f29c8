//! Signed HTTP requests and answers as values (RFC 9421, RFC 9530, RFC 9457).
