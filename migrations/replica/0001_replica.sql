-- The replica of one device. Truth: frames, outbox, drafts, keys. Documents are built from
-- frames and outbox; the tables under "projection" are built with them and can be built again.
-- Ids are BLOBs of 16 or 32 bytes; instants are INTEGER milliseconds UTC.

CREATE TABLE meta (
  key   TEXT NOT NULL PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- This device ------------------------------------------------------------

CREATE TABLE own_device (
  one         INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  device      BLOB NOT NULL,
  team        BLOB NOT NULL,
  staff       BLOB NOT NULL,
  incarnation BLOB NOT NULL,
  secrets     BLOB NOT NULL
) STRICT;

CREATE TABLE generation (
  team       BLOB NOT NULL,
  gen_no     INTEGER NOT NULL,
  generation BLOB NOT NULL,
  PRIMARY KEY (team, gen_no)
) STRICT, WITHOUT ROWID;

CREATE TABLE epoch_key (
  space BLOB NOT NULL,
  epoch INTEGER NOT NULL,
  key   BLOB NOT NULL,
  PRIMARY KEY (space, epoch)
) STRICT, WITHOUT ROWID;

-- Feeds --------------------------------------------------------------------

-- feed_kind: 0 directory · 1 team · 2 space · 9 not begun
CREATE TABLE feed (
  feed  BLOB NOT NULL PRIMARY KEY,
  ssn   INTEGER NOT NULL DEFAULT 0,
  h     BLOB NOT NULL,
  feed_kind INTEGER NOT NULL DEFAULT 9,
  state BLOB NOT NULL DEFAULT x''
) STRICT, WITHOUT ROWID;

-- Every frame received, own ones included, byte for byte.
-- outcome: 0 valid · 1 waiting for a feed or frame · 2 waiting for a key · 3 waiting for a change · 4 parked
CREATE TABLE frame (
  feed        BLOB NOT NULL,
  ssn         INTEGER NOT NULL,
  received_ms INTEGER NOT NULL,
  outcome     INTEGER NOT NULL,
  reason      TEXT NOT NULL DEFAULT '',
  control     INTEGER NOT NULL DEFAULT 0,
  author      BLOB NOT NULL DEFAULT x'',
  raw         BLOB NOT NULL,
  PRIMARY KEY (feed, ssn)
) STRICT, WITHOUT ROWID;
CREATE INDEX frame_open ON frame (feed, ssn) WHERE outcome > 0;
CREATE INDEX frame_control ON frame (feed, ssn) WHERE control = 1;
CREATE INDEX frame_author ON frame (feed, author, ssn);

CREATE TABLE attachment (
  feed      BLOB NOT NULL,
  ssn       INTEGER NOT NULL,
  ord       INTEGER NOT NULL,
  recipient BLOB NOT NULL,
  bytes     BLOB NOT NULL,
  PRIMARY KEY (feed, ssn, ord)
) STRICT, WITHOUT ROWID;

CREATE TABLE space (
  space   BLOB NOT NULL PRIMARY KEY,
  patient BLOB NOT NULL,
  genesis BLOB NOT NULL DEFAULT x'',
  wanted  BLOB NOT NULL DEFAULT x''
) STRICT, WITHOUT ROWID;
CREATE INDEX space_patient ON space (patient);

CREATE TABLE ack (
  feed   BLOB NOT NULL,
  device BLOB NOT NULL,
  ssn    INTEGER NOT NULL,
  PRIMARY KEY (feed, device)
) STRICT, WITHOUT ROWID;

-- Documents ----------------------------------------------------------------

CREATE TABLE document (
  space    BLOB NOT NULL,
  name     TEXT NOT NULL,
  snapshot BLOB NOT NULL,
  PRIMARY KEY (space, name)
) STRICT, WITHOUT ROWID;

-- Changes since the snapshot: each `u32 length, bytes`, one row per batch.
CREATE TABLE document_change (
  space   BLOB NOT NULL,
  name    TEXT NOT NULL,
  ord     INTEGER NOT NULL,
  changes BLOB NOT NULL,
  PRIMARY KEY (space, name, ord)
) STRICT, WITHOUT ROWID;

-- Own writing --------------------------------------------------------------

CREATE TABLE draft (
  id         BLOB NOT NULL PRIMARY KEY,
  patient    BLOB NOT NULL,
  visit      TEXT NOT NULL,
  kind       TEXT NOT NULL,
  body_json  TEXT NOT NULL,
  updated_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX draft_patient ON draft (patient, updated_ms);

-- Changes not yet seen in the feed; dseq is 0 until they are sealed.
CREATE TABLE outbox (
  ord             INTEGER NOT NULL PRIMARY KEY,
  space           BLOB NOT NULL,
  name            TEXT NOT NULL,
  written_ms      INTEGER NOT NULL,
  zone_min        INTEGER NOT NULL,
  dseq            INTEGER NOT NULL DEFAULT 0,
  blobs           BLOB NOT NULL DEFAULT x'',
  change          BLOB NOT NULL
) STRICT;
CREATE INDEX outbox_space ON outbox (space, dseq, ord);

-- Sealed bytes, sent until answered, kept until they come back in the feed.
CREATE TABLE sealed (
  space BLOB NOT NULL,
  dseq  INTEGER NOT NULL,
  frame BLOB NOT NULL,
  epoch INTEGER NOT NULL,
  answered INTEGER NOT NULL DEFAULT 0,
  raw   BLOB NOT NULL,
  PRIMARY KEY (space, dseq)
) STRICT, WITHOUT ROWID;
CREATE INDEX sealed_frame ON sealed (frame);

-- Projection ---------------------------------------------------------------

-- status: 0 confirmed · 1 pending · 2 struck · 3 late · 4 tampered
-- follow: 0 none · 1 amends `follows` · 2 voids `follows`; closed: 0 open · 1 amended · 2 voided, by `closed_by`
CREATE TABLE entry (
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
  change       BLOB NOT NULL,
  body         BLOB NOT NULL,
  PRIMARY KEY (patient, at_ms DESC, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX entry_id ON entry (id);
CREATE INDEX entry_follows ON entry (follows) WHERE follow > 0;
CREATE INDEX entry_new ON entry (patient, received_ms) WHERE seen = 0;
CREATE INDEX entry_unsent ON entry (patient, written_ms) WHERE ssn = 0;
CREATE INDEX entry_filter ON entry (patient, kind, team, shown);

CREATE TABLE measure (
  patient BLOB NOT NULL,
  key     TEXT NOT NULL,
  at_ms   INTEGER NOT NULL,
  entry   BLOB NOT NULL,
  ord     INTEGER NOT NULL,
  text    TEXT NOT NULL,
  value   REAL NOT NULL,
  unit    TEXT NOT NULL,
  family  INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (patient, key, at_ms, entry, ord)
) STRICT, WITHOUT ROWID;

CREATE TABLE blob (
  blob    BLOB NOT NULL,
  entry   BLOB NOT NULL,
  space   BLOB NOT NULL,
  present INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (blob, entry)
) STRICT, WITHOUT ROWID;

-- Every value of every state key; more than one is a conflict.
CREATE TABLE state (
  space      BLOB NOT NULL,
  key        TEXT NOT NULL,
  change     BLOB NOT NULL,
  bytes      BLOB NOT NULL,
  author     BLOB NOT NULL,
  written_ms INTEGER NOT NULL,
  zone_min   INTEGER NOT NULL,
  PRIMARY KEY (space, key, change)
) STRICT, WITHOUT ROWID;

CREATE TABLE staff_card (
  staff      BLOB NOT NULL PRIMARY KEY,
  name       TEXT NOT NULL,
  profession TEXT NOT NULL,
  facility   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE patient (
  id           BLOB NOT NULL PRIMARY KEY,
  family       TEXT NOT NULL DEFAULT '',
  given        TEXT NOT NULL DEFAULT '',
  kana_family  TEXT NOT NULL DEFAULT '',
  kana_given   TEXT NOT NULL DEFAULT '',
  birth_date   TEXT NOT NULL DEFAULT '',
  sex          TEXT NOT NULL DEFAULT '',
  local_ids    TEXT NOT NULL DEFAULT '[]',
  address      TEXT NOT NULL DEFAULT '',
  phone        TEXT NOT NULL DEFAULT '',
  entries      INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- Narrow, so that a substring of one character is found by one quick pass, in kana order.
CREATE TABLE patient_find (
  kana  TEXT NOT NULL,
  id    BLOB NOT NULL,
  birth TEXT NOT NULL,
  words TEXT NOT NULL,
  PRIMARY KEY (kana, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX patient_find_id ON patient_find (id);
CREATE INDEX patient_find_birth ON patient_find (birth);

CREATE TABLE entry_words (
  row     INTEGER NOT NULL PRIMARY KEY,
  patient BLOB NOT NULL,
  at_ms   INTEGER NOT NULL,
  id      BLOB NOT NULL
) STRICT;
CREATE INDEX entry_words_id ON entry_words (id);
CREATE VIRTUAL TABLE words USING fts5 (who, bigrams, content = '', contentless_delete = 1, tokenize = 'unicode61', detail = full);
