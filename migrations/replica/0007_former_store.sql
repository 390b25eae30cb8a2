-- Frames of the relay's former store that its new one has not shown yet, in the order they had; offered again until they
-- come back. `rank` is the kind of their feed: what names authors comes first. `kcv` is that of an item's epoch then: under
-- another key of the same number it could not be opened, so its author seals it again and others keep it as `lost`.
CREATE TABLE former (
  ord   INTEGER NOT NULL PRIMARY KEY,
  rank  INTEGER NOT NULL,
  feed  BLOB NOT NULL,
  frame BLOB NOT NULL,
  kcv   BLOB NOT NULL DEFAULT x'',
  lost  INTEGER NOT NULL DEFAULT 0,
  raw   BLOB NOT NULL
) STRICT;
CREATE INDEX former_place ON former (rank, feed, ord);
CREATE INDEX former_frame ON former (frame);

CREATE TABLE former_attachment (
  frame     BLOB NOT NULL,
  ord       INTEGER NOT NULL,
  recipient BLOB NOT NULL,
  bytes     BLOB NOT NULL,
  UNIQUE (frame, ord)
) STRICT;

-- Keys of epochs that were set aside with their feeds; the new store may have others under the same numbers.
CREATE TABLE former_key (
  space BLOB NOT NULL,
  epoch INTEGER NOT NULL,
  key   BLOB NOT NULL,
  UNIQUE (space, epoch, key)
) STRICT;

-- Blobs that frames of the former store list: the new one may lack them, whoever offers the frames.
CREATE TABLE former_blob (
  blob BLOB NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;
