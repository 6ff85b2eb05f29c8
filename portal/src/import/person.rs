//! A row of the registry: a person, one certificate, one qualification.

use std::str::FromStr;

use shikaku::identifier::{Date, InsurerNumber, InsurerNumberError, PersonName, TextError};
use shikaku::qualification::{ElderlyRecipientCertificateInfo, Qualification};

use super::table::{Column, Row};
use super::value::{ColumnFault, Fault, hex};
use crate::store::registry::{CertificateKey, PersonRow};

const fn required(name: &'static str) -> Column {
    Column { name, required: true }
}

const fn optional(name: &'static str) -> Column {
    Column { name, required: false }
}

/// Positions in [`COLUMNS`] of those that are not simply a field of the qualification.
const PERSON: usize = 0;
const ENROLLED: usize = 1;
const ISSUER_KEY_ID: usize = 2;
const SERIAL: usize = 3;
const INSURER_NUMBER: usize = 4;
const NAME: usize = 5;
const BIRTHDATE: usize = 6;
const FIRST_OPTIONAL: usize = 7;

/// Every column that a registry file may have; documented in docs/registry.md.
pub(super) const COLUMNS: &[Column] = &[
    required("Person"),
    required("Enrolled"),
    required("IssuerKeyId"),
    required("Serial"),
    required("InsurerNumber"),
    required("Name"),
    required("Birthdate"),
    optional("InsuredCardClassification"),
    optional("InsurerName"),
    optional("InsuredCardSymbol"),
    optional("InsuredIdentificationNumber"),
    optional("InsuredBranchNumber"),
    optional("PersonalFamilyClassification"),
    optional("InsuredName"),
    optional("NameOfOther"),
    optional("NameKana"),
    optional("NameOfOtherKana"),
    optional("Sex1"),
    optional("Sex2"),
    optional("Address"),
    optional("PostNumber"),
    optional("QualificationDate"),
    optional("DisqualificationDate"),
    optional("InsuredCertificateIssuanceDate"),
    optional("InsuredCardValidDate"),
    optional("InsuredCardExpirationDate"),
    optional("InsuredPartialContributionRatio"),
    optional("PreschoolClassification"),
    optional("ReasonOfLoss"),
    optional("ElderlyRecipientCertificateDate"),
    optional("ElderlyRecipientValidStartDate"),
    optional("ElderlyRecipientValidEndDate"),
    optional("ElderlyRecipientContributionRatio"),
];

/// Longest name of a person that the operator may use, in octets.
const PERSON_LIMIT: usize = 100;

/// Certificates and qualifications that one person may have.
const ITEMS_LIMIT: usize = 64;

/// Reads a row as a person with at most one certificate and one qualification.
pub(super) fn read(row: &Row, line: u64) -> Result<PersonRow, Fault> {
    let person = person_name(row.get(PERSON).ok_or_else(|| missing(PERSON))?)?;
    let enrolled = match row.get(ENROLLED) {
        Some("1") => true,
        Some("0") => false,
        Some(_) => return Err(fault(ENROLLED, ColumnFault::Flag)),
        None => return Err(missing(ENROLLED)),
    };
    let certificate = match (row.get(ISSUER_KEY_ID), row.get(SERIAL)) {
        (None, None) => None,
        (Some(_), None) => return Err(missing(SERIAL)),
        (None, Some(_)) => return Err(missing(ISSUER_KEY_ID)),
        (Some(issuer), Some(serial)) => Some(CertificateKey::new(
            &hex(issuer).map_err(|why| fault(ISSUER_KEY_ID, why))?,
            &hex(serial).map_err(|why| fault(SERIAL, why))?,
        )),
    };
    let qualification = qualification(row)?;
    Ok(PersonRow {
        line,
        person,
        enrolled,
        certificates: certificate.into_iter().collect(),
        qualifications: qualification.into_iter().collect(),
    })
}

/// Joins a further row of the same person to the earlier ones.
pub(super) fn join(person: &mut PersonRow, next: PersonRow) -> Result<(), Fault> {
    if person.enrolled != next.enrolled {
        return Err(Fault::Contradiction);
    }
    for key in next.certificates {
        if !person.certificates.contains(&key) {
            person.certificates.push(key);
        }
    }
    for one in next.qualifications {
        if !person.qualifications.contains(&one) {
            person.qualifications.push(one);
        }
    }
    check_size(person)
}

/// No person has this many; a file that says so has lost its person column.
pub(super) fn check_size(person: &PersonRow) -> Result<(), Fault> {
    let most = person.certificates.len().max(person.qualifications.len());
    if most > ITEMS_LIMIT { Err(Fault::TooMany { limit: ITEMS_LIMIT }) } else { Ok(()) }
}

