-- Words are found by their row and led to their entry; nothing asks the other way round.
DROP INDEX entry_words_id;

-- An envelope is a little over a kilobyte: in a table ordered by its key each would take an overflow page of its own.
CREATE TABLE attachment_by_place (
  feed      BLOB NOT NULL,
  ssn       INTEGER NOT NULL,
  ord       INTEGER NOT NULL,
  recipient BLOB NOT NULL,
  bytes     BLOB NOT NULL,
  UNIQUE (feed, ssn, ord)
) STRICT;
INSERT INTO attachment_by_place SELECT feed, ssn, ord, recipient, bytes FROM attachment ORDER BY feed, ssn, ord;
DROP TABLE attachment;
ALTER TABLE attachment_by_place RENAME TO attachment;
