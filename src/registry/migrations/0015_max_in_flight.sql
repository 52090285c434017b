-- How many attempts may be under way at once; NULL: as many as the consumers have connections.
ALTER TABLE subscription ADD COLUMN max_in_flight INTEGER;
