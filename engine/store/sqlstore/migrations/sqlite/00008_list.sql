-- +goose Up

-- The list of a tenant's verifications, newest first. The columns after id let a filter skip
-- rows without reading them.
CREATE INDEX verifications_listed ON verifications (tenant, created_at, id, verdict, reason, provider, app);

-- The messages to webhooks that are not delivered. dead is 1 if no further attempt is made.
CREATE TABLE outbox (
    id           TEXT NOT NULL PRIMARY KEY,
    webhook      TEXT NOT NULL,
    tenant       TEXT NOT NULL,
    app          TEXT NOT NULL,
    verification TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    due_at       INTEGER NOT NULL,
    attempts     INTEGER NOT NULL,
    failure      TEXT NOT NULL, -- of the last attempt, '' if there was none
    dead         INTEGER NOT NULL,
    data         TEXT NOT NULL
);
CREATE INDEX outbox_due ON outbox (webhook, due_at) WHERE dead = 0;
CREATE INDEX outbox_listed ON outbox (created_at, id);
