-- Which entry a change of the outbox creates: clinical time (i64, big-endian) and id; empty for state.
-- When the item comes back as it was sealed here, this is all that has to be marked.
ALTER TABLE outbox ADD COLUMN entry BLOB NOT NULL DEFAULT x'';