/// The operator's name of a person, bounded.
pub(super) fn person_name(text: &str) -> Result<String, Fault> {
    if text.is_empty() || text.len() > PERSON_LIMIT || text.chars().any(char::is_control) {
        return Err(fault(PERSON, ColumnFault::Person));
    }
    Ok(text.to_owned())
}

/// The qualification of a row; none if the row has nothing of it.
fn qualification(row: &Row) -> Result<Option<Qualification>, Fault> {
    let has_any = (INSURER_NUMBER..COLUMNS.len()).any(|index| row.get(index).is_some());
    if !has_any {
        return Ok(None);
    }
    let insurer: InsurerNumber = match row.get(INSURER_NUMBER).map(str::parse) {
        None => return Err(missing(INSURER_NUMBER)),
        Some(Err(InsurerNumberError::CheckDigit)) => {
            return Err(fault(INSURER_NUMBER, ColumnFault::InsurerCheckDigit));
        }
        Some(Err(_)) => return Err(fault(INSURER_NUMBER, ColumnFault::InsurerForm)),
        Some(Ok(insurer)) => insurer,
    };
    let name: PersonName = text(row, NAME)?.ok_or_else(|| missing(NAME))?;
    let birthdate = day(row, BIRTHDATE)?.ok_or_else(|| missing(BIRTHDATE))?;
    let mut one = Qualification::new(insurer, name, birthdate);
    fill(row, &mut one)?;
    Ok(Some(one))
}

/// The optional fields, in the order of [`COLUMNS`].
fn fill(row: &Row, one: &mut Qualification) -> Result<(), Fault> {
    let mut at = FIRST_OPTIONAL..;
    let mut next = || at.next().unwrap_or(usize::MAX);
    one.insured_card_classification = coded(row, next())?;
    one.insurer_name = text(row, next())?;
    one.insured_card_symbol = text(row, next())?;
    one.insured_identification_number = text(row, next())?;
    one.insured_branch_number = text(row, next())?;
    one.personal_family_classification = coded(row, next())?;
    one.insured_name = text(row, next())?;
    one.name_of_other = text(row, next())?;
    one.name_kana = text(row, next())?;
    one.name_of_other_kana = text(row, next())?;
    one.sex1 = coded(row, next())?;
    one.sex2 = coded(row, next())?;
    one.address = text(row, next())?;
    one.post_number = text(row, next())?;
    one.qualification_date = day(row, next())?;
    one.disqualification_date = day(row, next())?;
    one.insured_certificate_issuance_date = day(row, next())?;
    one.insured_card_valid_date = day(row, next())?;
    one.insured_card_expiration_date = day(row, next())?;
    one.insured_partial_contribution_ratio = ratio(row, next())?;
    one.preschool_classification = coded(row, next())?;
    one.reason_of_loss = coded(row, next())?;
    let elderly = ElderlyRecipientCertificateInfo {
        elderly_recipient_certificate_date: day(row, next())?,
        elderly_recipient_valid_start_date: day(row, next())?,
        elderly_recipient_valid_end_date: day(row, next())?,
        elderly_recipient_contribution_ratio: ratio(row, next())?,
    };
    let has_elderly = elderly.elderly_recipient_certificate_date.is_some()
        || elderly.elderly_recipient_valid_start_date.is_some()
        || elderly.elderly_recipient_valid_end_date.is_some()
        || elderly.elderly_recipient_contribution_ratio.is_some();
    one.elderly_recipient_certificate_info = has_elderly.then_some(elderly);
    Ok(())
}

fn text<T: FromStr<Err = TextError>>(row: &Row, index: usize) -> Result<Option<T>, Fault> {
    row.get(index).map(str::parse).transpose().map_err(|why| fault(index, ColumnFault::Text(why)))
}

fn coded<T: FromStr>(row: &Row, index: usize) -> Result<Option<T>, Fault> {
    row.get(index).map(str::parse).transpose().map_err(|_| fault(index, ColumnFault::Code))
}

fn ratio<T: FromStr>(row: &Row, index: usize) -> Result<Option<T>, Fault> {
    row.get(index).map(str::parse).transpose().map_err(|_| fault(index, ColumnFault::Ratio))
}

/// `YYYY-MM-DD`, or `YYYYMMDD` as the OQS messages write it.
fn day(row: &Row, index: usize) -> Result<Option<Date>, Fault> {
    let read = |text: &str| {
        let iso = match (text.get(..4), text.get(4..6), text.get(6..)) {
            (Some(year), Some(month), Some(day)) if text.len() == 8 => format!("{year}-{month}-{day}"),
            _ => text.to_owned(),
        };
        iso.parse().map_err(|_| fault(index, ColumnFault::Day))
    };
    row.get(index).map(read).transpose()
}

fn missing(index: usize) -> Fault {
    fault(index, ColumnFault::Missing)
}

fn fault(index: usize, why: ColumnFault) -> Fault {
    Fault::Column { column: COLUMNS.get(index).map_or("", |column| column.name), why }
}

