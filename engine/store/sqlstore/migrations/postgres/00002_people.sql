-- +goose Up

-- subject is the person's token, '' if there is none or the person was erased.
ALTER TABLE verifications ADD COLUMN subject TEXT COLLATE "C" NOT NULL DEFAULT '';
CREATE INDEX verifications_by_subject ON verifications (tenant, subject, created_at, id) WHERE subject <> '';
CREATE INDEX verifications_by_time ON verifications (created_at);

-- The columns beside data are what rows are looked for by.
CREATE TABLE consents (
    tenant     TEXT COLLATE "C" NOT NULL,
    id         TEXT COLLATE "C" NOT NULL,
    subject    TEXT COLLATE "C" NOT NULL, -- the person's token, '' after an erasure
    guardian   TEXT COLLATE "C" NOT NULL, -- the token of who agrees for a child, or ''
    state      TEXT COLLATE "C" NOT NULL,
    drafted_at BIGINT NOT NULL,
    over_at    BIGINT NOT NULL, -- when it is over at the latest, if nothing more happens
    data       TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX consents_by_subject ON consents (tenant, subject, drafted_at, id) WHERE subject <> '';
CREATE INDEX consents_by_time ON consents (tenant, drafted_at, id);
CREATE INDEX consents_by_guardian ON consents (tenant, guardian) WHERE guardian <> '';
CREATE INDEX consents_over ON consents (over_at);

CREATE TABLE data_keys (
    tenant  TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    wrapped BYTEA NOT NULL,
    PRIMARY KEY (tenant, subject)
);

CREATE TABLE erasures (
    tenant        TEXT COLLATE "C" NOT NULL,
    id            TEXT COLLATE "C" NOT NULL,
    at            BIGINT NOT NULL,
    verifications BIGINT NOT NULL,
    consents      BIGINT NOT NULL,
    keys          BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);

-- Whom an erasure took out: the hash of a token, never a token.
CREATE TABLE erased (
    tenant  TEXT COLLATE "C" NOT NULL,
    mark    BYTEA NOT NULL,
    erasure TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, mark, erasure)
);

-- The line of a counter whose member is all zeros holds the count; each other line is
-- a member that is counted.
CREATE TABLE counters (
    tenant  TEXT COLLATE "C" NOT NULL,
    counter BYTEA NOT NULL,
    member  BYTEA NOT NULL,
    n       BIGINT NOT NULL CHECK (n > 0),
    until   BIGINT NOT NULL,
    PRIMARY KEY (tenant, counter, member)
);
CREATE INDEX counters_over ON counters (until);
