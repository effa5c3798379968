-- +goose Up

-- What operators did. mac is the keyed hash of the record and of the one before it. Records are
-- never changed or deleted.
CREATE TABLE audit_records (
    seq       BIGINT NOT NULL PRIMARY KEY,
    at        BIGINT NOT NULL,
    tenant    TEXT NOT NULL,
    principal TEXT NOT NULL,
    kind      TEXT NOT NULL,
    target    TEXT NOT NULL,
    reason    TEXT NOT NULL,
    mac       TEXT NOT NULL
);
CREATE INDEX audit_records_of_tenant ON audit_records (tenant, seq);

-- The end of the audit log: one row, and none before the first record. proof is a keyed hash.
CREATE TABLE audit_head (
    id    BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    seq   BIGINT NOT NULL,
    mac   TEXT NOT NULL,
    proof TEXT NOT NULL
);

-- The last order of an operator for each provider: drain, close or resume.
CREATE TABLE provider_orders (
    provider  TEXT NOT NULL PRIMARY KEY,
    kind      TEXT NOT NULL,
    reason    TEXT NOT NULL,
    principal TEXT NOT NULL,
    at        BIGINT NOT NULL,
    until_at  BIGINT NOT NULL
);

-- The time whose calls a restored database does not know. While there is a row, no unit is held.
CREATE TABLE restore_gap (
    id      BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    from_at BIGINT NOT NULL,
    to_at   BIGINT NOT NULL
);
