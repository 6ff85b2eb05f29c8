-- The service's store on SQLite. Octets are BLOB, times are Unix seconds, days are ISO dates.
-- postgres/0001_store.sql is the same store; a test compares both, table by table and column by column.

-- What all devices' settings share; one row.
CREATE TABLE service_settings (
    id INTEGER NOT NULL CONSTRAINT service_settings_key PRIMARY KEY CONSTRAINT service_settings_one CHECK (id = 1),
    -- Rises with every change that every device must learn of (terms, notices, keys, limits).
    settings_version INTEGER NOT NULL,
    minimum_app_version TEXT NOT NULL,
    -- number of the last account id given out
    last_account INTEGER NOT NULL
) STRICT;
INSERT INTO service_settings (id, settings_version, minimum_app_version, last_account) VALUES (1, 1, '0.1.0', 0);

-- 医療機関等
CREATE TABLE institutions (
    code TEXT NOT NULL CONSTRAINT institutions_key PRIMARY KEY,
    name TEXT NOT NULL,
    is_test INTEGER NOT NULL CONSTRAINT institutions_is_test CHECK (is_test IN (0, 1)),
    -- 運用開始日; none: 運用テスト
    live_from TEXT,
    -- 利用終了日: from this day on nothing is answered
    ended_on TEXT,
    visual INTEGER NOT NULL DEFAULT 0 CONSTRAINT institutions_visual CHECK (visual IN (0, 1)),
    history INTEGER NOT NULL DEFAULT 0 CONSTRAINT institutions_history CHECK (history IN (0, 1)),
    idle_lock_seconds INTEGER NOT NULL DEFAULT 300,
    settings_version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    CONSTRAINT institutions_test_never_live CHECK (is_test = 0 OR live_from IS NULL)
) STRICT;

CREATE TABLE staff (
    institution TEXT NOT NULL CONSTRAINT staff_institution REFERENCES institutions (code),
    name TEXT NOT NULL,
    CONSTRAINT staff_key PRIMARY KEY (institution, name)
) STRICT;

