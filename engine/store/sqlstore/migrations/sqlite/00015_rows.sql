-- +goose Up

-- The counts of a lot are in its row. A file has one row for each lot, since one process writes;
-- on PostgreSQL a lot has several. units and total_micros are what the entries of the row
-- bought, moved is what came from other rows of the lot.
CREATE TABLE lot_rows (
    lot          TEXT    NOT NULL,
    n            INTEGER NOT NULL,
    units        INTEGER NOT NULL,
    total_micros INTEGER NOT NULL,
    moved        INTEGER NOT NULL,
    available    INTEGER NOT NULL CHECK (available >= 0),
    left_micros  INTEGER NOT NULL CHECK (left_micros >= 0), -- what the available units cost
    held         INTEGER NOT NULL,
    posted       INTEGER NOT NULL CHECK (posted >= 0),
    unknown      INTEGER NOT NULL,
    written_off  INTEGER NOT NULL CHECK (written_off >= 0),
    seq          INTEGER NOT NULL, -- of its last entry
    last_at      INTEGER NOT NULL, -- of its last entry
    PRIMARY KEY (lot, n),
    CHECK (units + moved = available + held + posted + unknown + written_off)
) WITHOUT ROWID;

-- A version before 0006 moved units at the rounded price and did not change left_micros.
INSERT INTO lot_rows (lot, n, units, total_micros, moved, available, left_micros, held, posted, unknown, written_off, seq, last_at)
SELECT id, 0, units, total_micros, 0, available,
       CASE WHEN open = 1 OR available = 0 THEN 0
            WHEN left_units = 0 AND left_micros = 0
            THEN min(max(total_micros + (available - units) * ((total_micros + units - 1) / units), 0), total_micros)
            ELSE min(max(left_micros + (available - left_units) * ((total_micros + units - 1) / units), 0), total_micros) END,
       held, posted, unknown, written_off, 0, 0
FROM lots;

-- The entries of a row are numbered without gaps. Those of before keep their numbers, which have
-- no gap over all lots together, as row -1.
CREATE TABLE new_entries (
    lot           TEXT    NOT NULL,
    n             INTEGER NOT NULL,
    seq           INTEGER NOT NULL,
    at            INTEGER NOT NULL,
    hold          TEXT    NOT NULL, -- the attempt, '' if none
    from_account  TEXT    NOT NULL,
    to_account    TEXT    NOT NULL,
    units         INTEGER NOT NULL CHECK (units > 0),
    amount_micros INTEGER NOT NULL,
    currency      TEXT    NOT NULL,
    why           TEXT    NOT NULL,
    PRIMARY KEY (lot, n, seq)
) WITHOUT ROWID;
INSERT INTO new_entries (lot, n, seq, at, hold, from_account, to_account, units, amount_micros, currency, why)
SELECT lot, -1, seq, at, hold, from_account, to_account, units, amount_micros, currency, why FROM entries ORDER BY lot, seq;
DROP TABLE entries;
ALTER TABLE new_entries RENAME TO entries;
CREATE INDEX entries_by_time ON entries (at, lot, n, seq);

-- Without the reference to lots, as on PostgreSQL.
CREATE TABLE new_holds (
    attempt      TEXT    NOT NULL PRIMARY KEY,
    verification TEXT    NOT NULL,
    provider     TEXT    NOT NULL,
    check_name   TEXT    NOT NULL,
    tenant       TEXT    NOT NULL,
    app          TEXT    NOT NULL,
    purpose      TEXT    NOT NULL,
    lot          TEXT    NOT NULL,
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
    duration_ns  INTEGER NOT NULL,
    consent      TEXT    NOT NULL,
    basis        TEXT    NOT NULL,
    phase        TEXT    NOT NULL
) WITHOUT ROWID;
INSERT INTO new_holds (attempt, verification, provider, check_name, tenant, app, purpose, lot, open, price_micros, currency, at, month, deadline, state, changed_at, why, told, failed, ending, origin, sent, charge, vendor_code, vendor_ref, duration_ns, consent, basis, phase)
SELECT attempt, verification, provider, check_name, tenant, app, purpose, lot, open, price_micros, currency, at, month, deadline, state, changed_at, why, told, failed, ending, origin, sent, charge, vendor_code, vendor_ref, duration_ns, consent, basis, phase FROM holds ORDER BY attempt;
DROP TABLE holds;
ALTER TABLE new_holds RENAME TO holds;
CREATE INDEX holds_by_time ON holds (at, attempt);
CREATE INDEX holds_by_verification ON holds (verification);
CREATE INDEX holds_waiting ON holds (at, attempt) WHERE state IN ('held', 'unknown');
CREATE INDEX holds_maintenance ON holds (at) WHERE ending = 'maintenance';

-- lots keeps what does not change. A program of an earlier version can no longer write.
CREATE TABLE new_lots (
    id           TEXT    NOT NULL PRIMARY KEY,
    provider     TEXT    NOT NULL,
    open         INTEGER NOT NULL,
    bought_at    INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL, -- 0: never
    note         TEXT    NOT NULL,
    currency     TEXT    NOT NULL,
    total_micros INTEGER NOT NULL,
    units        INTEGER NOT NULL CHECK (units >= 0),
    booked_at    INTEGER NOT NULL,
    canceled_at  INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO new_lots (id, provider, open, bought_at, expires_at, note, currency, total_micros, units, booked_at, canceled_at)
SELECT id, provider, open, bought_at, expires_at, note, currency, CASE WHEN open = 1 THEN 0 ELSE total_micros END,
       CASE WHEN open = 1 THEN 0 ELSE units END, booked_at, canceled_at FROM lots;
DROP TABLE lots;
ALTER TABLE new_lots RENAME TO lots;
CREATE INDEX lots_by_provider ON lots (provider);
