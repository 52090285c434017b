-- The last replay that the subscriber asked for, as JSON: {n, toMs, toEventId}.
ALTER TABLE subscription ADD COLUMN seek TEXT;
