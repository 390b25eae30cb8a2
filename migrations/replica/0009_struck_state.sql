-- The projection is built again after this (PROJECTION_VERSION).

-- Every write of a state key, with who and when; `struck` once a manager struck its item through. A field is written a few
-- times in years.
CREATE TABLE state_write (
  space      BLOB NOT NULL,
  key        TEXT NOT NULL,
  change     BLOB NOT NULL,
  author     BLOB NOT NULL,
  written_ms INTEGER NOT NULL,
  zone_min   INTEGER NOT NULL,
  struck     INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (space, key, change)
) STRICT, WITHOUT ROWID;

-- Keys that a struck write wrote last, with the values a person may put back; one row with an empty `change` where
-- nothing stood there before.
CREATE TABLE state_before (
  space  BLOB NOT NULL,
  key    TEXT NOT NULL,
  change BLOB NOT NULL,
  bytes  BLOB NOT NULL,
  PRIMARY KEY (space, key, change)
) STRICT, WITHOUT ROWID;

-- The relay holds it back until a manager lets it in.
ALTER TABLE sealed ADD COLUMN quarantined INTEGER NOT NULL DEFAULT 0;
