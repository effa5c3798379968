-- +goose Up

-- A program of an earlier version would read an undetermined verification without an id where
-- version 18 leaves out what the columns say, an erasure by it would miss the claims in these rows,
-- and its entries would not keep to the times that readers take for final. With other names each of
-- its statements fails instead: those of a call before the vendor is asked.
ALTER TABLE verifications RENAME COLUMN data TO details;
ALTER TABLE entries RENAME COLUMN why TO reason;
