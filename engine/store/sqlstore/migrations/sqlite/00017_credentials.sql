-- +goose Up

-- A keyed hash of the credentials that a vendor refused; '' if they are not known. A node with
-- other credentials is not closed by the report.
ALTER TABLE gate_facts ADD COLUMN credentials TEXT NOT NULL DEFAULT '';
