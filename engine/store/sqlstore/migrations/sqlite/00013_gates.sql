-- +goose Up

-- What nodes learned from vendors about the gates of providers (account = 0) and of accounts
-- (account = 1): why each is closed, '' if it is open. version counts the facts about a gate.
CREATE TABLE gate_facts (
    account  BIGINT NOT NULL,
    name     TEXT NOT NULL,
    reason   TEXT NOT NULL,
    until_at BIGINT NOT NULL,
    node     TEXT NOT NULL,
    version  BIGINT NOT NULL,
    PRIMARY KEY (account, name)
);