#[cfg(test)]
mod tests {
    use super::super::table::Header;
    use super::*;

    const HEADER: &str = "Person,Enrolled,IssuerKeyId,Serial,InsurerNumber,Name,Birthdate,QualificationDate,Sex1,\
        InsuredPartialContributionRatio,ElderlyRecipientValidEndDate,InsuredBranchNumber";

    fn read_row(line: &str) -> Result<PersonRow, Fault> {
        read(&Header::read(HEADER, COLUMNS).unwrap().row(line).unwrap(), 2)
    }

    #[test]
    fn a_row_is_a_person_a_certificate_and_a_qualification() {
        let row =
            read_row("p1,1,AABB,0A01,06130488,資格 太郎,19800102,2020-04-01,1,030,2027-07-31,00").unwrap();
        assert_eq!((row.person.as_str(), row.enrolled, row.line), ("p1", true, 2));
        assert_eq!(
            row.certificates,
            [CertificateKey { issuer_key_id: vec![0xaa, 0xbb], serial: vec![0x0a, 1] }]
        );
        let json = serde_json::to_value(&row.qualifications).unwrap();
        let due = serde_json::json!([{
            "InsurerNumber": "06130488", "Name": "資格 太郎", "Birthdate": "1980-01-02", "Sex1": "1",
            "QualificationDate": "2020-04-01", "InsuredPartialContributionRatio": "030",
            "InsuredBranchNumber": "00",
            "ElderlyRecipientCertificateInfo": { "ElderlyRecipientValidEndDate": "2027-07-31" },
        }]);
        assert_eq!(json, due);
    }

    #[test]
    fn a_person_may_have_no_qualification_or_no_certificate() {
        let row = read_row("p1,0,AA,01,,,,,,,,").unwrap();
        assert_eq!((row.certificates.len(), row.qualifications.len(), row.enrolled), (1, 0, false));
        let row = read_row("p1,1,,,06130488,資格 太郎,1980-01-02,,,,,").unwrap();
        assert_eq!((row.certificates.len(), row.qualifications.len()), (0, 1));
    }

    #[test]
    fn what_is_wrong_is_named_by_its_column() {
        for (line, column, why) in [
            (",1,AA,01,,,,,,,,", "Person", ColumnFault::Missing),
            ("p,yes,AA,01,,,,,,,,", "Enrolled", ColumnFault::Flag),
            ("p,1,AA,,,,,,,,,", "Serial", ColumnFault::Missing),
            ("p,1,AAA,01,,,,,,,,", "IssuerKeyId", ColumnFault::Hex),
            ("p,1,AA,01,06130489,資格,1980-01-02,,,,,", "InsurerNumber", ColumnFault::InsurerCheckDigit),
            ("p,1,AA,01,6130488,資格,1980-01-02,,,,,", "InsurerNumber", ColumnFault::InsurerForm),
            ("p,1,AA,01,,資格,1980-01-02,,,,,", "InsurerNumber", ColumnFault::Missing),
            ("p,1,AA,01,06130488,,1980-01-02,,,,,", "Name", ColumnFault::Missing),
            ("p,1,AA,01,06130488,資格,1980-02-30,,,,,", "Birthdate", ColumnFault::Day),
            ("p,1,AA,01,06130488,資格,S550102,,,,,", "Birthdate", ColumnFault::Day),
            ("p,1,AA,01,06130488,資格,1980-01-02,,男,,,", "Sex1", ColumnFault::Code),
            (
                "p,1,AA,01,06130488,資格,1980-01-02,,,30,,",
                "InsuredPartialContributionRatio",
                ColumnFault::Ratio,
            ),
            (
                "p,1,AA,01,06130488,資格,1980-01-02,,,,,0",
                "InsuredBranchNumber",
                ColumnFault::Text(TextError::Digits(2)),
            ),
        ] {
            assert_eq!(read_row(line).unwrap_err(), Fault::Column { column, why }, "{line}");
        }
    }

    #[test]
    fn further_rows_of_a_person_add_to_it() {
        let mut person = read_row("p1,1,AA,01,06130488,資格 太郎,1980-01-02,,,,,").unwrap();
        join(&mut person, read_row("p1,1,AA,02,06130488,資格 太郎,1980-01-02,,,,,").unwrap()).unwrap();
        join(&mut person, read_row("p1,1,AA,01,138057,資格 太郎,1980-01-02,,,,,").unwrap()).unwrap();
        assert_eq!((person.certificates.len(), person.qualifications.len()), (2, 2));
        let other = read_row("p1,0,AA,01,,,,,,,,").unwrap();
        assert_eq!(join(&mut person, other), Err(Fault::Contradiction));
    }

    #[test]
    fn the_documentation_names_every_column() {
        let page = include_str!("../../../docs/registry.md");
        for column in COLUMNS {
            assert!(page.contains(&format!("`{}`", column.name)), "{}", column.name);
        }
    }
}
