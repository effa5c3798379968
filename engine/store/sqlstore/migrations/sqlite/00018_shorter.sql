-- +goose Up

-- The rows of entries are in the order in which they are listed, which needs no index beside them:
-- in a row of a lot the times grow with the numbers.
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
    PRIMARY KEY (at, lot, n, seq)
) WITHOUT ROWID;
INSERT INTO new_entries (lot, n, seq, at, hold, from_account, to_account, units, amount_micros, currency, why)
SELECT lot, n, seq, at, hold, from_account, to_account, units, amount_micros, currency, why FROM entries ORDER BY at, lot, n, seq;
DROP TABLE entries;
ALTER TABLE new_entries RENAME TO entries;
