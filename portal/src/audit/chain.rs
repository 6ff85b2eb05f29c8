//! The hash chain: h = SHA-256(previous ‖ row), the row as length-prefixed fields in a fixed order.

use sha2::{Digest as _, Sha256};

use super::Entry;

/// Stands before a node's first row, so that no chain can be passed off as another node's.
pub(super) fn genesis(node: &str) -> [u8; 32] {
    Sha256::new().chain_update(b"shikaku-audit/v1\0").chain_update(node.as_bytes()).finalize().into()
}

/// The hash of a row behind `previous`.
///
/// Each field is four octets of length, big-endian, and its octets; the time is eight octets, big-endian. Order: time,
/// device, institution, staff, mode, challenge, outcome, certificate hash, SHA-256 of request and of answer, phase.
pub(super) fn next(previous: &[u8; 32], entry: &Entry<'_>) -> [u8; 32] {
    let at = entry.at.0.to_be_bytes();
    let fields: [&[u8]; 11] = [
        &at,
        entry.device.as_bytes(),
        entry.institution.as_bytes(),
        entry.staff.as_bytes(),
        entry.mode.as_bytes(),
        entry.challenge,
        entry.outcome.as_bytes(),
        entry.certificate_hash,
        entry.request_sha256,
        entry.answer_sha256,
        entry.phase.as_bytes(),
    ];
    let mut hash = Sha256::new().chain_update(previous);
    for field in fields {
        // A field of 4 GiB cannot be stored; if it could, it would hash like none that can.
        let length = u32::try_from(field.len()).unwrap_or(u32::MAX);
        hash.update(length.to_be_bytes());
        hash.update(field);
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use shikaku::instant::UnixTime;

    use super::*;

    #[test]
    fn fields_cannot_run_together() {
        let one = Entry { device: "ab", institution: "c", ..Entry::new(UnixTime(1), "pin", "x") };
        let two = Entry { device: "a", institution: "bc", ..one };
        assert_ne!(next(&[0; 32], &one), next(&[0; 32], &two));
    }

    #[test]
    fn the_row_is_laid_out_as_the_design_says() {
        let entry = Entry {
            at: UnixTime(0x0102),
            device: "d",
            institution: "1310112345",
            staff: "職",
            mode: "pin",
            challenge: &[9; 2],
            outcome: "ok",
            certificate_hash: &[8],
            request_sha256: &[7],
            answer_sha256: &[6],
            phase: "live",
        };
        let mut row = vec![5; 32];
        row.extend(b"\0\0\0\x08\0\0\0\0\0\0\x01\x02");
        row.extend(b"\0\0\0\x01d\0\0\0\x0a1310112345\0\0\0\x03\xe8\x81\xb7\0\0\0\x03pin");
        row.extend(b"\0\0\0\x02\x09\x09\0\0\0\x02ok\0\0\0\x01\x08\0\0\0\x01\x07\0\0\0\x01\x06\0\0\0\x04live");
        assert_eq!(next(&[5; 32], &entry)[..], Sha256::digest(row)[..]);
    }
}
