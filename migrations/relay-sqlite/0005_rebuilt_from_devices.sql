-- The directory that devices may bring to an empty store; empty where the operator brings it.
ALTER TABLE relay ADD COLUMN directory BLOB NOT NULL DEFAULT x'';
