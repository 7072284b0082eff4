-- Times are microseconds since 1970-01-01T00:00:00Z. Serial numbers are their magnitude octets.

CREATE TABLE issuers (
    name            TEXT PRIMARY KEY,
    kind            TEXT NOT NULL CHECK (kind IN ('issuing', 'root', 'management')),
    parent          TEXT REFERENCES issuers (name),
    certificate_der BYTEA NOT NULL,
    spki_hash       BYTEA NOT NULL,
    not_after       BIGINT NOT NULL,
    registered_at   BIGINT NOT NULL,
    policy_digest   BYTEA,
    -- Since when its key signs no more: a signature of it did not verify.
    halted_at       BIGINT,
    -- Since when it issues no more certificates.
    retired_at      BIGINT
);
CREATE INDEX issuers_key ON issuers (spki_hash);

CREATE TABLE policies (
    issuer       TEXT NOT NULL REFERENCES issuers (name),
    digest       BYTEA NOT NULL,
    version      TEXT NOT NULL,
    text         TEXT NOT NULL,
    activated_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, digest)
);
CREATE INDEX policies_digest ON policies (digest);

CREATE TABLE peers (
    name              TEXT PRIMARY KEY,
    role              TEXT NOT NULL,
    status            TEXT NOT NULL,
    valid_from        BIGINT NOT NULL,
    valid_to          BIGINT,
    agreement_ref     TEXT,
    profiles          TEXT NOT NULL,
    subject_kinds     TEXT NOT NULL,
    daily_quota       BIGINT,
    max_validity_days BIGINT,
    registered_at     BIGINT NOT NULL
);

CREATE TABLE peer_certificates (
    fingerprint BYTEA PRIMARY KEY,
    peer        TEXT NOT NULL REFERENCES peers (name),
    not_after   BIGINT NOT NULL,
    added_at    BIGINT NOT NULL,
    retired_at  BIGINT
);
CREATE INDEX peer_certificates_peer ON peer_certificates (peer);

CREATE TABLE requests (
    request_id      BYTEA PRIMARY KEY,
    ra              TEXT REFERENCES peers (name),
    idempotency_key TEXT,
    operation       TEXT NOT NULL,
    body_digest     BYTEA NOT NULL,
    order_id        TEXT,
    serial          BYTEA NOT NULL,
    received_at     BIGINT NOT NULL
);
CREATE UNIQUE INDEX requests_idempotency ON requests (ra, idempotency_key)
    WHERE idempotency_key IS NOT NULL;

-- The only table with personal data (beside the certificates themselves).
CREATE TABLE statements (
    request_id  BYTEA PRIMARY KEY REFERENCES requests (request_id),
    statement   TEXT NOT NULL,
    recorded_at BIGINT NOT NULL
);

