-- +goose Up

-- Times are microseconds since 1970 UTC, amounts millionths of the currency's unit.
-- The checks keep the book's equation whatever a program does.
CREATE TABLE lots (
    id           TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    provider     TEXT COLLATE "C" NOT NULL,
    open         BIGINT  NOT NULL,
    bought_at    BIGINT  NOT NULL,
    expires_at   BIGINT  NOT NULL, -- 0: never
    note         TEXT COLLATE "C" NOT NULL,
    currency     TEXT COLLATE "C" NOT NULL,
    total_micros BIGINT  NOT NULL,
    units        BIGINT  NOT NULL,
    available    BIGINT  NOT NULL CHECK (available >= 0),
    held         BIGINT  NOT NULL CHECK (held >= 0),
    posted       BIGINT  NOT NULL CHECK (posted >= 0),
    unknown      BIGINT  NOT NULL CHECK (unknown >= 0),
    written_off  BIGINT  NOT NULL CHECK (written_off >= 0),
    CHECK (units = available + held + posted + unknown + written_off)
);
CREATE INDEX lots_by_provider ON lots (provider);

CREATE TABLE holds (
    attempt      TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    verification TEXT COLLATE "C" NOT NULL,
    provider     TEXT COLLATE "C" NOT NULL,
    check_name   TEXT COLLATE "C" NOT NULL,
    tenant       TEXT COLLATE "C" NOT NULL,
    app          TEXT COLLATE "C" NOT NULL,
    purpose      TEXT COLLATE "C" NOT NULL,
    lot          TEXT COLLATE "C" NOT NULL REFERENCES lots (id),
    open         BIGINT  NOT NULL,
    price_micros BIGINT  NOT NULL,
    currency     TEXT COLLATE "C" NOT NULL,
    at           BIGINT  NOT NULL,
    month        BIGINT  NOT NULL, -- 202611, in China
    deadline     BIGINT  NOT NULL,
    state        TEXT COLLATE "C" NOT NULL CHECK (state IN ('held', 'posted', 'voided', 'unknown')),
    changed_at   BIGINT  NOT NULL,
    why          TEXT COLLATE "C" NOT NULL,
    told         BIGINT  NOT NULL,
    failed       BIGINT  NOT NULL,
    ending       TEXT COLLATE "C" NOT NULL, -- the verdict, or the failure
    origin       TEXT COLLATE "C" NOT NULL,
    sent         TEXT COLLATE "C" NOT NULL,
    charge       TEXT COLLATE "C" NOT NULL,
    vendor_code  TEXT COLLATE "C" NOT NULL,
    vendor_ref   TEXT COLLATE "C" NOT NULL,
    duration_ns  BIGINT  NOT NULL
);
CREATE INDEX holds_by_time ON holds (at, attempt);
CREATE INDEX holds_by_verification ON holds (verification);
CREATE INDEX holds_waiting ON holds (at, attempt) WHERE state IN ('held', 'unknown');

CREATE TABLE entries (
    seq           BIGINT NOT NULL PRIMARY KEY,
    at            BIGINT  NOT NULL,
    lot           TEXT COLLATE "C" NOT NULL REFERENCES lots (id),
    hold          TEXT COLLATE "C" NOT NULL, -- the attempt, '' if none
    from_account  TEXT COLLATE "C" NOT NULL,
    to_account    TEXT COLLATE "C" NOT NULL,
    units         BIGINT  NOT NULL CHECK (units > 0),
    amount_micros BIGINT  NOT NULL,
    currency      TEXT COLLATE "C" NOT NULL,
    why           TEXT COLLATE "C" NOT NULL
);
CREATE INDEX entries_by_time ON entries (at, seq);

-- The subject in data is masked.
CREATE TABLE verifications (
    tenant     TEXT COLLATE "C" NOT NULL,
    id         TEXT COLLATE "C" NOT NULL,
    created_at BIGINT  NOT NULL,
    check_name TEXT COLLATE "C" NOT NULL,
    verdict    TEXT COLLATE "C" NOT NULL,
    reason     TEXT COLLATE "C" NOT NULL,
    data       TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE TABLE claims (
    tenant          TEXT COLLATE "C" NOT NULL,
    idempotency_key TEXT COLLATE "C" NOT NULL,
    fingerprint     BYTEA   NOT NULL,
    verification    TEXT COLLATE "C" NOT NULL,
    deadline        BIGINT  NOT NULL,
    expires_at      BIGINT  NOT NULL,
    done            BIGINT  NOT NULL,
    PRIMARY KEY (tenant, idempotency_key)
);
CREATE INDEX claims_running ON claims (deadline) WHERE done = 0;
CREATE INDEX claims_ended ON claims (expires_at) WHERE done = 1;

-- A line that is written to find out whether anything can be.
CREATE TABLE probes (
    id     BIGINT NOT NULL PRIMARY KEY,
    at     BIGINT  NOT NULL,
    filler TEXT COLLATE "C" NOT NULL
);
