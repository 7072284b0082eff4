-- A copy of version 1 looked for the end of each certificate in an index.

CREATE TABLE ends (
    issuer    TEXT NOT NULL,
    shard     INTEGER NOT NULL,
    not_after INTEGER NOT NULL,
    PRIMARY KEY (issuer, shard)
) STRICT, WITHOUT ROWID;
INSERT INTO ends (issuer, shard, not_after)
    SELECT issuer, COALESCE(shard, -1), MAX(not_after) FROM certificates GROUP BY 1, 2;
DROP INDEX certificates_end;

PRAGMA user_version = 2;
