-- The projection is built again after this (PROJECTION_VERSION).

-- What an entry measured is one row, `measured` in the order entered: a set of vitals touches one page instead of one per
-- measure, and a trend reads the entries of its days.
DROP TABLE measure;
CREATE TABLE measure (
  patient  BLOB NOT NULL,
  at_ms    INTEGER NOT NULL,
  entry    BLOB NOT NULL,
  measured BLOB NOT NULL,
  PRIMARY KEY (patient, at_ms, entry)
) STRICT, WITHOUT ROWID;

-- Bigrams come folded and made of letters and digits alone: there is nothing left to know about Unicode.
DROP TABLE words;
CREATE VIRTUAL TABLE words USING fts5 (who, bigrams, content = '', contentless_delete = 1, tokenize = 'ascii', detail = full);
