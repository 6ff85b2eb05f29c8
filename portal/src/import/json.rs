//! JSON lines: one person, or one renewal, as one object a line.

use serde::Deserialize;
use shikaku::qualification::Qualification;

use super::person;
use super::value::{ColumnFault, Fault, hex};
use crate::store::registry::{CertificateKey, PersonRow, Renewal};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct PersonLine {
    person: String,
    enrolled: bool,
    certificates: Vec<CertificateLine>,
    qualifications: Vec<Qualification>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct CertificateLine {
    issuer_key_id: String,
    serial: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct RenewalLine {
    issuer_key_id: String,
    old_serial: String,
    new_serial: String,
    #[serde(default)]
    new_issuer_key_id: Option<String>,
}

/// Reads a person.
pub(super) fn person(text: &str, line: u64) -> Result<PersonRow, Fault> {
    let read: PersonLine = serde_json::from_str(text).map_err(|error| Fault::json(&error))?;
    let mut row = PersonRow {
        line,
        person: person::person_name(&read.person)?,
        enrolled: read.enrolled,
        certificates: Vec::with_capacity(read.certificates.len()),
        qualifications: Vec::with_capacity(read.qualifications.len()),
    };
    for certificate in read.certificates {
        let key = key(&certificate.issuer_key_id, "Serial", &certificate.serial)?;
        if !row.certificates.contains(&key) {
            row.certificates.push(key);
        }
    }
    for one in read.qualifications {
        if !row.qualifications.contains(&one) {
            row.qualifications.push(one);
        }
    }
    person::check_size(&row)?;
    Ok(row)
}

/// Reads a renewal.
pub(super) fn renewal(text: &str, line: u64) -> Result<Renewal, Fault> {
    let read: RenewalLine = serde_json::from_str(text).map_err(|error| Fault::json(&error))?;
    let new_issuer = read.new_issuer_key_id.as_ref().unwrap_or(&read.issuer_key_id);
    let old = key(&read.issuer_key_id, "OldSerial", &read.old_serial)?;
    let new = key(new_issuer, "NewSerial", &read.new_serial)?;
    if old == new { Err(Fault::OwnSuccessor) } else { Ok(Renewal { line, old, new }) }
}

fn key(issuer: &str, serial_column: &'static str, serial: &str) -> Result<CertificateKey, Fault> {
    let column = |column| move |why: ColumnFault| Fault::Column { column, why };
    Ok(CertificateKey::new(
        &hex(issuer).map_err(column("IssuerKeyId"))?,
        &hex(serial).map_err(column(serial_column))?,
    ))
}

#[cfg(test)]
mod tests {
    use super::super::value::JsonFault;
    use super::*;

    #[test]
    fn a_person_is_read_with_all_certificates_and_qualifications() {
        let text = r#"{"Person":"p1","Enrolled":true,"Certificates":[{"IssuerKeyId":"aa","Serial":"01"},
            {"IssuerKeyId":"AA","Serial":"0001"},{"IssuerKeyId":"aa","Serial":"02"}],
            "Qualifications":[{"InsurerNumber":"06130488","Name":"資格 太郎","Birthdate":"1980-01-02"}]}"#;
        let row = person(text, 7).unwrap();
        assert_eq!((row.line, row.certificates.len(), row.qualifications.len()), (7, 2, 1));
    }

    #[test]
    fn what_is_wrong_is_told_without_the_value() {
        for (text, what) in [
            ("p1,1,aa,01", JsonFault::Syntax),
            (r#"{"Person":"p1"}"#, JsonFault::Data),
            (
                r#"{"Person":"p1","Enrolled":true,"Certificates":[],"Qualifications":[],"Diagnosis":"x"}"#,
                JsonFault::Data,
            ),
            (
                r#"{"Person":"p1","Enrolled":true,"Certificates":[],"Qualifications":[{"InsurerNumber":"06130489","Name":"資格 太郎","Birthdate":"1980-01-02"}]}"#,
                JsonFault::Data,
            ),
        ] {
            let fault = person(text, 1).unwrap_err();
            assert!(matches!(fault, Fault::Json { what: found, .. } if found == what), "{text}");
            assert!(!fault.to_string().contains("資格 太郎"));
        }
    }

    #[test]
    fn a_renewal_may_change_the_issuer() {
        let same = renewal(r#"{"IssuerKeyId":"aa","OldSerial":"01","NewSerial":"02"}"#, 1).unwrap();
        assert_eq!(same.new, CertificateKey::new(&[0xaa], &[2]));
        let text = r#"{"IssuerKeyId":"aa","OldSerial":"01","NewSerial":"01","NewIssuerKeyId":"bb"}"#;
        assert_eq!(renewal(text, 1).unwrap().new, CertificateKey::new(&[0xbb], &[1]));
        let text = r#"{"IssuerKeyId":"aa","OldSerial":"01","NewSerial":"0001"}"#;
        assert_eq!(renewal(text, 1), Err(Fault::OwnSuccessor));
    }
}
