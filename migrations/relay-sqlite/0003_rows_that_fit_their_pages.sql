-- An envelope is a little over a kilobyte: in a table ordered by its key each would take an overflow page of its own.
CREATE TABLE attachment_by_place (
    place      INTEGER NOT NULL,
    recipient  BLOB    NOT NULL CHECK (length(recipient) = 16),
    audience   BLOB    NOT NULL CHECK (length(audience) = 16),
    hash       BLOB    NOT NULL CHECK (length(hash) = 32),
    bytes      BLOB    NOT NULL,
    UNIQUE (place, recipient, hash)
) STRICT;
INSERT INTO attachment_by_place SELECT place, recipient, audience, hash, bytes FROM attachment ORDER BY place;
DROP TABLE attachment;
ALTER TABLE attachment_by_place RENAME TO attachment;

-- Snapshots stand apart: a feed's row is written with every move, its snapshot seldom.
CREATE TABLE snapshot (
    feed_no    INTEGER NOT NULL PRIMARY KEY,
    state_ssn  INTEGER NOT NULL,
    state      BLOB    NOT NULL                    -- the validated state at state_ssn; a cache
) STRICT;
INSERT INTO snapshot SELECT feed_no, state_ssn, state FROM feed WHERE state_ssn > 0;
ALTER TABLE feed DROP COLUMN state_ssn;
ALTER TABLE feed DROP COLUMN state;
