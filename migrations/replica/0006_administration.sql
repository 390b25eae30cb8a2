-- What an administrator decided here and no feed holds yet: signed after a pull, signed again when another control came
-- first, dropped when it is so already. `refused` is a code once it can never be.
CREATE TABLE intent (
  ord     INTEGER NOT NULL PRIMARY KEY,
  feed    BLOB NOT NULL,
  intent  BLOB NOT NULL,
  made_ms INTEGER NOT NULL,
  refused TEXT NOT NULL DEFAULT ''
) STRICT;

-- Late items in the relay's quarantine that this device may admit, byte for byte.
CREATE TABLE late (
  space       BLOB NOT NULL,
  device      BLOB NOT NULL,
  dseq        INTEGER NOT NULL,
  received_ms INTEGER NOT NULL,
  raw         BLOB NOT NULL,
  UNIQUE (space, device, dseq)
) STRICT;
