-- The organizations that may see, and subscribe to, an API although it is private.
CREATE TABLE api_share (
  seq INTEGER PRIMARY KEY,
  api_id TEXT NOT NULL REFERENCES api (id) ON DELETE CASCADE,
  organization_id TEXT NOT NULL REFERENCES organization (id),
  created_ms INTEGER NOT NULL,
  UNIQUE (api_id, organization_id)
) STRICT;
CREATE INDEX api_share_by_api ON api_share (api_id, seq);
