-- +goose Up

-- The list of a tenant's verifications, newest first. The columns after id let a filter skip
-- rows without reading them.
CREATE INDEX verifications_listed ON verifications (tenant, created_at, id, verdict, reason, provider, app);

-- The messages to webhooks that are not delivered. dead is 1 if no further attempt is made.
CREATE TABLE outbox (
    id           TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    webhook      TEXT COLLATE "C" NOT NULL,
    tenant       TEXT COLLATE "C" NOT NULL,
    app          TEXT COLLATE "C" NOT NULL,
    verification TEXT COLLATE "C" NOT NULL,
    created_at   BIGINT NOT NULL,
    due_at       BIGINT NOT NULL,
    attempts     BIGINT NOT NULL,
    failure      TEXT COLLATE "C" NOT NULL, -- of the last attempt, '' if there was none
    dead         BIGINT NOT NULL,
    data         TEXT COLLATE "C" NOT NULL
);
CREATE INDEX outbox_due ON outbox (webhook, due_at) WHERE dead = 0;
CREATE INDEX outbox_listed ON outbox (created_at, id);
