-- Times are microseconds since 1970-01-01T00:00:00Z. Serial numbers are their magnitude octets.

CREATE TABLE issuers (
    name            TEXT PRIMARY KEY,
    kind            TEXT NOT NULL CHECK (kind IN ('issuing', 'root', 'management')),
    parent          TEXT REFERENCES issuers (name),
    certificate_der BLOB NOT NULL,
    spki_hash       BLOB NOT NULL,
    not_after       INTEGER NOT NULL,
    registered_at   INTEGER NOT NULL,
    policy_digest   BLOB,
    -- Since when its key signs no more: a signature of it did not verify.
    halted_at       INTEGER,
    -- Since when it issues no more certificates.
    retired_at      INTEGER
) STRICT;
CREATE INDEX issuers_key ON issuers (spki_hash);

CREATE TABLE policies (
    issuer       TEXT NOT NULL REFERENCES issuers (name),
    digest       BLOB NOT NULL,
    version      TEXT NOT NULL,
    text         TEXT NOT NULL,
    activated_at INTEGER NOT NULL,
    PRIMARY KEY (issuer, digest)
) STRICT;
CREATE INDEX policies_digest ON policies (digest);

CREATE TABLE peers (
    name              TEXT PRIMARY KEY,
    role              TEXT NOT NULL,
    status            TEXT NOT NULL,
    valid_from        INTEGER NOT NULL,
    valid_to          INTEGER,
    agreement_ref     TEXT,
    profiles          TEXT NOT NULL,
    subject_kinds     TEXT NOT NULL,
    daily_quota       INTEGER,
    max_validity_days INTEGER,
    registered_at     INTEGER NOT NULL
) STRICT;

CREATE TABLE peer_certificates (
    fingerprint BLOB PRIMARY KEY,
    peer        TEXT NOT NULL REFERENCES peers (name),
    not_after   INTEGER NOT NULL,
    added_at    INTEGER NOT NULL,
    retired_at  INTEGER
) STRICT;
CREATE INDEX peer_certificates_peer ON peer_certificates (peer);

