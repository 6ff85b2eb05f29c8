//! Writing a generation: unseen until it is whole, gone without trace if it is given up.

use std::collections::HashSet;

use shikaku::instant::UnixTime;

use super::rows::{CertificateKey, PersonRow, Renewal, insert};
use super::sweep::{Unfinished, sweep};
use super::visible;
use crate::audit::{self, Entry, NodeId};
use crate::clock::Clock;
use crate::store::columns::{Columns as _, number, time};
use crate::store::{Constraint, Store, StoreError, Transaction};

/// Persons or renewals that are written in one transaction.
const BATCH: usize = 4000;

/// Seconds without a sign of life after which an import counts as dead.
const DEAD_AFTER: u64 = 600;

/// What an import does with what was there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// The registry is what the file says, and nothing else. Renewals stay.
    Replace,
    /// Persons of the file take the place of those of the same name; certificates are added; others stay.
    Merge,
}

/// Why nothing could be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// Another import is at work.
    #[error("another import is at work; its last sign of life was at {since}")]
    Busy {
        /// Its last sign of life, Unix seconds.
        since: UnixTime,
    },
    /// This import gave no sign of life for too long, and another took its place.
    #[error("another import took the place of this one")]
    Lost,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for WriteError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// A row that contradicts an earlier one of the same import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Duplicate {
    /// Its line.
    pub line: u64,
    /// What is there twice.
    pub what: DuplicateKind,
}

/// What an import brought twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DuplicateKind {
    /// The person.
    Person,
    /// The certificate, for another person.
    Certificate,
    /// The successor of a renewal.
    Successor,
}

/// Removes what an import that was switched on has covered. Nobody waits for it; the next import would do it else.
pub async fn clean_up(store: &Store) -> Result<(), StoreError> {
    sweep(store, Unfinished::Keep).await
}

/// An import at work.
#[derive(Debug)]
pub struct Import {
    store: Store,
    clock: Clock,
    generation: i64,
    /// Tells this import from one that took its place.
    token: String,
    persons: Vec<PersonRow>,
    renewals: Vec<Renewal>,
}

impl Import {
    /// Begins a generation; what a dead import left is swept away first. `token` is random.
    pub async fn begin(store: &Store, clock: &Clock, token: String) -> Result<Self, WriteError> {
        let now = clock.now();
        let mut transaction = store.begin().await?;
        let state =
            sqlx::query("UPDATE registry_state SET base = base RETURNING current, writing, writing_since")
                .fetch_one(&mut *transaction)
                .await?;
        let left_over = state.optional_number("writing")?;
        if let (Some(_), Some(since)) = (left_over, state.optional_time("writing_since")?)
            && now.since(since) < DEAD_AFTER
        {
            return Err(WriteError::Busy { since });
        }
        let generation = number(state.number("current")?.saturating_add(1))?;
        sqlx::query("UPDATE registry_state SET writing = $1, writer = $2, writing_since = $3")
            .bind(generation)
            .bind(&token)
            .bind(time(now)?)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        if left_over.is_some() {
            sweep(store, Unfinished::Remove).await?;
        }
        let (store, clock) = (store.clone(), clock.clone());
        Ok(Self { store, clock, generation, token, persons: Vec::new(), renewals: Vec::new() })
    }

    /// Takes a person in. Where a name arrives with ● and a good one is known, the good one stays.
    ///
    /// Answers the rows written meanwhile that contradict earlier ones.
    pub async fn add_person(&mut self, mut person: PersonRow) -> Result<Vec<Duplicate>, WriteError> {
        if person.qualifications.iter().any(visible::has_unknown_characters) {
            let mut reader = self.store.read().await?;
            visible::keep_good_names(&mut reader, &mut person).await?;
        }
        self.persons.push(person);
        if self.persons.len() < BATCH { Ok(Vec::new()) } else { self.write().await }
    }

    /// Takes a renewal in.
    pub async fn add_renewal(&mut self, renewal: Renewal) -> Result<Vec<Duplicate>, WriteError> {
        self.renewals.push(renewal);
        if self.renewals.len() < BATCH { Ok(Vec::new()) } else { self.write().await }
    }

    /// Writes what was taken in and not written yet.
    pub async fn write(&mut self) -> Result<Vec<Duplicate>, WriteError> {
        let mut duplicates = Vec::new();
        loop {
            match self.write_batch().await {
                Ok(()) => {
                    self.persons.clear();
                    self.renewals.clear();
                    return Ok(duplicates);
                }
                Err(WriteError::Store(error)) if error.is(Constraint::Registry) => {
                    let found = self.take_duplicates().await?;
                    if found.is_empty() {
                        return Err(error.into());
                    }
                    duplicates.extend(found);
                }
                Err(other) => return Err(other),
            }
        }
    }

