//! Imports as an operator meets them, on both engines.

use std::io::Read;

use shikaku::qualification::Finding;
use shikaku_test_database::on_both_engines;

use super::*;
use crate::admin::tests::operator;
use crate::source::{QualificationSource as _, Question, Registry};

const HEADER: &str = "Person,Enrolled,IssuerKeyId,Serial,InsurerNumber,Name,Birthdate,QualificationDate\n";

#[derive(Default)]
struct Seen {
    octets: u64,
    bad: Vec<BadRow>,
}

impl Watch for Seen {
    fn read(&mut self, octets: u64) {
        self.octets = octets;
    }

    fn bad_row(&mut self, row: &BadRow) {
        self.bad.push(row.clone());
    }
}

async fn import(operator: &Operator, text: &str, mode: Mode) -> (Result<Report, ImportError>, Seen) {
    let mut seen = Seen::default();
    let format =
        if text.trim_start_matches('\u{feff}').starts_with('{') { Format::JsonLines } else { Format::Csv };
    let done = registry(operator, text.as_bytes(), format, mode, &mut seen).await;
    (done, seen)
}

async fn found(operator: &Operator, serial: u8) -> Finding {
    let question = Question { issuer_key_id: &[0xaa], serial: &[serial], day: operator.today() };
    Registry::new(operator.store.clone()).ask(question).await.unwrap()
}

async fn name(operator: &Operator, serial: u8) -> String {
    match found(operator, serial).await {
        Finding::Valid(one) => one.name.to_string(),
        other => format!("{:?}", other.code()),
    }
}

