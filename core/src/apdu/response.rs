//! A response as it came, and what is left of it once its status has been looked at.

use core::fmt;

use super::status::Status;

/// Longest response that is looked at: 65,536 octets of data and the status word (ISO 7816-4, extended length).
const MAX_LENGTH: usize = 65_536 + 2;

/// Data and status, whatever the status says.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Response {
    data: Vec<u8>,
    status: Status,
}

/// Octets that are not a response: shorter than a status word, or longer than any response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotAResponse;

impl Response {
    pub(crate) fn parse(mut octets: Vec<u8>) -> Result<Self, NotAResponse> {
        if octets.len() > MAX_LENGTH {
            return Err(NotAResponse);
        }
        let Some([data @ .., first, second]) = octets.get(..) else { return Err(NotAResponse) };
        let (length, status) = (data.len(), Status::from(u16::from_be_bytes([*first, *second])));
        octets.truncate(length);
        Ok(Self { data: octets, status })
    }

    /// Several responses to one command, as one.
    pub(super) fn joined(mut data: Vec<u8>, last: Self) -> Self {
        data.extend(last.data);
        Self { data, status: last.status }
    }

    pub(crate) const fn status(&self) -> Status {
        self.status
    }

    pub(crate) const fn has_data(&self) -> bool {
        !self.data.is_empty()
    }

    pub(super) fn into_data(self) -> Vec<u8> {
        self.data
    }

    /// The data of a response that says 9000; any other status is the error.
    pub(crate) fn success(self) -> Result<Vec<u8>, Status> {
        match self.status {
            Status::Success => Ok(self.data),
            other => Err(other),
        }
    }

    /// As [`Response::success`], but a file may end early (6282 is tolerated when reading).
    pub(crate) fn read(self) -> Result<Vec<u8>, Status> {
        match self.status {
            Status::Success | Status::EndOfFile => Ok(self.data),
            other => Err(other),
        }
    }
}

/// The data may be a person's; only its length is told.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Response({} octets, {})", self.data.len(), self.status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn less_than_a_status_word_is_no_response() {
        assert_eq!(Response::parse(vec![]), Err(NotAResponse));
        assert_eq!(Response::parse(vec![0x90]), Err(NotAResponse));
        assert_eq!(Response::parse(vec![0; MAX_LENGTH + 1]), Err(NotAResponse));
    }

    proptest! {
        #[test]
        fn every_response_is_its_data_and_its_status(data in proptest::collection::vec(any::<u8>(), 0..300), word: u16) {
            let octets = [&data[..], &word.to_be_bytes()].concat();
            let response = Response::parse(octets).unwrap();
            prop_assert_eq!(u16::from(response.status()), word);
            prop_assert_eq!(response.into_data(), data);
        }
    }
}
