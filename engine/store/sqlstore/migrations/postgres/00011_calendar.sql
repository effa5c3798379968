-- +goose Up

-- The maintenance windows that operators declared: cron, duration_us and zone, or from_at and
-- to_at.
CREATE TABLE maintenance_windows (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    provider TEXT COLLATE "C" NOT NULL,
    cron TEXT COLLATE "C" NOT NULL,
    duration_us BIGINT NOT NULL,
    zone TEXT COLLATE "C" NOT NULL,
    from_at BIGINT NOT NULL,
    to_at BIGINT NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL
);

-- Windows are proposed from the calls that met a maintenance code.
CREATE INDEX holds_maintenance ON holds (at) WHERE ending = 'maintenance';
