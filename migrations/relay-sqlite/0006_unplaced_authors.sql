-- 1 where the only thing in an item's way was that no team named its author yet, as after a restore: it needs no manager.
ALTER TABLE quarantine ADD COLUMN unplaced INTEGER NOT NULL DEFAULT 0;
