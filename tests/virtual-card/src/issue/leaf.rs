//! Leaf certificates with the profile of the J-LIS test card's user-authentication certificate.

use rsa::RsaPublicKey;

use super::authority::{Authority, extension, extension_by_oid};
use super::der;
use super::key::{self, IssueError};
use super::name::{Name, Partition};

/// `1.3.6.1.5.5.7`
const PKIX: [u32; 7] = [1, 3, 6, 1, 5, 5, 7];

/// Seconds of a day.
const DAY: u64 = 86_400;

/// Which certificate policy the leaf names, always critical.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// `1.2.392.200149.8.5.1.0.30`: user authentication, test hierarchy.
    Test,
    /// `1.2.392.200149.8.5.1.3.30`: user authentication, production. Under the test CA it is a lie.
    Production,
    /// A stand-in for the policies of certificates on phones, which are not known to us: `2.999.392.30`, under
    /// the arc that is kept for examples.
    MobileUnknown,
}

impl Policy {
    const fn arcs(self) -> &'static [u32] {
        match self {
            Self::Test => &[1, 2, 392, 200_149, 8, 5, 1, 0, 30],
            Self::Production => &[1, 2, 392, 200_149, 8, 5, 1, 3, 30],
            Self::MobileUnknown => &[2, 999, 392, 30],
        }
    }
}

/// What is particular to one certificate. Times in Unix seconds; the real ones end at 23:59:59 in Japan.
#[derive(Debug, Clone)]
pub struct Leaf {
    /// Serial number; three octets in the certificates of this test CA.
    pub serial: u32,
    /// First second of validity.
    pub not_before: u64,
    /// Last second of validity.
    pub not_after: u64,
    /// 14 characters, five digits of the municipality, four characters.
    pub common_name: String,
    /// The CRL that speaks about it.
    pub partition: Partition,
    /// Certificate policy.
    pub policy: Policy,
    /// The card's public key.
    pub public_key: RsaPublicKey,
}

impl Leaf {
    /// A certificate for a key, valid from 2024-04-01 to the end of 2036-02-17 in Japan.
    pub fn new(serial: u32, public_key: RsaPublicKey) -> Self {
        Self {
            serial,
            not_before: 1_711_929_600,
            not_after: 2_086_873_199,
            common_name: format!("SHIKAKU{serial:07}13101001A"),
            partition: Partition::usual(),
            policy: Policy::Test,
            public_key,
        }
    }

    /// The same, but it ended a day before `now`.
    #[must_use]
    pub fn expired(self, now: u64) -> Self {
        Self { not_before: now.saturating_sub(1000 * DAY), not_after: now.saturating_sub(DAY), ..self }
    }

    /// The same, but it begins a day after `now`.
    #[must_use]
    pub fn not_yet_valid(self, now: u64) -> Self {
        Self { not_before: now + DAY, not_after: now + 1000 * DAY, ..self }
    }
}

impl Authority {
    /// A user-authentication certificate, DER: the extensions of the J-LIS test card's, in its order.
    pub fn issue(&self, leaf: &Leaf) -> Result<Vec<u8>, IssueError> {
        let usage = extension(15, true, &der::bit_string(7, &[0x80]));
        let purpose = extension(37, false, &der::sequence(&[der::oid(&[PKIX.as_slice(), &[3, 2]].concat())]));
        let policy = extension(32, true, &policies(leaf.policy));
        self.certificate_for(leaf, &Name::holder(&leaf.common_name), &[usage, purpose, policy])
    }

    /// A digital-signature certificate (署名用), DER, for foreign clients; without the name and address that
    /// a real one carries, and with the distribution point of the authentication certificates.
    pub fn issue_for_signatures(&self, leaf: &Leaf) -> Result<Vec<u8>, IssueError> {
        let usage = extension(15, true, &der::bit_string(6, &[0xc0]));
        let policy = extension(32, true, &policies(leaf.policy));
        self.certificate_for(leaf, &Name::holder(&leaf.common_name), &[usage, policy])
    }

    fn certificate_for(
        &self,
        leaf: &Leaf,
        subject: &Name,
        usages: &[Vec<u8>],
    ) -> Result<Vec<u8>, IssueError> {
        let alternative = der::sequence(&[Name::authority_in_japanese().directory_name()]);
        let point = der::sequence(&[der::sequence(&[leaf.partition.name().distribution_point()])]);
        let extensions = [
            usages.concat(),
            extension(18, false, &alternative),
            extension(31, false, &point),
            extension_by_oid(&[PKIX.as_slice(), &[1, 1]].concat(), false, &information_access()),
            extension(35, false, &self.authority_key_identifier()),
            extension(14, false, &der::octet_string(&key::identifier(&leaf.public_key))),
        ];
        self.seal(der::sequence(&[
            der::explicit(0, &der::integer(2)),
            der::integer(leaf.serial),
            key::signature_algorithm(),
            self.name.der(),
            der::sequence(&[der::time(leaf.not_before), der::time(leaf.not_after)]),
            subject.der(),
            key::public_key_info(&leaf.public_key),
            der::explicit(3, &der::sequence(&extensions)),
        ]))
    }

    /// Key identifier, name and serial of this CA.
    pub(super) fn authority_key_identifier(&self) -> Vec<u8> {
        der::sequence(&[
            der::implicit(0, &self.key_id()),
            der::explicit(1, &self.name.directory_name()),
            der::implicit(2, &der::integer_content(self.serial)),
        ])
    }
}

/// The policy with a pointer to its statement.
fn policies(policy: Policy) -> Vec<u8> {
    let statement = der::oid(&[PKIX.as_slice(), &[2, 1]].concat());
    let qualifier = der::sequence(&[statement, der::ia5("http://shikaku-test.invalid/test-cps.html")]);
    der::sequence(&[der::sequence(&[der::oid(policy.arcs()), der::sequence(&[qualifier])])])
}

/// Where OCSP would answer; nobody does.
fn information_access() -> Vec<u8> {
    let responder = der::implicit(6, b"http://ocsp.shikaku-test.invalid");
    der::sequence(&[der::sequence(&[der::oid(&[PKIX.as_slice(), &[48, 1]].concat()), responder])])
}
