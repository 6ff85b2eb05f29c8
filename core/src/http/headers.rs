//! Header fields as a value.

/// Header fields in the order they came; names are lower case, values without white space at their ends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, String)>);

/// Why a header field cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderFault {
    /// The field is not there.
    #[error("the header field {0} is missing")]
    Missing(&'static str),
    /// The field came more than once.
    #[error("the header field {0} came more than once")]
    Repeated(&'static str),
    /// The field's value does not have the form it must have.
    #[error("the header field {0} is malformed")]
    Form(&'static str),
}

impl Headers {
    /// No fields.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a field as it came, another one of that name or not. White space at the value's ends is dropped
    /// (RFC 9110, section 5.5); control characters and what is not ASCII are kept, and refused by [`Headers::only`].
    pub fn push(&mut self, name: &str, value: &str) {
        self.0.push((name.to_ascii_lowercase(), value.trim_matches([' ', '\t']).to_owned()));
    }

    /// Sets a field, replacing whatever was there under that name.
    pub fn set(&mut self, name: &str, value: String) {
        self.remove(name);
        self.0.push((name.to_ascii_lowercase(), value));
    }

    /// Takes a field away, all its occurrences.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
    }

    /// The value of a field that must be there exactly once, in printable ASCII.
    pub fn only(&self, name: &'static str) -> Result<&str, HeaderFault> {
        let mut values = self.all(name);
        let value = values.next().ok_or(HeaderFault::Missing(name))?;
        if values.next().is_some() {
            return Err(HeaderFault::Repeated(name));
        }
        if value.is_empty() || !value.bytes().all(|b| matches!(b, b' '..=b'~')) {
            return Err(HeaderFault::Form(name));
        }
        Ok(value)
    }

    /// Every value of a field, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Every field, in order: name in lower case, value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_comes_twice_is_never_one_field() {
        let mut headers = Headers::new();
        headers.push("Content-Digest", " a ");
        assert_eq!(headers.only("content-digest"), Ok("a"));
        headers.push("content-digest", "a");
        assert_eq!(headers.only("content-digest"), Err(HeaderFault::Repeated("content-digest")));
        headers.set("CONTENT-DIGEST", "b".to_owned());
        assert_eq!(headers.only("content-digest"), Ok("b"));
    }

    #[test]
    fn missing_empty_and_unprintable_fields_are_refused() {
        let mut headers = Headers::new();
        assert_eq!(headers.only("x"), Err(HeaderFault::Missing("x")));
        for value in ["", " ", "a\nb", "ä", "a\0"] {
            headers.set("x", value.trim().to_owned());
            assert_eq!(headers.only("x"), Err(HeaderFault::Form("x")), "{value:?}");
        }
    }
}
