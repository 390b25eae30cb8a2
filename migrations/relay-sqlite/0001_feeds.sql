-- What the relay stores. Bodies are opaque: every `raw`, `bytes` and `envelope` is sealed or signed elsewhere.

-- One row: who this store is.
CREATE TABLE relay (
    one              INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    store_id         BLOB    NOT NULL CHECK (length(store_id) = 16),
    created_ms       INTEGER NOT NULL,
    moves            INTEGER NOT NULL DEFAULT 0,   -- grows with every move of any feed; the `since` of heads
    setup_code_hash  BLOB    NOT NULL DEFAULT x'', -- empty once spent
    rebuilding       INTEGER NOT NULL DEFAULT 0    -- 1 after a restore: records may be re-offered without attachments
) STRICT;

CREATE TABLE feed (
    feed_no      INTEGER NOT NULL PRIMARY KEY,
    feed         BLOB    NOT NULL UNIQUE CHECK (length(feed) = 16),
    feed_kind    INTEGER NOT NULL,                 -- 0 directory, 1 team, 2 space
    ssn          INTEGER NOT NULL DEFAULT 0,
    h            BLOB    NOT NULL CHECK (length(h) = 32),
    received_ms  INTEGER NOT NULL DEFAULT 0,
    head         BLOB    NOT NULL DEFAULT x'',     -- signed head, made once per move
    moved        INTEGER NOT NULL DEFAULT 0,       -- relay.moves when it last moved
    sponsor      BLOB    NOT NULL DEFAULT x'',     -- team that brought in a household, else empty
    state_ssn    INTEGER NOT NULL DEFAULT 0,
    state        BLOB    NOT NULL DEFAULT x''      -- snapshot of the validated state at state_ssn; a cache
) STRICT;
CREATE INDEX feed_by_move ON feed (moved);

-- place = feed_no * 2^32 + ssn: clustered by feed and position without a second key.
CREATE TABLE frame (
    place        INTEGER NOT NULL PRIMARY KEY,
    id8          INTEGER NOT NULL,                 -- first 8 bytes of the frame id
    received_ms  INTEGER NOT NULL,
    class        INTEGER NOT NULL,                 -- 0 record, 1 trace, 2 checkpoint, other item classes; -1 control
    author       BLOB    NOT NULL,
    dseq         INTEGER NOT NULL DEFAULT 0,
    h            BLOB    NOT NULL CHECK (length(h) = 32),
    raw          BLOB    NOT NULL
) STRICT;
CREATE INDEX frame_by_id ON frame (id8);

-- Envelopes and KEM keys beside a record, each served to its audience (a device or a team) only.
CREATE TABLE attachment (
    place      INTEGER NOT NULL,
    recipient  BLOB    NOT NULL CHECK (length(recipient) = 16),
    audience   BLOB    NOT NULL CHECK (length(audience) = 16),
    hash       BLOB    NOT NULL CHECK (length(hash) = 32),
    bytes      BLOB    NOT NULL,
    PRIMARY KEY (place, recipient, hash)
) STRICT, WITHOUT ROWID;

-- Which teams a space has or had; until_ssn 0 while it is a member.
CREATE TABLE membership (
    team       BLOB    NOT NULL CHECK (length(team) = 16),
    feed_no    INTEGER NOT NULL,
    until_ssn  INTEGER NOT NULL DEFAULT 0,
    expires_ms INTEGER NOT NULL DEFAULT 0,         -- 0 without an expiry
    PRIMARY KEY (team, feed_no)
) STRICT, WITHOUT ROWID;
CREATE INDEX membership_by_feed ON membership (feed_no);

CREATE TABLE quarantine (
    entry_no     INTEGER NOT NULL PRIMARY KEY,
    feed         BLOB    NOT NULL CHECK (length(feed) = 16),
    id8          INTEGER NOT NULL,
    author       BLOB    NOT NULL CHECK (length(author) = 16),
    dseq         INTEGER NOT NULL,
    received_ms  INTEGER NOT NULL,
    raw          BLOB    NOT NULL
) STRICT;
CREATE INDEX quarantine_by_id ON quarantine (id8);
CREATE INDEX quarantine_by_author ON quarantine (author, feed, dseq);
CREATE INDEX quarantine_by_feed ON quarantine (feed, entry_no);

CREATE TABLE ack (
    feed_no   INTEGER NOT NULL,
    device    BLOB    NOT NULL CHECK (length(device) = 16),
    ssn       INTEGER NOT NULL,
    h         BLOB    NOT NULL CHECK (length(h) = 32),
    at_ms     INTEGER NOT NULL,
    PRIMARY KEY (feed_no, device)
) STRICT, WITHOUT ROWID;

CREATE TABLE blob (
    blob          BLOB    NOT NULL PRIMARY KEY CHECK (length(blob) = 32),
    bytes_stored  INTEGER NOT NULL,
    stored_ms     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE blob_uploader (
    blob    BLOB NOT NULL,
    device  BLOB NOT NULL,
    PRIMARY KEY (blob, device)
) STRICT, WITHOUT ROWID;

-- Which feeds have an item that lists a blob.
CREATE TABLE blob_listing (
    blob     BLOB    NOT NULL,
    feed_no  INTEGER NOT NULL,
    ssn      INTEGER NOT NULL,                     -- of the first item that lists it
    PRIMARY KEY (blob, feed_no)
) STRICT, WITHOUT ROWID;

CREATE TABLE mailbox (
    mailbox     BLOB    NOT NULL,
    slot        INTEGER NOT NULL,
    opened_ms   INTEGER NOT NULL,                  -- when slot 0 was written
    bytes       BLOB    NOT NULL,
    PRIMARY KEY (mailbox, slot)
) STRICT, WITHOUT ROWID;
CREATE INDEX mailbox_by_age ON mailbox (opened_ms);
