-- When the endpoint, as it stands now, agreed to deliveries; NULL: it has not, or nobody asked it.
ALTER TABLE subscription ADD COLUMN verified_ms INTEGER;

-- The endpoints that deliveries wait for: a row for each subscription that is unverified.
CREATE TABLE endpoint_challenge (
  subscription_id TEXT PRIMARY KEY REFERENCES subscription (id) ON DELETE CASCADE,
  tries INTEGER NOT NULL,
  -- When it is asked again; NULL: it was asked often enough.
  due_ms INTEGER,
  -- Why it did not agree, when it was asked last.
  error TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX endpoint_challenge_by_due ON endpoint_challenge (due_ms) WHERE due_ms IS NOT NULL;
