-- +goose Up

-- What verifications are filtered by, beside check_name, verdict and reason. NULL says that a
-- version before this one wrote the row: Recover fills it from data, some hundred rows at a time.
ALTER TABLE verifications ADD COLUMN provider TEXT; -- whose answer it gives, else the last that was asked, '' if none was
ALTER TABLE verifications ADD COLUMN app TEXT;
ALTER TABLE verifications ADD COLUMN purpose TEXT;
CREATE INDEX verifications_unfilled ON verifications (tenant, id) WHERE provider IS NULL;
