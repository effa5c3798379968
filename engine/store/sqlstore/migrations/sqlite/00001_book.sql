-- +goose Up

-- Times are microseconds since 1970 UTC, amounts millionths of the currency's unit.
-- The checks keep the book's equation whatever a program does.
CREATE TABLE lots (
    id           TEXT    NOT NULL PRIMARY KEY,
    provider     TEXT    NOT NULL,
    open         INTEGER NOT NULL,
    bought_at    INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL, -- 0: never
    note         TEXT    NOT NULL,
    currency     TEXT    NOT NULL,
    total_micros INTEGER NOT NULL,
    units        INTEGER NOT NULL,
    available    INTEGER NOT NULL CHECK (available >= 0),
    held         INTEGER NOT NULL CHECK (held >= 0),
    posted       INTEGER NOT NULL CHECK (posted >= 0),
    unknown      INTEGER NOT NULL CHECK (unknown >= 0),
    written_off  INTEGER NOT NULL CHECK (written_off >= 0),
    CHECK (units = available + held + posted + unknown + written_off)
) WITHOUT ROWID;
CREATE INDEX lots_by_provider ON lots (provider);

CREATE TABLE holds (
    attempt      TEXT    NOT NULL PRIMARY KEY,
    verification TEXT    NOT NULL,
    provider     TEXT    NOT NULL,
    check_name   TEXT    NOT NULL,
    tenant       TEXT    NOT NULL,
    app          TEXT    NOT NULL,
    purpose      TEXT    NOT NULL,
    lot          TEXT    NOT NULL REFERENCES lots (id),
    open         INTEGER NOT NULL,
    price_micros INTEGER NOT NULL,
    currency     TEXT    NOT NULL,
    at           INTEGER NOT NULL,
    month        INTEGER NOT NULL, -- 202611, in China
    deadline     INTEGER NOT NULL,
    state        TEXT    NOT NULL CHECK (state IN ('held', 'posted', 'voided', 'unknown')),
    changed_at   INTEGER NOT NULL,
    why          TEXT    NOT NULL,
    told         INTEGER NOT NULL,
    failed       INTEGER NOT NULL,
    ending       TEXT    NOT NULL, -- the verdict, or the failure
    origin       TEXT    NOT NULL,
    sent         TEXT    NOT NULL,
    charge       TEXT    NOT NULL,
    vendor_code  TEXT    NOT NULL,
    vendor_ref   TEXT    NOT NULL,
    duration_ns  INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX holds_by_time ON holds (at, attempt);
CREATE INDEX holds_by_verification ON holds (verification);
CREATE INDEX holds_waiting ON holds (at, attempt) WHERE state IN ('held', 'unknown');

CREATE TABLE entries (
    seq           INTEGER PRIMARY KEY,
    at            INTEGER NOT NULL,
    lot           TEXT    NOT NULL REFERENCES lots (id),
    hold          TEXT    NOT NULL, -- the attempt, '' if none
    from_account  TEXT    NOT NULL,
    to_account    TEXT    NOT NULL,
    units         INTEGER NOT NULL CHECK (units > 0),
    amount_micros INTEGER NOT NULL,
    currency      TEXT    NOT NULL,
    why           TEXT    NOT NULL
);
CREATE INDEX entries_by_time ON entries (at);

-- The subject in data is masked.
CREATE TABLE verifications (
    tenant     TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    check_name TEXT    NOT NULL,
    verdict    TEXT    NOT NULL,
    reason     TEXT    NOT NULL,
    data       TEXT    NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE TABLE claims (
    tenant          TEXT    NOT NULL,
    idempotency_key TEXT    NOT NULL,
    fingerprint     BLOB    NOT NULL,
    verification    TEXT    NOT NULL,
    deadline        INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    done            INTEGER NOT NULL,
    PRIMARY KEY (tenant, idempotency_key)
) WITHOUT ROWID;
CREATE INDEX claims_running ON claims (deadline) WHERE done = 0;
CREATE INDEX claims_ended ON claims (expires_at) WHERE done = 1;

-- A line that is written to find out whether anything can be.
CREATE TABLE probes (
    id     INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    filler TEXT    NOT NULL
);
