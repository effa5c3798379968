-- +goose Up

-- When a lot was booked and canceled, 0 if not. What its available units cost together, and for
-- how many units that was counted: an earlier version, which may still run, changes neither.
ALTER TABLE lots ADD COLUMN booked_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE lots ADD COLUMN canceled_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE lots ADD COLUMN left_micros BIGINT NOT NULL DEFAULT 0;
ALTER TABLE lots ADD COLUMN left_units BIGINT NOT NULL DEFAULT 0;
UPDATE lots SET booked_at = booking.at
    FROM (SELECT lot, min(at) AS at FROM entries WHERE from_account = 'bought' GROUP BY lot) AS booking
    WHERE booking.lot = lots.id AND lots.open = 0;
