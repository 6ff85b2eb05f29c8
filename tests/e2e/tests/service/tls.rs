//! TLS as an app sees it: the pinned root, the right name, the right time, and nothing else.

use std::process::Command;

use shikaku::client::{Transport, TransportFault};
use shikaku::http::Response;
use shikaku::trust::TrustEntry;
use shikaku_test_database::on_both_engines;

use crate::device::post;
use crate::hostile::Certified;
use crate::site::Site;

/// Names the environment in which a test runs itself again.
const AGAIN: &str = "SHIKAKU_TEST_SYSTEM_ROOT";

on_both_engines! {
    async fn the_pinned_root_is_believed(database: Database) {
        let certified = Certified::new("localhost", 30);
        let site = Site::start_with(&database, |options| options.tls = Some(certified.files.clone())).await;
        assert!(site.trust().tls_roots.iter().eq([&certified.root]));
        assert_eq!(asked(&site, site.trust()).await.unwrap().status, 404);
    }

    async fn another_root_is_not_believed(database: Database) {
        let site = Site::start(&database).await;
        let mut entry = site.trust().clone();
        entry.tls_roots = vec![Certified::new("localhost", 30).root];
        assert_eq!(asked(&site, &entry).await.unwrap_err(), TransportFault::Untrusted);
    }

    async fn an_expired_certificate_is_not_believed(database: Database) {
        let certified = Certified::new("localhost", -1);
        let site = Site::start_with(&database, |options| options.tls = Some(certified.files.clone())).await;
        assert_eq!(asked(&site, site.trust()).await.unwrap_err(), TransportFault::Untrusted);
    }

    async fn a_certificate_for_another_name_is_not_believed(database: Database) {
        let certified = Certified::new("shikaku.example", 30);
        let site = Site::start_with(&database, |options| options.tls = Some(certified.files.clone())).await;
        assert_eq!(asked(&site, site.trust()).await.unwrap_err(), TransportFault::Untrusted);
    }

    /// The test runs itself again where `SSL_CERT_FILE` makes the service's root one of the system's.
    async fn a_root_that_the_system_trusts_but_the_app_does_not_pin_is_not_believed(database: Database) {
        let certified = Certified::new("localhost", 30);
        let Ok(engine) = std::env::var(AGAIN) else {
            let engine = if database.is_postgres() { "postgresql" } else { "sqlite" };
            let this = module_path!().split_once("::").unwrap().1;
            let again = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", &format!("{this}::{engine}")])
                .env(AGAIN, engine)
                .env("SSL_CERT_FILE", &certified.root_file)
                .output()
                .unwrap();
            let told = String::from_utf8_lossy(&again.stdout).into_owned();
            assert!(again.status.success() && told.contains("1 passed"), "{told}");
            return;
        };
        assert!(!engine.is_empty());
        let trusted = std::fs::read(std::env::var("SSL_CERT_FILE").unwrap()).unwrap();
        let folder = std::path::PathBuf::from(std::env::var("SSL_CERT_FILE").unwrap());
        let files = (folder.with_file_name("chain.pem"), folder.with_file_name("key.pem"));
        assert!(!trusted.is_empty());
        let site = Site::start_with(&database, |options| options.tls = Some(files)).await;
        let mut entry = site.trust().clone();
        entry.tls_roots = vec![certified.root.clone()];
        assert_eq!(asked(&site, &entry).await.unwrap_err(), TransportFault::Untrusted);
    }
}

async fn asked(site: &Site, entry: &TrustEntry) -> Result<Response, TransportFault> {
    Transport::new(entry).unwrap().send(&post(site, "/v1/nowhere", &())).await
}
