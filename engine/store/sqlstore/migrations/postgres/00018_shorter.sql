-- +goose Up

-- From this version on, verifications.data does not repeat the columns beside it, so a program of
-- an earlier version cannot read it. No table changes here; in a SQLite file, entries does.
SELECT 1;
