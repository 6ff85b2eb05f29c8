//! Certificate revocation lists, right ones and those that must not be believed.

use super::authority::{Authority, extension, extension_by_oid};
use super::der;
use super::key::{self, IssueError};
use super::name::Partition;

/// Seconds of a day.
const DAY: u64 = 86_400;

/// What shall stand in a CRL. Times in Unix seconds.
#[derive(Debug, Clone)]
pub struct CrlRequest {
    /// thisUpdate.
    pub this_update: u64,
    /// nextUpdate.
    pub next_update: u64,
    /// Serial numbers revoked, each with a date of one day before thisUpdate.
    pub revoked: Vec<u32>,
    /// The issuingDistributionPoint, critical; `None` leaves it out.
    pub partition: Option<Partition>,
    /// cRLNumber.
    pub number: u32,
    /// Something that a careful reader stumbles over.
    pub extra: Extra,
}

/// A deviation for tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extra {
    /// None: a CRL as it should be.
    Nothing,
    /// A critical extension nobody knows (`2.999.1`).
    UnknownCritical,
    /// The same extension, not critical: harmless.
    UnknownHarmless,
}

impl CrlRequest {
    /// A CRL as it should be: issued at `now`, good for a week, for the partition of the embedded cards.
    pub fn new(now: u64, revoked: &[u32]) -> Self {
        Self {
            this_update: now,
            next_update: now + 7 * DAY,
            revoked: revoked.to_vec(),
            partition: Some(Partition::usual()),
            number: 1,
            extra: Extra::Nothing,
        }
    }

    /// The same for other holders.
    #[must_use]
    pub fn of_another_partition(self) -> Self {
        Self { partition: Some(Partition::elsewhere()), ..self }
    }

    /// The same, but its nextUpdate was a day before `now`.
    #[must_use]
    pub fn stale(self, now: u64) -> Self {
        Self { this_update: now.saturating_sub(8 * DAY), next_update: now.saturating_sub(DAY), ..self }
    }

    /// The same, but its thisUpdate is a day after `now`.
    #[must_use]
    pub fn from_the_future(self, now: u64) -> Self {
        Self { this_update: now + DAY, next_update: now + 8 * DAY, ..self }
    }

    /// The same with a critical extension nobody knows.
    #[must_use]
    pub fn with_unknown_critical_extension(self) -> Self {
        Self { extra: Extra::UnknownCritical, ..self }
    }

    /// The same with `count` further serial numbers from `0x400000` on, shuffled so that no reader can count
    /// on order.
    #[must_use]
    pub fn with_many(mut self, count: u32) -> Self {
        // 2^20 and an odd factor: every number below 2^20 comes once.
        let others =
            (0..count.min(1 << 20)).map(|index| 0x40_0000 + (index.wrapping_mul(0x9_e377) & 0xf_ffff));
        self.revoked.splice(0..0, others);
        self
    }
}

impl Authority {
    /// A CRL version 2, DER, signed by this CA.
    pub fn crl(&self, request: &CrlRequest) -> Result<Vec<u8>, IssueError> {
        let mut parts = vec![
            der::integer(1),
            key::signature_algorithm(),
            self.name.der(),
            der::time(request.this_update),
            der::time(request.next_update),
        ];
        if !request.revoked.is_empty() {
            parts.push(revoked_certificates(request));
        }
        parts.push(der::explicit(0, &self.crl_extensions(request)));
        self.seal(der::sequence(&parts))
    }

    fn crl_extensions(&self, request: &CrlRequest) -> Vec<u8> {
        let mut extensions = vec![
            extension(35, false, &self.authority_key_identifier()),
            extension(20, false, &der::integer(request.number)),
        ];
        if let Some(partition) = &request.partition {
            let point = der::sequence(&[partition.name().distribution_point()]);
            extensions.push(extension(28, true, &point));
        }
        match request.extra {
            Extra::Nothing => {}
            Extra::UnknownCritical => extensions.push(extension_by_oid(&[2, 999, 1], true, &der::null())),
            Extra::UnknownHarmless => extensions.push(extension_by_oid(&[2, 999, 1], false, &der::null())),
        }
        der::sequence(&extensions)
    }
}

fn revoked_certificates(request: &CrlRequest) -> Vec<u8> {
    let date = der::time(request.this_update.saturating_sub(DAY));
    let mut entries = Vec::with_capacity(request.revoked.len() * 24);
    for serial in &request.revoked {
        let serial = der::integer(*serial);
        entries.extend(der::tlv(0x30, &[serial.as_slice(), &date].concat()));
    }
    der::tlv(0x30, &entries)
}