    /// Switches the generation on, and says so in the audit, in one transaction. Everything must have been written;
    /// [`clean_up`] should follow.
    pub async fn switch_on(self, mode: Mode, node: &NodeId, entry: &Entry<'_>) -> Result<(), WriteError> {
        let mut transaction = self.store.begin().await?;
        let base = match mode {
            Mode::Replace => {
                "UPDATE registry_state SET base = $1, current = $1, writing = NULL, writer = NULL, \
                 writing_since = NULL WHERE writing = $1 AND writer = $2"
            }
            Mode::Merge => {
                "UPDATE registry_state SET current = $1, writing = NULL, writer = NULL, \
                 writing_since = NULL WHERE writing = $1 AND writer = $2"
            }
        };
        let done =
            sqlx::query(base).bind(self.generation).bind(&self.token).execute(&mut *transaction).await?;
        if done.rows_affected() != 1 {
            return Err(WriteError::Lost);
        }
        audit::append(&mut transaction, node, entry).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Gives the import up: what was written is removed, the registry is as it was.
    pub async fn give_up(self) -> Result<(), WriteError> {
        let mut transaction = self.store.begin().await?;
        self.sign_of_life(&mut transaction).await?;
        transaction.commit().await?;
        sweep(&self.store, Unfinished::Remove).await?;
        let mut transaction = self.store.begin().await?;
        sqlx::query(
            "UPDATE registry_state SET writing = NULL, writer = NULL, writing_since = NULL \
             WHERE writing = $1 AND writer = $2",
        )
        .bind(self.generation)
        .bind(&self.token)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn write_batch(&self) -> Result<(), WriteError> {
        let mut transaction = self.store.begin().await?;
        self.sign_of_life(&mut transaction).await?;
        self.write_persons(&mut transaction).await?;
        self.write_renewals(&mut transaction).await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn write_persons(&self, transaction: &mut Transaction) -> Result<(), WriteError> {
        let generation = self.generation;
        let persons = "INSERT INTO persons (person, generation, enrolled)";
        insert(transaction, persons, 3, &self.persons, |query, row| {
            query.bind(row.person.clone()).bind(generation).bind(i64::from(row.enrolled))
        })
        .await?;
        let keys = |row: &'_ PersonRow| {
            let person = row.person.clone();
            row.certificates.clone().into_iter().map(move |key| (person.clone(), key)).collect::<Vec<_>>()
        };
        let rows: Vec<_> = self.persons.iter().flat_map(keys).collect();
        let certificates = "INSERT INTO certificates (issuer_key_id, serial, generation, person)";
        insert(transaction, certificates, 4, &rows, |query, (person, key)| {
            query
                .bind(key.issuer_key_id.clone())
                .bind(key.serial.clone())
                .bind(generation)
                .bind(person.clone())
        })
        .await?;
        let rows = self.qualification_rows()?;
        let qualifications = "INSERT INTO qualifications (person, generation, ordinal, body)";
        insert(transaction, qualifications, 4, &rows, |query, (person, ordinal, body)| {
            query.bind((*person).clone()).bind(generation).bind(*ordinal).bind(body.clone())
        })
        .await?;
        Ok(())
    }

    async fn write_renewals(&self, transaction: &mut Transaction) -> Result<(), WriteError> {
        let generation = self.generation;
        let links = "INSERT INTO certificate_links (issuer_key_id, serial, generation, old_issuer_key_id, old_serial)";
        insert(transaction, links, 5, &self.renewals, |query, row| {
            let (new, old) = (row.new.clone(), row.old.clone());
            query
                .bind(new.issuer_key_id)
                .bind(new.serial)
                .bind(generation)
                .bind(old.issuer_key_id)
                .bind(old.serial)
        })
        .await?;
        Ok(())
    }

    fn qualification_rows(&self) -> Result<Vec<(&String, i64, String)>, WriteError> {
        let mut rows = Vec::new();
        for row in &self.persons {
            for (ordinal, one) in (0_i64..).zip(&row.qualifications) {
                let body = serde_json::to_string(one).map_err(|_| StoreError::Damaged("body"))?;
                rows.push((&row.person, ordinal, body));
            }
        }
        Ok(rows)
    }

    async fn sign_of_life(&self, transaction: &mut Transaction) -> Result<(), WriteError> {
        let done =
            sqlx::query("UPDATE registry_state SET writing_since = $3 WHERE writing = $1 AND writer = $2")
                .bind(self.generation)
                .bind(&self.token)
                .bind(time(self.clock.now())?)
                .execute(&mut **transaction)
                .await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(WriteError::Lost) }
    }

    /// Takes those rows out of the batch that contradict earlier rows, in it or in the database.
    async fn take_duplicates(&mut self) -> Result<Vec<Duplicate>, WriteError> {
        let mut reader = self.store.read().await?;
        let generation = self.generation;
        let mut duplicates = Vec::new();
        let (mut names, mut keys) = (HashSet::new(), HashSet::new());
        let mut persons = Vec::with_capacity(self.persons.len());
        for row in std::mem::take(&mut self.persons) {
            let line = row.line;
            if !names.insert(row.person.clone())
                || visible::has_person(&mut reader, &row.person, generation).await?
            {
                duplicates.push(Duplicate { line, what: DuplicateKind::Person });
                continue;
            }
            let mut taken = false;
            for key in &row.certificates {
                taken |= keys.contains(key) || visible::has_certificate(&mut reader, key, generation).await?;
            }
            if taken {
                duplicates.push(Duplicate { line, what: DuplicateKind::Certificate });
                continue;
            }
            keys.extend(row.certificates.iter().cloned());
            persons.push(row);
        }
        self.persons = persons;
        let mut successors: HashSet<CertificateKey> = HashSet::new();
        let mut renewals = Vec::with_capacity(self.renewals.len());
        for row in std::mem::take(&mut self.renewals) {
            if !successors.insert(row.new.clone())
                || visible::has_renewal(&mut reader, &row.new, generation).await?
            {
                duplicates.push(Duplicate { line: row.line, what: DuplicateKind::Successor });
            } else {
                renewals.push(row);
            }
        }
        self.renewals = renewals;
        Ok(duplicates)
    }
}
