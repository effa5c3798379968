-- +goose Up

-- A lot is divided into rows, so that the nodes of a fleet draw on it without waiting for each
-- other. units and total_micros are what the entries of the row bought; moved is what came from
-- other rows of the lot, 0 over all of them. held and unknown of one row may be negative, since
-- a call may be settled on another row than it was held on.
CREATE TABLE lot_rows (
    lot          TEXT COLLATE "C" NOT NULL,
    n            SMALLINT NOT NULL,
    units        BIGINT NOT NULL,
    total_micros BIGINT NOT NULL,
    moved        BIGINT NOT NULL,
    available    BIGINT NOT NULL CHECK (available >= 0),
    left_micros  BIGINT NOT NULL CHECK (left_micros >= 0), -- what the available units cost
    held         BIGINT NOT NULL,
    posted       BIGINT NOT NULL CHECK (posted >= 0),
    unknown      BIGINT NOT NULL,
    written_off  BIGINT NOT NULL CHECK (written_off >= 0),
    seq          BIGINT NOT NULL, -- of its last entry
    last_at      BIGINT NOT NULL, -- of its last entry
    PRIMARY KEY (lot, n),
    CHECK (units + moved = available + held + posted + unknown + written_off)
) WITH (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- The available units and their money, evenly over 16 rows; everything else in the first. A
-- version before 0006 moved units at the rounded price and did not change left_micros.
INSERT INTO lot_rows (lot, n, units, total_micros, moved, available, left_micros, held, posted, unknown, written_off, seq, last_at)
SELECT id, n, CASE WHEN n = 0 THEN units ELSE 0 END, CASE WHEN n = 0 THEN total_micros ELSE 0 END,
       share - CASE WHEN n = 0 THEN available ELSE 0 END, share,
       CASE WHEN available = 0 THEN 0 ELSE CAST(floor(CAST(upto AS NUMERIC) * money / available) - floor(CAST(upto - share AS NUMERIC) * money / available) AS BIGINT) END,
       CASE WHEN n = 0 THEN held ELSE 0 END, CASE WHEN n = 0 THEN posted ELSE 0 END,
       CASE WHEN n = 0 THEN unknown ELSE 0 END, CASE WHEN n = 0 THEN written_off ELSE 0 END, 0, 0
FROM (
    SELECT l.*, n,
           available / 16 + CASE WHEN n < available % 16 THEN 1 ELSE 0 END AS share,
           available / 16 * (n + 1) + least(n + 1, available % 16) AS upto,
           CASE WHEN open = 1 OR available = 0 THEN 0
                WHEN left_units = 0 AND left_micros = 0
                THEN least(greatest(total_micros + (available - units) * ((total_micros + units - 1) / units), 0), total_micros)
                ELSE least(greatest(left_micros + (available - left_units) * ((total_micros + units - 1) / units), 0), total_micros) END AS money
    FROM lots l CROSS JOIN generate_series(0, 15) AS n
) AS divided;

-- lots keeps what does not change. A program of an earlier version can no longer write.
ALTER TABLE lots DROP COLUMN available, DROP COLUMN held, DROP COLUMN posted, DROP COLUMN unknown, DROP COLUMN written_off,
    DROP COLUMN left_micros, DROP COLUMN left_units, ADD CHECK (units >= 0);
UPDATE lots SET units = 0, total_micros = 0 WHERE open = 1;

-- The entries of a row are numbered without gaps. Those of before keep their numbers, which have
-- no gap over all lots together, as row -1.
ALTER TABLE entries ADD COLUMN n SMALLINT NOT NULL DEFAULT -1;
ALTER TABLE entries ALTER COLUMN n DROP DEFAULT;
ALTER TABLE entries DROP CONSTRAINT entries_pkey, DROP CONSTRAINT entries_lot_fkey, ADD PRIMARY KEY (lot, n, seq);
DROP INDEX entries_by_time;
CREATE INDEX entries_by_time ON entries (at, lot, n, seq);

-- A foreign key would lock the row of its lot in each transaction.
ALTER TABLE holds DROP CONSTRAINT holds_lot_fkey;
