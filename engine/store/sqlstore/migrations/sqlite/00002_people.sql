-- +goose Up

-- subject is the person's token, '' if there is none or the person was erased.
ALTER TABLE verifications ADD COLUMN subject TEXT NOT NULL DEFAULT '';
CREATE INDEX verifications_by_subject ON verifications (tenant, subject, created_at, id) WHERE subject <> '';
CREATE INDEX verifications_by_time ON verifications (created_at);

-- The columns beside data are what rows are looked for by.
CREATE TABLE consents (
    tenant     TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    subject    TEXT    NOT NULL, -- the person's token, '' after an erasure
    guardian   TEXT    NOT NULL, -- the token of who agrees for a child, or ''
    state      TEXT    NOT NULL,
    drafted_at INTEGER NOT NULL,
    over_at    INTEGER NOT NULL, -- when it is over at the latest, if nothing more happens
    data       TEXT    NOT NULL,
    PRIMARY KEY (tenant, id)
) WITHOUT ROWID;
CREATE INDEX consents_by_subject ON consents (tenant, subject, drafted_at, id) WHERE subject <> '';
CREATE INDEX consents_by_time ON consents (tenant, drafted_at, id);
CREATE INDEX consents_by_guardian ON consents (tenant, guardian) WHERE guardian <> '';
CREATE INDEX consents_over ON consents (over_at);

CREATE TABLE data_keys (
    tenant  TEXT NOT NULL,
    subject TEXT NOT NULL,
    wrapped BLOB NOT NULL,
    PRIMARY KEY (tenant, subject)
) WITHOUT ROWID;

CREATE TABLE erasures (
    tenant        TEXT    NOT NULL,
    id            TEXT    NOT NULL,
    at            INTEGER NOT NULL,
    verifications INTEGER NOT NULL,
    consents      INTEGER NOT NULL,
    keys          INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) WITHOUT ROWID;

-- Whom an erasure took out: the hash of a token, never a token.
CREATE TABLE erased (
    tenant  TEXT NOT NULL,
    mark    BLOB NOT NULL,
    erasure TEXT NOT NULL,
    PRIMARY KEY (tenant, mark, erasure)
) WITHOUT ROWID;

-- The line of a counter whose member is all zeros holds the count; each other line is
-- a member that is counted.
CREATE TABLE counters (
    tenant  TEXT    NOT NULL,
    counter BLOB    NOT NULL,
    member  BLOB    NOT NULL,
    n       INTEGER NOT NULL CHECK (n > 0),
    until   INTEGER NOT NULL,
    PRIMARY KEY (tenant, counter, member)
) WITHOUT ROWID;
CREATE INDEX counters_over ON counters (until);
