-- +goose Up

-- The maintenance windows that operators declared: cron, duration_us and zone, or from_at and
-- to_at.
CREATE TABLE maintenance_windows (
    id          TEXT    NOT NULL PRIMARY KEY,
    provider    TEXT    NOT NULL,
    cron        TEXT    NOT NULL,
    duration_us INTEGER NOT NULL,
    zone        TEXT    NOT NULL,
    from_at     INTEGER NOT NULL,
    to_at       INTEGER NOT NULL,
    reason      TEXT    NOT NULL,
    created_at  INTEGER NOT NULL
);

-- Windows are proposed from the calls that met a maintenance code.
CREATE INDEX holds_maintenance ON holds (at) WHERE ending = 'maintenance';
