-- What an entry measured is one row, `measured` in the order entered: a set of vitals touches one page instead of one per
-- measure, and a trend reads the entries of its days. The projection is built again.
DROP TABLE measure;
CREATE TABLE measure (
  patient  BLOB NOT NULL,
  at_ms    INTEGER NOT NULL,
  entry    BLOB NOT NULL,
  measured BLOB NOT NULL,
  PRIMARY KEY (patient, at_ms, entry)
) STRICT, WITHOUT ROWID;