CREATE TABLE certificates (
    serial           BYTEA PRIMARY KEY,
    issuer           TEXT NOT NULL REFERENCES issuers (name),
    request_id       BYTEA NOT NULL REFERENCES requests (request_id),
    ra               TEXT,
    order_id         TEXT,
    subscriber_hash  BYTEA,
    profile          TEXT NOT NULL,
    state            TEXT NOT NULL
                     CHECK (state IN ('signing', 'issued', 'on-hold', 'revoked', 'abandoned')),
    not_before       BIGINT NOT NULL,
    not_after        BIGINT NOT NULL,
    spki_hash        BYTEA NOT NULL,
    subject_hash     BYTEA NOT NULL,
    binding          TEXT,
    predecessor      BYTEA,
    policy_digest    BYTEA NOT NULL,
    -- What is going to be signed: as bytes until the certificate holds them, as a digest for ever.
    tbs_der          BYTEA,
    tbs_digest       BYTEA NOT NULL,
    certificate_der  BYTEA,
    recorded_at      BIGINT NOT NULL,
    issued_at        BIGINT,
    accepted_at      BIGINT,
    acceptance       TEXT,
    reason           BIGINT,
    ground           TEXT,
    requested_at     BIGINT,
    -- When it was decided, and by which request. One who decides alone does so at once.
    approved_at      BIGINT,
    change_request   BYTEA,
    effective_at     BIGINT,
    invalidity_date  BIGINT,
    -- The shard that its CRL distribution point names; none for the full list.
    shard            BIGINT,
    -- When its status last changed after issuance; a release counts too.
    changed_at       BIGINT,
    -- Stands on the next full CRL.
    on_crl           BOOLEAN NOT NULL DEFAULT FALSE,
    -- Sequence number of the last feed entry about it.
    feed_seq         BIGINT NOT NULL DEFAULT 0,
    CHECK (state NOT IN ('issued', 'on-hold', 'revoked')
           OR (certificate_der IS NOT NULL AND issued_at IS NOT NULL)),
    CHECK (state NOT IN ('on-hold', 'revoked', 'abandoned')
           OR (reason IS NOT NULL AND effective_at IS NOT NULL))
);
CREATE INDEX certificates_order ON certificates (order_id, serial) WHERE order_id IS NOT NULL;
CREATE INDEX certificates_subscriber ON certificates (subscriber_hash, serial)
    WHERE subscriber_hash IS NOT NULL;
CREATE INDEX certificates_expiry ON certificates (not_after, serial);
CREATE INDEX certificates_ra_expiry ON certificates (ra, not_after, serial);
CREATE INDEX certificates_state ON certificates (state, serial) WHERE state <> 'issued';
-- With all that a list shows: to read it from the rows would take a page of the file for each entry.
CREATE INDEX certificates_on_crl ON certificates (issuer, serial)
    INCLUDE (state, effective_at, reason, invalidity_date, changed_at) WHERE on_crl;
CREATE INDEX certificates_on_shard ON certificates (issuer, shard, serial)
    INCLUDE (state, effective_at, reason, invalidity_date, changed_at) WHERE on_crl;
CREATE INDEX certificates_shard_expiry ON certificates (issuer, shard, not_after)
    WHERE shard IS NOT NULL;
CREATE INDEX certificates_key ON certificates (spki_hash, serial);
CREATE INDEX certificates_changed ON certificates (issuer, feed_seq)
    WHERE changed_at IS NOT NULL;
CREATE INDEX certificates_on_crl_expiry ON certificates (issuer, not_after) WHERE on_crl;

CREATE TABLE blocked_keys (
    spki_hash  BYTEA PRIMARY KEY,
    reason     TEXT NOT NULL,
    blocked_at BIGINT NOT NULL
);

-- The certificate in force, if any, for what it stands for one to one.
CREATE TABLE bindings (
    binding TEXT NOT NULL,
    profile TEXT NOT NULL,
    serial  BYTEA NOT NULL,
    until   BIGINT NOT NULL,
    PRIMARY KEY (binding, profile)
);

CREATE TABLE quotas (
    ra   TEXT NOT NULL,
    day  BIGINT NOT NULL,
    used BIGINT NOT NULL,
    PRIMARY KEY (ra, day)
);

CREATE TABLE crl_numbers (
    issuer TEXT NOT NULL REFERENCES issuers (name),
    scope  TEXT NOT NULL,
    last   BIGINT NOT NULL,
    PRIMARY KEY (issuer, scope)
);

CREATE TABLE crls (
    issuer      TEXT NOT NULL REFERENCES issuers (name),
    scope       TEXT NOT NULL,
    number      BIGINT NOT NULL,
    this_update BIGINT NOT NULL,
    next_update BIGINT NOT NULL,
    -- The complete list that a delta adds to.
    base        BIGINT,
    as_of       BIGINT NOT NULL,
    size        BIGINT NOT NULL,
    sha256      BYTEA NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, scope, number)
);

