-- The first eight bytes of the running hash after each frame: what a colleague's device says it saw is held against it.
ALTER TABLE frame ADD COLUMN h8 BLOB NOT NULL DEFAULT x'';

-- Devices that say they saw another history than this one was shown; the first time of each in a feed.
CREATE TABLE witness (
  feed      BLOB NOT NULL,
  author    BLOB NOT NULL,
  ssn       INTEGER NOT NULL,
  h         BLOB NOT NULL,
  dismissed INTEGER NOT NULL DEFAULT 0,
  UNIQUE (feed, author)
) STRICT;
