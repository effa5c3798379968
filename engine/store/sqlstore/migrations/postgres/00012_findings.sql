-- +goose Up

-- Where a failed call broke, as in the verification; '' in rows of earlier versions.
ALTER TABLE holds ADD COLUMN phase TEXT COLLATE "C" NOT NULL DEFAULT '';

-- What vendors changed in their replies: names and types of members, never a value.
CREATE TABLE findings (
    provider TEXT COLLATE "C" NOT NULL,
    kind     TEXT COLLATE "C" NOT NULL, -- code, new, missing or seen
    version  TEXT COLLATE "C" NOT NULL, -- of the adapter
    path     TEXT COLLATE "C" NOT NULL,
    type     TEXT COLLATE "C" NOT NULL,
    code     TEXT COLLATE "C" NOT NULL,
    n        BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at  BIGINT NOT NULL,
    PRIMARY KEY (provider, kind, version, path, type, code)
);