-- The octets of lists, kept while somebody may ask for them; written before the list is recorded.
CREATE TABLE crl_octets (
    issuer TEXT NOT NULL REFERENCES issuers (name),
    scope  TEXT NOT NULL,
    number BIGINT NOT NULL,
    part   BIGINT NOT NULL,
    octets BYTEA NOT NULL,
    PRIMARY KEY (issuer, scope, number, part)
);

-- The last list of each issuer and scope.
CREATE TABLE crl_scopes (
    issuer TEXT NOT NULL REFERENCES issuers (name),
    scope  TEXT NOT NULL,
    last   BIGINT NOT NULL,
    PRIMARY KEY (issuer, scope)
);

CREATE INDEX crls_as_of ON crls (issuer, scope, as_of, number);

CREATE TABLE crl_acknowledgements (
    issuer   TEXT NOT NULL,
    scope    TEXT NOT NULL,
    number   BIGINT NOT NULL,
    follower TEXT NOT NULL REFERENCES peers (name),
    at       BIGINT NOT NULL,
    PRIMARY KEY (issuer, scope, number, follower)
);

CREATE TABLE responder_keys (
    follower      TEXT NOT NULL REFERENCES peers (name),
    issuer        TEXT NOT NULL REFERENCES issuers (name),
    spki_hash     BYTEA NOT NULL,
    spki_der      BYTEA NOT NULL,
    registered_at BIGINT NOT NULL,
    PRIMARY KEY (follower, issuer, spki_hash)
);
CREATE INDEX responder_keys_issuer ON responder_keys (issuer);

CREATE TABLE responder_certificates (
    issuer          TEXT NOT NULL REFERENCES issuers (name),
    follower        TEXT NOT NULL REFERENCES peers (name),
    spki_hash       BYTEA NOT NULL,
    serial          BYTEA NOT NULL,
    not_after       BIGINT NOT NULL,
    certificate_der BYTEA NOT NULL,
    PRIMARY KEY (issuer, follower, spki_hash)
);

-- The status feed, in commit order. A row is the latest as long as no other says more about the
-- same thing; the latest rows together are the snapshot.
CREATE TABLE feed (
    seq    BIGINT PRIMARY KEY,
    at     BIGINT NOT NULL,
    latest BOOLEAN NOT NULL,
    event  TEXT NOT NULL
);
CREATE INDEX feed_latest ON feed (seq) WHERE latest;

-- Which feed this is. A copy of the database has none until `ca-daemon restored` gives it one of its
-- own, since its numbers will mean other things than those that followers know.
CREATE TABLE feed_epoch (
    one   BIGINT PRIMARY KEY CHECK (one = 1),
    epoch TEXT NOT NULL
);
INSERT INTO feed_epoch (one, epoch) VALUES (1, replace(gen_random_uuid()::text, '-', ''));

-- The latest row about each thing that is not a certificate.
CREATE TABLE feed_topics (
    topic TEXT PRIMARY KEY,
    seq   BIGINT NOT NULL
);

CREATE TABLE acknowledgements (
    follower TEXT NOT NULL REFERENCES peers (name),
    seq      BIGINT NOT NULL,
    at       BIGINT NOT NULL,
    PRIMARY KEY (follower, seq)
);

CREATE TABLE audit_log (
    seq    BIGINT PRIMARY KEY,
    at     BIGINT NOT NULL,
    kind   TEXT NOT NULL,
    actor  TEXT NOT NULL,
    serial BYTEA,
    event  TEXT NOT NULL,
    chain  BYTEA NOT NULL
);
CREATE INDEX audit_log_at ON audit_log (at);
CREATE INDEX audit_log_kind ON audit_log (kind, seq);
CREATE INDEX audit_log_actor ON audit_log (actor, seq);
CREATE INDEX audit_log_serial ON audit_log (serial, seq) WHERE serial IS NOT NULL;

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END
$$;
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER feed_append_only BEFORE DELETE OR TRUNCATE OR UPDATE OF seq, at, event ON feed
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