on_both_engines! {
    async fn a_csv_file_is_taken_over_whatever_its_line_ends_and_bom(database: Database) {
        let (_folder, operator) = operator(&database).await;
        let rows = "p1,1,aa,01,06130488,\"資格, 太郎\",1980-01-02,2020-04-01\np2,0,aa,02,,,,\n";
        for text in [format!("{HEADER}{rows}"), format!("\u{feff}{HEADER}{rows}").replace('\n', "\r\n")] {
            let (done, seen) = import(&operator, &text, Mode::Replace).await;
            let due = Report { rows: 2, persons: 2, certificates: 2, qualifications: 1 };
            assert_eq!(done.unwrap(), due);
            assert_eq!(seen.octets, u64::try_from(text.len()).unwrap());
            assert_eq!(name(&operator, 1).await, "資格, 太郎");
            assert_eq!(found(&operator, 2).await, Finding::NotEnrolled);
            assert_eq!(found(&operator, 3).await, Finding::Unlinked);
        }
    }

    async fn json_lines_are_taken_over(database: Database) {
        let (_folder, operator) = operator(&database).await;
        let text = r#"{"Person":"p1","Enrolled":true,"Certificates":[{"IssuerKeyId":"aa","Serial":"01"},{"IssuerKeyId":"aa","Serial":"02"}],"Qualifications":[{"InsurerNumber":"06130488","Name":"資格 太郎","Birthdate":"1980-01-02","QualificationDate":"2020-04-01"}]}"#;
        let (done, _) = import(&operator, text, Mode::Merge).await;
        assert_eq!(done.unwrap(), Report { rows: 1, persons: 1, certificates: 2, qualifications: 1 });
        assert_eq!(name(&operator, 2).await, "資格 太郎");
    }

    async fn every_bad_row_is_named_and_nothing_is_taken_over(database: Database) {
        let (_folder, operator) = operator(&database).await;
        let good = format!("{HEADER}p1,1,aa,01,06130488,前,1980-01-02,2020-04-01\n");
        import(&operator, &good, Mode::Replace).await.0.unwrap();
        let text = format!(
            "{HEADER}p1,1,aa,01,06130488,後,1980-01-02,2020-04-01\n\
             p2,1,aa,02,06130489,資格 花子,1980-01-02,2020-04-01\n\
             p3,1,aa,03,06130488,資格 次郎,1980-01-02\n\
             \"p4,1,aa,04,,,,\n\
             p5,1,aa,01,,,,\n\
             p1,1,aa,06,,,,\n"
        );
        let (done, seen) = import(&operator, &text, Mode::Replace).await;
        assert!(matches!(done, Err(ImportError::BadRows { count: 5 })));
        let lines: Vec<_> = seen.bad.iter().map(|row| row.line).collect();
        assert_eq!(lines, [3, 4, 5, 6, 7]);
        let shown: Vec<_> = seen.bad.iter().map(|row| row.fault.to_string()).collect();
        assert_eq!(shown[0], "InsurerNumber: 保険者番号の検証番号が合いません");
        assert!(!shown.iter().any(|text| text.contains("花子")));
        assert_eq!(seen.bad[3].fault, Fault::CertificateTwice);
        assert_eq!(seen.bad[4].fault, Fault::PersonTwice);
        assert_eq!(name(&operator, 1).await, "前");
        // And the next import is not in its way.
        import(&operator, &good.replace('前', "次"), Mode::Replace).await.0.unwrap();
        assert_eq!(name(&operator, 1).await, "次");
    }

    async fn a_merge_leaves_those_whom_it_does_not_name(database: Database) {
        let (_folder, operator) = operator(&database).await;
        let two = format!("{HEADER}p1,1,aa,01,06130488,一,1980-01-02,2020-04-01\np2,1,aa,02,06130488,二,1980-01-02,2020-04-01\n");
        import(&operator, &two, Mode::Replace).await.0.unwrap();
        let one = format!("{HEADER}p2,1,aa,03,06130488,弐,1980-01-02,2020-04-01\n");
        import(&operator, &one, Mode::Merge).await.0.unwrap();
        assert_eq!((name(&operator, 1).await, name(&operator, 2).await), ("一".to_owned(), "弐".to_owned()));
        import(&operator, &one, Mode::Replace).await.0.unwrap();
        assert_eq!(found(&operator, 1).await, Finding::Unlinked);
        assert_eq!(found(&operator, 2).await, Finding::Unlinked);
        assert_eq!(name(&operator, 3).await, "弐");
    }

    async fn renewed_certificates_lead_to_their_holders(database: Database) {
        let (_folder, operator) = operator(&database).await;
        let text = format!("{HEADER}p1,1,aa,01,06130488,資格 太郎,1980-01-02,2020-04-01\n");
        import(&operator, &text, Mode::Replace).await.0.unwrap();
        assert_eq!(found(&operator, 2).await, Finding::Unlinked);
        let file = "IssuerKeyId,OldSerial,NewSerial\naa,01,02\naa,02,0003\n";
        let done = renewals(&operator, file.as_bytes(), Format::Csv, &mut Seen::default()).await.unwrap();
        assert_eq!(done.certificates, 2);
        assert_eq!((name(&operator, 2).await, name(&operator, 3).await), ("資格 太郎".to_owned(), "資格 太郎".to_owned()));
        let twice = "IssuerKeyId,OldSerial,NewSerial\naa,04,05\naa,06,05\n";
        let mut seen = Seen::default();
        let done = renewals(&operator, twice.as_bytes(), Format::Csv, &mut seen).await;
        assert!(matches!(done, Err(ImportError::BadRows { count: 1 })));
        assert_eq!(seen.bad, [BadRow { line: 3, fault: Fault::SuccessorTwice }]);
    }

    async fn a_file_without_rows_does_not_empty_the_registry(database: Database) {
        let (_folder, operator) = operator(&database).await;
        let text = format!("{HEADER}p1,1,aa,01,06130488,資格 太郎,1980-01-02,2020-04-01\n");
        import(&operator, &text, Mode::Replace).await.0.unwrap();
        assert!(matches!(import(&operator, HEADER, Mode::Replace).await.0, Err(ImportError::Nothing)));
        assert!(matches!(import(&operator, "", Mode::Replace).await.0, Err(ImportError::Header(HeaderFault::Empty))));
        let shift_jis = registry(&operator, &b"Person,\x8e\x91\n"[..], Format::Csv, Mode::Replace, &mut Seen::default()).await;
        assert!(matches!(shift_jis, Err(ImportError::Header(HeaderFault::Line(LineFault::Encoding { .. })))));
        assert_eq!(name(&operator, 1).await, "資格 太郎");
    }

    async fn a_file_that_breaks_off_leaves_everything_as_it_was(database: Database) {
        let (_folder, operator) = operator(&database).await;
        let text = format!("{HEADER}p1,1,aa,01,06130488,資格 太郎,1980-01-02,2020-04-01\n");
        import(&operator, &text, Mode::Replace).await.0.unwrap();
        let broken = std::io::BufReader::new(HEADER.as_bytes().chain(&b"p2,1,aa,02,,,,\n"[..]).chain(Broken));
        let done = registry(&operator, broken, Format::Csv, Mode::Replace, &mut Seen::default()).await;
        assert!(matches!(done, Err(ImportError::Read(_))));
        assert_eq!(name(&operator, 1).await, "資格 太郎");
        import(&operator, &text.replace("太郎", "次郎"), Mode::Merge).await.0.unwrap();
        assert_eq!(name(&operator, 1).await, "資格 次郎");
    }

    async fn a_file_of_another_kind_is_given_up_early(database: Database) {
        let (_folder, operator) = operator(&database).await;
        let text = format!("{HEADER}{}", "x\n".repeat(50_000));
        let (done, seen) = import(&operator, &text, Mode::Replace).await;
        assert!(matches!(done, Err(ImportError::TooManyBadRows)));
        assert_eq!(seen.bad.len(), 10_000);
    }
}

/// A disk that fails.
struct Broken;

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        Err(std::io::Error::other("the disk failed"))
    }
}
