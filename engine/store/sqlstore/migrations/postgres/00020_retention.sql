-- +goose Up

-- Old verifications are looked for tenant by tenant, since each may keep them for a time of its
-- own: by verifications_listed, and those without a call by this index.
DROP INDEX verifications_by_time;
DROP INDEX verifications_uncalled;
CREATE INDEX verifications_uncalled ON verifications (tenant, created_at) WHERE kind = 'uncalled';

-- A result is deleted after half a year, so a fifth of the table, after which the server would
-- remove deleted rows from the pages, is the rows of a month.
ALTER TABLE verifications SET (autovacuum_vacuum_scale_factor = 0.005);
ALTER TABLE consents SET (autovacuum_vacuum_scale_factor = 0.005);
