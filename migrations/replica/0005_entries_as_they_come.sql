-- The projection is built again after this (PROJECTION_VERSION).

-- Entries lie in the order they came: one that is written goes to the end of the table instead of splitting its
-- neighbours' pages. `entry_place` is all that the order of a chart, its filters and its counts read.
-- What an entry measured stands with it; `row` is also the number of its words.
DROP TABLE entry;
DROP TABLE measure;
DROP TABLE entry_words;
CREATE TABLE entry (
  row          INTEGER NOT NULL PRIMARY KEY,
  patient      BLOB NOT NULL,
  at_ms        INTEGER NOT NULL,
  id           BLOB NOT NULL,
  space        BLOB NOT NULL,
  kind         TEXT NOT NULL,
  author       BLOB NOT NULL,
  staff        BLOB NOT NULL,
  team         BLOB NOT NULL,
  on_behalf_of BLOB NOT NULL DEFAULT x'',
  status       INTEGER NOT NULL DEFAULT 0,
  written_ms   INTEGER NOT NULL,
  zone_min     INTEGER NOT NULL,
  received_ms  INTEGER NOT NULL DEFAULT 0,
  ssn          INTEGER NOT NULL DEFAULT 0,
  seen         INTEGER NOT NULL,
  shown        INTEGER NOT NULL,
  visit        BLOB NOT NULL DEFAULT x'',
  follow       INTEGER NOT NULL DEFAULT 0,
  follows      BLOB NOT NULL DEFAULT x'',
  closed       INTEGER NOT NULL DEFAULT 0,
  closed_by    BLOB NOT NULL DEFAULT x'',
  reason       TEXT NOT NULL DEFAULT '',
  title        TEXT NOT NULL,
  measured     BLOB NOT NULL DEFAULT x'',
  change       BLOB NOT NULL,
  body         BLOB NOT NULL
) STRICT;
CREATE INDEX entry_place ON entry (patient, at_ms DESC, id, shown, kind, team);
CREATE INDEX entry_id ON entry (id);
CREATE INDEX entry_follows ON entry (follows) WHERE follow > 0;
CREATE INDEX entry_new ON entry (patient, received_ms) WHERE seen = 0;

-- What has not left the device is what the outbox holds; its index says so without the changes.
DROP INDEX outbox_space;
CREATE INDEX outbox_space ON outbox (space, dseq, ord, entry);
