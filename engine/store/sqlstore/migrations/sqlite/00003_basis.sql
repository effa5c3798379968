-- +goose Up

-- What a call rests on, for the verification that is made of it if its process dies: the
-- id of the consent, '' if none is kept here, and the legal basis.
ALTER TABLE holds ADD COLUMN consent TEXT NOT NULL DEFAULT '';
ALTER TABLE holds ADD COLUMN basis TEXT NOT NULL DEFAULT '';