-- 資格確認アカウント: 発行済 → 登録済 → 停止 ⇄ 登録済 → 失効
CREATE TABLE accounts (
    id TEXT NOT NULL CONSTRAINT accounts_key PRIMARY KEY,
    institution TEXT NOT NULL CONSTRAINT accounts_institution REFERENCES institutions (code),
    name TEXT NOT NULL DEFAULT '',
    place TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL
        CONSTRAINT accounts_state CHECK (state IN ('issued', 'registered', 'suspended', 'revoked')),
    issued_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX accounts_by_institution ON accounts (institution);

-- The one live registration code of an account, sealed (AAD names the account). The row goes when the
-- code is used, expires or is re-issued.
CREATE TABLE registration_codes (
    account TEXT NOT NULL CONSTRAINT registration_codes_key PRIMARY KEY
        CONSTRAINT registration_codes_account REFERENCES accounts (id),
    sealed BLOB NOT NULL,
    issued_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

-- Dead codes, sealed under another purpose so that nothing can show them again: kept until forget_at only so
-- that who holds the right one learns `used` or `expired`, and who guesses learns nothing.
CREATE TABLE spent_codes (
    account TEXT NOT NULL CONSTRAINT spent_codes_account REFERENCES accounts (id),
    spent_at INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    reason TEXT NOT NULL CONSTRAINT spent_codes_reason CHECK (reason IN ('used', 'expired')),
    forget_at INTEGER NOT NULL,
    CONSTRAINT spent_codes_key PRIMARY KEY (account, spent_at)
) STRICT;

-- Devices that registered; at most one is bound to an account at a time.
CREATE TABLE devices (
    id TEXT NOT NULL CONSTRAINT devices_key PRIMARY KEY,
    account TEXT NOT NULL CONSTRAINT devices_account REFERENCES accounts (id),
    name TEXT NOT NULL,
    platform TEXT NOT NULL,
    terms_version INTEGER NOT NULL,
    attestation BLOB,
    registered_at INTEGER NOT NULL,
    -- set when the account was re-issued or revoked: the device is no longer bound
    released_at INTEGER
) STRICT;
CREATE UNIQUE INDEX devices_one_bound ON devices (account) WHERE released_at IS NULL;

-- Public keys of devices; keyid = SHA-256 of the SPKI. A rotation adds `next`; the first request by it makes it
-- `current` and the old one `retired`.
CREATE TABLE device_keys (
    keyid BLOB NOT NULL CONSTRAINT device_keys_key PRIMARY KEY,
    device TEXT NOT NULL CONSTRAINT device_keys_device REFERENCES devices (id),
    spki BLOB NOT NULL,
    state TEXT NOT NULL CONSTRAINT device_keys_state CHECK (state IN ('current', 'next', 'retired')),
    added_at INTEGER NOT NULL,
    retired_at INTEGER
) STRICT;
CREATE UNIQUE INDEX device_keys_one_current ON device_keys (device) WHERE state = 'current';
CREATE UNIQUE INDEX device_keys_one_next ON device_keys (device) WHERE state = 'next';

CREATE TABLE challenges (
    id BLOB NOT NULL CONSTRAINT challenges_key PRIMARY KEY,
    keyid BLOB NOT NULL CONSTRAINT challenges_device_key REFERENCES device_keys (keyid),
    nonce BLOB NOT NULL,
    issued_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    state TEXT NOT NULL
        CONSTRAINT challenges_state CHECK (state IN ('open', 'retired', 'claimed', 'named', 'used')),
    -- named: SHA-256 of what the first step of a visual check carried, and of that and the name it was answered with
    named_for BLOB,
    named_with BLOB,
    CONSTRAINT challenges_named CHECK (state <> 'named' OR (named_for IS NOT NULL AND named_with IS NOT NULL))
) STRICT;
CREATE INDEX challenges_by_device_key ON challenges (keyid, state, issued_at);
CREATE INDEX challenges_by_end ON challenges (expires_at);

-- Final outcomes, one per operation. The sealed body goes at erase_at, the row at forget_at.
CREATE TABLE outcomes (
    keyid BLOB NOT NULL,
    idempotency_key BLOB NOT NULL,
    path TEXT NOT NULL,
    request_sha256 BLOB NOT NULL,
    challenge BLOB CONSTRAINT outcomes_challenge UNIQUE,
    status INTEGER NOT NULL,
    code TEXT NOT NULL,
    content_type TEXT NOT NULL,
    answer_sha256 BLOB NOT NULL,
    answer_sealed BLOB,
    stored_at INTEGER NOT NULL,
    erase_at INTEGER NOT NULL,
    forget_at INTEGER NOT NULL,
    CONSTRAINT outcomes_key PRIMARY KEY (keyid, idempotency_key)
) STRICT;
CREATE INDEX outcomes_by_erasure ON outcomes (erase_at) WHERE answer_sealed IS NOT NULL;
CREATE INDEX outcomes_by_end ON outcomes (forget_at);

-- A remote source is, or was, asked in the name of this challenge; a retry of the same operation resumes it. An open
-- claim that nobody resumes within a day is deleted, an answered one is forgotten with its outcome.
CREATE TABLE claims (
    id BLOB NOT NULL CONSTRAINT claims_key PRIMARY KEY,
    challenge BLOB NOT NULL CONSTRAINT claims_challenge UNIQUE,
    keyid BLOB NOT NULL,
    idempotency_key BLOB NOT NULL,
    request_sha256 BLOB NOT NULL,
    -- pin or visual, as in the audit
    mode TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    answered_at INTEGER,
    CONSTRAINT claims_operation UNIQUE (keyid, idempotency_key)
) STRICT;
CREATE INDEX claims_by_asking ON claims (asked_at) WHERE answered_at IS NULL;
CREATE INDEX claims_by_answer ON claims (answered_at);

-- Append-only, one hash chain per node. The text fields are empty, the octets empty, where a row has none.
CREATE TABLE audit (
    node TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    at INTEGER NOT NULL,
    device TEXT NOT NULL,
    institution TEXT NOT NULL,
    staff TEXT NOT NULL,
    mode TEXT NOT NULL,
    challenge BLOB NOT NULL,
    outcome TEXT NOT NULL,
    certificate_hash BLOB NOT NULL,
    request_sha256 BLOB NOT NULL,
    answer_sha256 BLOB NOT NULL,
    -- live, trial (運用テスト) or none
    phase TEXT NOT NULL,
    hash BLOB NOT NULL,
    CONSTRAINT audit_key PRIMARY KEY (node, sequence)
) STRICT;
CREATE INDEX audit_by_institution ON audit (institution, at);
CREATE TRIGGER audit_is_never_updated BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'audit_append_only'); END;
CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'audit_append_only'); END;

-- The end of each chain: its row lock orders the writers. Verification does not trust it.
CREATE TABLE audit_heads (
    node TEXT NOT NULL CONSTRAINT audit_heads_key PRIMARY KEY,
    sequence INTEGER NOT NULL,
    hash BLOB NOT NULL
) STRICT;

