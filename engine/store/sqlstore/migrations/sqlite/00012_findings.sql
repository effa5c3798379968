-- +goose Up

-- Where a failed call broke, as in the verification; '' in rows of earlier versions.
ALTER TABLE holds ADD COLUMN phase TEXT NOT NULL DEFAULT '';

-- What vendors changed in their replies: names and types of members, never a value.
CREATE TABLE findings (
    provider TEXT NOT NULL,
    kind     TEXT NOT NULL, -- code, new, missing or seen
    version  TEXT NOT NULL, -- of the adapter
    path     TEXT NOT NULL,
    type     TEXT NOT NULL,
    code     TEXT NOT NULL,
    n        BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at  BIGINT NOT NULL,
    PRIMARY KEY (provider, kind, version, path, type, code)
);
