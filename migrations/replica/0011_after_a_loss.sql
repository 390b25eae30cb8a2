-- When the lost store took a frame, ms UTC: what shows its entries goes on saying so.
ALTER TABLE former ADD COLUMN received_ms INTEGER NOT NULL DEFAULT 0;
-- The key an unanswered item is sealed under: a new store may give the number of its epoch to another.
ALTER TABLE sealed ADD COLUMN kcv BLOB NOT NULL DEFAULT x'';
