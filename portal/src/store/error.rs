//! What can go wrong in the store, and which constraint said no.

use sqlx::error::{DatabaseError, ErrorKind};

/// Why a statement or a commit failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A constraint of the schema refused the row: somebody else was first, or a rule would be broken.
    #[error("refused by {}", .0.name())]
    Constraint(Constraint),
    /// Another writer held the database for too long, or no connection was free: try again later.
    #[error("the database is busy")]
    Busy,
    /// A row holds what this program never writes: the database was changed by another hand.
    #[error("the database holds a value in {0} that this program never writes")]
    Damaged(&'static str),
    /// A number that does not fit the column, which holds 63 bits.
    #[error("a number is too large for the database")]
    Range,
    /// The database failed. The engine's code or the kind of fault is named; what the engine says in words, which may
    /// quote a row, is the source.
    #[error("the database failed ({})", kind_of(.0))]
    Database(#[source] sqlx::Error),
}

/// A constraint by its name in the migrations; the same on both engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Constraint {
    /// The institution is there already.
    Institution,
    /// A test institution cannot be live.
    TestNeverLive,
    /// The account is there already.
    Account,
    /// The account has a live registration code.
    RegistrationCode,
    /// The account has a bound device.
    OneBoundDevice,
    /// The key is known already, of this device or another.
    DeviceKey,
    /// The device has a current key.
    OneCurrentKey,
    /// A rotation of this device is under way.
    OneNextKey,
    /// The operation has an outcome: a concurrent duplicate came first.
    Outcome,
    /// The challenge has an outcome: another operation used it first.
    OutcomeOfChallenge,
    /// The challenge is claimed.
    ClaimOfChallenge,
    /// The operation has a claim.
    ClaimOfOperation,
    /// The place in the audit chain is taken.
    AuditPlace,
    /// Audit rows and checkpoints are never changed or deleted.
    AuditAppendOnly,
    /// This version of the terms is published.
    Terms,
    /// One import brings a person, a certificate or the successor of a renewal twice.
    Registry,
    /// What the row refers to is not there (SQLite does not say which; PostgreSQL does, but both mean a bug).
    Reference,
    /// Any other constraint of the schema.
    Other,
}

/// Constraint, its name, and how SQLite tells of it: by the columns of a unique constraint, by name else.
const CONSTRAINTS: &[(Constraint, &str, &str)] = &[
    (Constraint::Institution, "institutions_key", "institutions.code"),
    (Constraint::TestNeverLive, "institutions_test_never_live", "institutions_test_never_live"),
    (Constraint::Account, "accounts_key", "accounts.id"),
    (Constraint::RegistrationCode, "registration_codes_key", "registration_codes.account"),
    (Constraint::OneBoundDevice, "devices_one_bound", "devices.account"),
    (Constraint::DeviceKey, "device_keys_key", "device_keys.keyid"),
    // SQLite names the column of both partial indices alike; a device always has a current key, so a second
    // `current` is a bug, and what can happen is a second `next`.
    (Constraint::OneNextKey, "device_keys_one_next", "device_keys.device"),
    (Constraint::OneCurrentKey, "device_keys_one_current", "device_keys_one_current"),
    (Constraint::Outcome, "outcomes_key", "outcomes.keyid, outcomes.idempotency_key"),
    (Constraint::OutcomeOfChallenge, "outcomes_challenge", "outcomes.challenge"),
    (Constraint::ClaimOfChallenge, "claims_challenge", "claims.challenge"),
    (Constraint::ClaimOfOperation, "claims_operation", "claims.keyid, claims.idempotency_key"),
    (Constraint::AuditPlace, "audit_key", "audit.node, audit.sequence"),
    (Constraint::AuditAppendOnly, "audit_append_only", "audit_append_only"),
    (Constraint::Terms, "terms_key", "terms.version"),
    (Constraint::Registry, "persons_key", "persons.person, persons.generation"),
    (
        Constraint::Registry,
        "certificates_key",
        "certificates.issuer_key_id, certificates.serial, certificates.generation",
    ),
    (
        Constraint::Registry,
        "certificate_links_key",
        "certificate_links.issuer_key_id, certificate_links.serial, certificate_links.generation",
    ),
];

impl Constraint {
    /// The name in the migrations.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reference => "a reference",
            Self::Other => "a constraint",
            named => CONSTRAINTS
                .iter()
                .find(|(this, ..)| *this == named)
                .map_or("a constraint", |(_, name, _)| name),
        }
    }

    /// Which constraint an engine means.
    fn of(error: &dyn DatabaseError) -> Option<Self> {
        let told = error.constraint();
        let message = error.message();
        let named = CONSTRAINTS.iter().find(|(_, name, sqlite)| match told {
            Some(told) => told == *name,
            None => message.rsplit(": ").next() == Some(*sqlite) || message == *name,
        });
        match (named, error.kind()) {
            (Some((constraint, ..)), _) => Some(*constraint),
            (None, ErrorKind::ForeignKeyViolation) => Some(Self::Reference),
            (None, ErrorKind::UniqueViolation | ErrorKind::CheckViolation | ErrorKind::NotNullViolation) => {
                Some(Self::Other)
            }
            (None, _) => None,
        }
    }
}

impl StoreError {
    /// Whether this constraint refused.
    pub fn is(&self, constraint: Constraint) -> bool {
        matches!(self, Self::Constraint(this) if *this == constraint)
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::PoolTimedOut => Self::Busy,
            sqlx::Error::Database(inner) => {
                if let Some(constraint) = Constraint::of(inner.as_ref()) {
                    Self::Constraint(constraint)
                } else if inner.code().is_some_and(|code| is_busy(&code)) {
                    Self::Busy
                } else {
                    Self::Database(error)
                }
            }
            _ => Self::Database(error),
        }
    }
}

fn kind_of(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(inner) => {
            inner.code().map_or_else(|| "no code".to_owned(), |code| format!("code {code}"))
        }
        sqlx::Error::Io(fault) => fault.kind().to_string(),
        sqlx::Error::Tls(_) => "TLS".to_owned(),
        sqlx::Error::PoolClosed => "closed".to_owned(),
        sqlx::Error::Protocol(_) => "protocol".to_owned(),
        _ => "this program's statement".to_owned(),
    }
}

/// SQLite's `SQLITE_BUSY` and its extended codes; PostgreSQL's `lock_not_available`, `deadlock_detected`,
/// `serialization_failure`, `too_many_connections`.
fn is_busy(code: &str) -> bool {
    match code {
        "55P03" | "40P01" | "40001" | "53300" => true,
        // SQLite's codes have three digits at most, an SQLSTATE has five characters.
        _ => code.len() < 5 && code.parse::<i64>().is_ok_and(|code| code & 0xff == 5),
    }
}
