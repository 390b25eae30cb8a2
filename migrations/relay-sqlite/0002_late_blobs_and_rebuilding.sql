-- Blobs that items in quarantine list: kept as long as those items wait.
CREATE TABLE late_blob (
    blob      BLOB    NOT NULL CHECK (length(blob) = 32),
    entry_no  INTEGER NOT NULL,
    PRIMARY KEY (blob, entry_no)
) STRICT, WITHOUT ROWID;
CREATE INDEX late_blob_by_entry ON late_blob (entry_no);

-- When this store was made from a backup; 0 for one that never was.
ALTER TABLE relay ADD COLUMN restored_ms INTEGER NOT NULL DEFAULT 0;
-- The newest Epoch that this store took under all rules, with every envelope.
ALTER TABLE feed ADD COLUMN whole_ssn INTEGER NOT NULL DEFAULT 0;
-- 1 once the feed goes on in this store: records are no longer taken as re-offered.
ALTER TABLE feed ADD COLUMN rebuilt INTEGER NOT NULL DEFAULT 0;

-- What `readyz` writes to learn whether it can.
CREATE TABLE probe (
    one    INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    bytes  BLOB    NOT NULL
) STRICT;
