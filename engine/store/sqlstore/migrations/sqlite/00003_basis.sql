-- +goose Up

-- What a call rests on, for the verification that is made of it if its process dies: the
-- id of the consent, '' if none is kept here, and the legal basis.
ALTER TABLE holds ADD COLUMN consent TEXT NOT NULL DEFAULT '';
ALTER TABLE holds ADD COLUMN basis TEXT NOT NULL DEFAULT '';

-- What the planner takes for granted of a large table: without it, it reads all consents
-- of a tenant to find those of one person. ANALYZE makes the table of such figures, and
-- is run on one that holds nobody, since it may keep samples of what it reads.
ANALYZE probes;
DELETE FROM sqlite_stat1 WHERE tbl = 'consents';
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('consents', 'consents', '1000000 1000000 1'),
    ('consents', 'consents_by_subject', '1000000 1000000 4 1 1'),
    ('consents', 'consents_by_guardian', '10000 10000 4 1'),
    ('consents', 'consents_by_time', '1000000 1000000 1 1'),
    ('consents', 'consents_over', '1000000 1 1 1');
ANALYZE sqlite_schema;
