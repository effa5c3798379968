-- +goose Up

-- Old verifications are looked for tenant by tenant, since each may keep them for a time of its
-- own: by verifications_listed, and those without a call by this index.
DROP INDEX verifications_by_time;
DROP INDEX verifications_uncalled;
CREATE INDEX verifications_uncalled ON verifications (tenant, created_at) WHERE kind = 'uncalled';
