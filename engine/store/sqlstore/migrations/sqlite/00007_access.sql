-- +goose Up

-- The keys of callers. hash is the keyed hash of the secret; the secret itself is not kept. The
-- lists apps, scopes and networks are JSON arrays of strings.
CREATE TABLE api_keys (
    id           TEXT NOT NULL PRIMARY KEY,
    tenant       TEXT NOT NULL,
    name         TEXT NOT NULL,
    apps         TEXT NOT NULL,
    scopes       TEXT NOT NULL,
    networks     TEXT NOT NULL,
    hash         TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    revoked_at   BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL
);
CREATE INDEX api_keys_name ON api_keys (tenant, name);

-- How often what nodes hold in memory has changed, by its name.
CREATE TABLE versions (
    name TEXT NOT NULL PRIMARY KEY,
    n    BIGINT NOT NULL
);
