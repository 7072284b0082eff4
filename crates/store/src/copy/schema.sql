-- A follower's copy of the status feed: each thing once, by its last entry.

-- The epoch is that of the feed that the numbers belong to.
CREATE TABLE cursor (seq INTEGER NOT NULL, epoch TEXT) STRICT;
INSERT INTO cursor (seq) VALUES (0);

CREATE TABLE issuers (
    name            TEXT PRIMARY KEY,
    kind            TEXT NOT NULL,
    certificate_der BLOB NOT NULL,
    seq             INTEGER NOT NULL
) STRICT;

CREATE TABLE certificates (
    issuer          TEXT NOT NULL,
    serial          BLOB NOT NULL,
    -- Octets in order are numbers in order only where they are equally long.
    serial_length   INTEGER NOT NULL GENERATED ALWAYS AS (length(serial)) VIRTUAL,
    not_after       INTEGER NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('good', 'revoked', 'hold', 'abandoned')),
    -- Since when it is not good; of one that is good again since when it was not.
    at              INTEGER,
    reason          INTEGER,
    invalidity_date INTEGER,
    shard           INTEGER,
    seq             INTEGER NOT NULL,
    PRIMARY KEY (issuer, serial)
) STRICT, WITHOUT ROWID;
CREATE INDEX certificates_not_good ON certificates (issuer, serial_length, serial)
    WHERE state <> 'good';
CREATE INDEX certificates_not_good_shard ON certificates (issuer, shard, serial_length, serial)
    WHERE state <> 'good' AND shard IS NOT NULL;
CREATE INDEX certificates_changed ON certificates (issuer, seq) WHERE at IS NOT NULL;
CREATE INDEX certificates_changed_shard ON certificates (issuer, shard, seq)
    WHERE at IS NOT NULL AND shard IS NOT NULL;

-- When the last certificate ends. Shard -1: of those whose CRL distribution point names the full list.
CREATE TABLE ends (
    issuer    TEXT NOT NULL,
    shard     INTEGER NOT NULL,
    not_after INTEGER NOT NULL,
    PRIMARY KEY (issuer, shard)
) STRICT, WITHOUT ROWID;

-- Without a certificate: the key was retired.
CREATE TABLE responder_certificates (
    issuer          TEXT NOT NULL,
    follower        TEXT NOT NULL,
    spki_hash       BLOB NOT NULL,
    certificate_der BLOB,
    seq             INTEGER NOT NULL,
    PRIMARY KEY (issuer, follower, spki_hash)
) STRICT;

CREATE TABLE crls (
    issuer      TEXT NOT NULL,
    scope       TEXT NOT NULL,
    number      INTEGER NOT NULL,
    base        INTEGER,
    this_update INTEGER NOT NULL,
    next_update INTEGER NOT NULL,
    as_of       INTEGER NOT NULL,
    size        INTEGER NOT NULL,
    sha256      BLOB NOT NULL,
    seq         INTEGER NOT NULL,
    PRIMARY KEY (issuer, scope)
) STRICT;

CREATE TABLE terms (
    issuer TEXT PRIMARY KEY,
    terms  TEXT NOT NULL,
    seq    INTEGER NOT NULL
) STRICT;

CREATE TABLE documents (
    name       TEXT PRIMARY KEY,
    media_type TEXT NOT NULL,
    body       BLOB NOT NULL,
    issuer     TEXT NOT NULL,
    seq        INTEGER NOT NULL
) STRICT;

PRAGMA user_version = 1;
