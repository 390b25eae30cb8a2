-- The move with which a team left: until its devices have seen that, heads tell them of the frame that removed them.
ALTER TABLE membership ADD COLUMN until_move INTEGER NOT NULL DEFAULT 0;
