-- +goose Up

-- How a verification came about: '' by its request, 'recovered' by Recover, in place of a lost
-- request whose outcome may still arrive, 'uncalled' by a request for which no provider was
-- called, which is kept in short form and for a shorter time.
ALTER TABLE verifications ADD COLUMN kind TEXT NOT NULL DEFAULT '';
CREATE INDEX verifications_uncalled ON verifications (created_at) WHERE kind = 'uncalled';
