-- What is offered next, and whose epoch has another key now, is found without reading what else waits.
DROP INDEX former_place;
CREATE INDEX former_offer ON former (rank, feed, ord) WHERE NOT lost;
CREATE INDEX former_feed ON former (feed, ord);
CREATE INDEX former_epoch ON former (feed, kcv, ord) WHERE NOT lost AND kcv <> x'';