CREATE TABLE requests (
    request_id      BLOB PRIMARY KEY,
    ra              TEXT REFERENCES peers (name),
    idempotency_key TEXT,
    operation       TEXT NOT NULL,
    body_digest     BLOB NOT NULL,
    order_id        TEXT,
    serial          BLOB NOT NULL,
    received_at     INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX requests_idempotency ON requests (ra, idempotency_key)
    WHERE idempotency_key IS NOT NULL;

-- The only table with personal data (beside the certificates themselves).
CREATE TABLE statements (
    request_id  BLOB PRIMARY KEY REFERENCES requests (request_id),
    statement   TEXT NOT NULL,
    recorded_at INTEGER NOT NULL
) STRICT;

CREATE TABLE certificates (
    serial           BLOB PRIMARY KEY,
    issuer           TEXT NOT NULL REFERENCES issuers (name),
    request_id       BLOB NOT NULL REFERENCES requests (request_id),
    ra               TEXT,
    order_id         TEXT,
    subscriber_hash  BLOB,
    profile          TEXT NOT NULL,
    state            TEXT NOT NULL
                     CHECK (state IN ('signing', 'issued', 'on-hold', 'revoked', 'abandoned')),
    not_before       INTEGER NOT NULL,
    not_after        INTEGER NOT NULL,
    spki_hash        BLOB NOT NULL,
    subject_hash     BLOB NOT NULL,
    binding          TEXT,
    predecessor      BLOB,
    policy_digest    BLOB NOT NULL,
    -- What is going to be signed: as bytes until the certificate holds them, as a digest for ever.
    tbs_der          BLOB,
    tbs_digest       BLOB NOT NULL,
    certificate_der  BLOB,
    recorded_at      INTEGER NOT NULL,
    issued_at        INTEGER,
    accepted_at      INTEGER,
    acceptance       TEXT,
    reason           INTEGER,
    ground           TEXT,
    requested_at     INTEGER,
    -- When it was decided, and by which request. One who decides alone does so at once.
    approved_at      INTEGER,
    change_request   BLOB,
    effective_at     INTEGER,
    invalidity_date  INTEGER,
    -- The shard that its CRL distribution point names; none for the full list.
    shard            INTEGER,
    -- When its status last changed after issuance; a release counts too.
    changed_at       INTEGER,
    -- Stands on the next full CRL.
    on_crl           INTEGER NOT NULL DEFAULT 0,
    -- Sequence number of the last feed entry about it.
    feed_seq         INTEGER NOT NULL DEFAULT 0,
    CHECK (state NOT IN ('issued', 'on-hold', 'revoked')
           OR (certificate_der IS NOT NULL AND issued_at IS NOT NULL)),
    CHECK (state NOT IN ('on-hold', 'revoked', 'abandoned')
           OR (reason IS NOT NULL AND effective_at IS NOT NULL))
) STRICT;
CREATE INDEX certificates_order ON certificates (order_id, serial) WHERE order_id IS NOT NULL;
CREATE INDEX certificates_subscriber ON certificates (subscriber_hash, serial)
    WHERE subscriber_hash IS NOT NULL;
CREATE INDEX certificates_expiry ON certificates (not_after, serial);
CREATE INDEX certificates_ra_expiry ON certificates (ra, not_after, serial);
CREATE INDEX certificates_state ON certificates (state, serial) WHERE state <> 'issued';
-- With all that a list shows: to read it from the rows would take a page of the file for each entry.
CREATE INDEX certificates_on_crl ON certificates (issuer, serial, state, effective_at, reason, invalidity_date,
    changed_at, on_crl) WHERE on_crl;
CREATE INDEX certificates_on_shard ON certificates (issuer, shard, serial, state, effective_at, reason,
    invalidity_date, changed_at, on_crl) WHERE on_crl;
CREATE INDEX certificates_shard_expiry ON certificates (issuer, shard, not_after)
    WHERE shard IS NOT NULL;
CREATE INDEX certificates_key ON certificates (spki_hash, serial);
CREATE INDEX certificates_changed ON certificates (issuer, feed_seq)
    WHERE changed_at IS NOT NULL;
CREATE INDEX certificates_on_crl_expiry ON certificates (issuer, not_after) WHERE on_crl;

CREATE TABLE blocked_keys (
    spki_hash  BLOB PRIMARY KEY,
    reason     TEXT NOT NULL,
    blocked_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The certificate in force, if any, for what it stands for one to one.
CREATE TABLE bindings (
    binding TEXT NOT NULL,
    profile TEXT NOT NULL,
    serial  BLOB NOT NULL,
    until   INTEGER NOT NULL,
    PRIMARY KEY (binding, profile)
) STRICT, WITHOUT ROWID;

CREATE TABLE quotas (
    ra   TEXT NOT NULL,
    day  INTEGER NOT NULL,
    used INTEGER NOT NULL,
    PRIMARY KEY (ra, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE crl_numbers (
    issuer TEXT NOT NULL REFERENCES issuers (name),
    scope  TEXT NOT NULL,
    last   INTEGER NOT NULL,
    PRIMARY KEY (issuer, scope)
) STRICT, WITHOUT ROWID;

CREATE TABLE crls (
    issuer      TEXT NOT NULL REFERENCES issuers (name),
    scope       TEXT NOT NULL,
    number      INTEGER NOT NULL,
    this_update INTEGER NOT NULL,
    next_update INTEGER NOT NULL,
    -- The complete list that a delta adds to.
    base        INTEGER,
    as_of       INTEGER NOT NULL,
    size        INTEGER NOT NULL,
    sha256      BLOB NOT NULL,
    recorded_at INTEGER NOT NULL,
    PRIMARY KEY (issuer, scope, number)
) STRICT;

-- The octets of lists, kept while somebody may ask for them; written before the list is recorded.
CREATE TABLE crl_octets (
    issuer TEXT NOT NULL REFERENCES issuers (name),
    scope  TEXT NOT NULL,
    number INTEGER NOT NULL,
    part   INTEGER NOT NULL,
    octets BLOB NOT NULL,
    PRIMARY KEY (issuer, scope, number, part)
) STRICT;

-- The last list of each issuer and scope.
CREATE TABLE crl_scopes (
    issuer TEXT NOT NULL REFERENCES issuers (name),
    scope  TEXT NOT NULL,
    last   INTEGER NOT NULL,
    PRIMARY KEY (issuer, scope)
) STRICT;

CREATE INDEX crls_as_of ON crls (issuer, scope, as_of, number);

CREATE TABLE crl_acknowledgements (
    issuer   TEXT NOT NULL,
    scope    TEXT NOT NULL,
    number   INTEGER NOT NULL,
    follower TEXT NOT NULL REFERENCES peers (name),
    at       INTEGER NOT NULL,
    PRIMARY KEY (issuer, scope, number, follower)
) STRICT, WITHOUT ROWID;

CREATE TABLE responder_keys (
    follower      TEXT NOT NULL REFERENCES peers (name),
    issuer        TEXT NOT NULL REFERENCES issuers (name),
    spki_hash     BLOB NOT NULL,
    spki_der      BLOB NOT NULL,
    registered_at INTEGER NOT NULL,
    PRIMARY KEY (follower, issuer, spki_hash)
) STRICT;
CREATE INDEX responder_keys_issuer ON responder_keys (issuer);

CREATE TABLE responder_certificates (
    issuer          TEXT NOT NULL REFERENCES issuers (name),
    follower        TEXT NOT NULL REFERENCES peers (name),
    spki_hash       BLOB NOT NULL,
    serial          BLOB NOT NULL,
    not_after       INTEGER NOT NULL,
    certificate_der BLOB NOT NULL,
    PRIMARY KEY (issuer, follower, spki_hash)
) STRICT;

-- The status feed, in commit order. A row is the latest as long as no other says more about the
-- same thing; the latest rows together are the snapshot.
CREATE TABLE feed (
    seq    INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    latest INTEGER NOT NULL,
    event  TEXT NOT NULL
) STRICT;
CREATE INDEX feed_latest ON feed (seq) WHERE latest;

-- Which feed this is. A copy of the database has none until `ca-daemon restored` gives it one of its
-- own, since its numbers will mean other things than those that followers know.
CREATE TABLE feed_epoch (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    epoch TEXT NOT NULL
) STRICT;
INSERT INTO feed_epoch (one, epoch) VALUES (1, lower(hex(randomblob(16))));

-- The latest row about each thing that is not a certificate.
CREATE TABLE feed_topics (
    topic TEXT PRIMARY KEY,
    seq   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE acknowledgements (
    follower TEXT NOT NULL REFERENCES peers (name),
    seq      INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    PRIMARY KEY (follower, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_log (
    seq    INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    kind   TEXT NOT NULL,
    actor  TEXT NOT NULL,
    serial BLOB,
    event  TEXT NOT NULL,
    chain  BLOB NOT NULL
) STRICT;
CREATE INDEX audit_log_at ON audit_log (at);
CREATE INDEX audit_log_kind ON audit_log (kind, seq);
CREATE INDEX audit_log_actor ON audit_log (actor, seq);
CREATE INDEX audit_log_serial ON audit_log (serial, seq) WHERE serial IS NOT NULL;

CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log
BEGIN SELECT RAISE(ABORT, 'audit_log is append-only'); END;
CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log
BEGIN SELECT RAISE(ABORT, 'audit_log is append-only'); END;
CREATE TRIGGER feed_no_rewrite BEFORE UPDATE OF seq, at, event ON feed
BEGIN SELECT RAISE(ABORT, 'feed is append-only'); END;
CREATE TRIGGER feed_no_delete BEFORE DELETE ON feed
BEGIN SELECT RAISE(ABORT, 'feed is append-only'); END;