-- Checkpoints that left the machine, as signed.
CREATE TABLE checkpoints (
    sha256 BLOB NOT NULL CONSTRAINT checkpoints_key PRIMARY KEY,
    at INTEGER NOT NULL,
    signed TEXT NOT NULL
) STRICT;
CREATE TRIGGER checkpoints_are_never_updated BEFORE UPDATE ON checkpoints
    BEGIN SELECT RAISE(ABORT, 'audit_append_only'); END;
CREATE TRIGGER checkpoints_are_never_deleted BEFORE DELETE ON checkpoints
    BEGIN SELECT RAISE(ABORT, 'audit_append_only'); END;

-- The registry in generations: rows above `current` are an import under way, rows that a newer visible
-- generation covers or that lie below `base` await the sweep. An import is switched on by one UPDATE.
CREATE TABLE registry_state (
    id INTEGER NOT NULL CONSTRAINT registry_state_key PRIMARY KEY CONSTRAINT registry_state_one CHECK (id = 1),
    base INTEGER NOT NULL,
    current INTEGER NOT NULL,
    -- the import that may write, if any
    writing INTEGER,
    writer TEXT,
    writing_since INTEGER
) STRICT;
INSERT INTO registry_state (id, base, current) VALUES (1, 1, 1);

CREATE TABLE persons (
    person TEXT NOT NULL,
    generation INTEGER NOT NULL,
    -- 健康保険証利用登録
    enrolled INTEGER NOT NULL CONSTRAINT persons_enrolled CHECK (enrolled IN (0, 1)),
    CONSTRAINT persons_key PRIMARY KEY (person, generation)
) STRICT, WITHOUT ROWID;

CREATE TABLE certificates (
    issuer_key_id BLOB NOT NULL,
    serial BLOB NOT NULL,
    generation INTEGER NOT NULL,
    person TEXT NOT NULL,
    CONSTRAINT certificates_key PRIMARY KEY (issuer_key_id, serial, generation)
) STRICT, WITHOUT ROWID;

CREATE TABLE qualifications (
    person TEXT NOT NULL,
    generation INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    -- one qualification as the answer's JSON has it
    body TEXT NOT NULL,
    CONSTRAINT qualifications_key PRIMARY KEY (person, generation, ordinal)
) STRICT, WITHOUT ROWID;

-- Renewals: the certificate (issuer, serial) is the successor of the old one. They outlive a `replace`.
CREATE TABLE certificate_links (
    issuer_key_id BLOB NOT NULL,
    serial BLOB NOT NULL,
    generation INTEGER NOT NULL,
    old_issuer_key_id BLOB NOT NULL,
    old_serial BLOB NOT NULL,
    CONSTRAINT certificate_links_key PRIMARY KEY (issuer_key_id, serial, generation)
) STRICT, WITHOUT ROWID;

-- One CRL per issuer and partition (DirectoryName of the distribution point, DER).
CREATE TABLE crls (
    issuer_key_id BLOB NOT NULL,
    partition BLOB NOT NULL,
    sha256 BLOB NOT NULL,
    der BLOB NOT NULL,
    this_update INTEGER NOT NULL,
    next_update INTEGER NOT NULL,
    loaded_at INTEGER NOT NULL,
    CONSTRAINT crls_key PRIMARY KEY (issuer_key_id, partition)
) STRICT;

-- Test anchors: roots (DER) and keys of the card face (281 octets); they speak for test institutions only.
CREATE TABLE anchors (
    sha256 BLOB NOT NULL CONSTRAINT anchors_key PRIMARY KEY,
    der BLOB NOT NULL,
    added_at INTEGER NOT NULL
) STRICT;

-- 利用規約; the highest version counts.
CREATE TABLE terms (
    version INTEGER NOT NULL CONSTRAINT terms_key PRIMARY KEY,
    sha256 BLOB NOT NULL,
    body TEXT NOT NULL,
    published_at INTEGER NOT NULL
) STRICT;

CREATE TABLE notices (
    id TEXT NOT NULL CONSTRAINT notices_key PRIMARY KEY,
    -- none: for all
    institution TEXT CONSTRAINT notices_institution REFERENCES institutions (code),
    body TEXT NOT NULL,
    starts_at INTEGER NOT NULL,
    ends_at INTEGER
) STRICT;

-- What is to be mailed.
CREATE TABLE outbox (
    id TEXT NOT NULL CONSTRAINT outbox_key PRIMARY KEY,
    institution TEXT NOT NULL CONSTRAINT outbox_institution REFERENCES institutions (code),
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    sent_at INTEGER
) STRICT;
CREATE INDEX outbox_by_time ON outbox (created_at);
