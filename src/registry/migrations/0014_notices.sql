-- The relay's own events that nobody has published yet, each to one organization.
CREATE TABLE notice (
  -- The order of the changes that they are about. Never given twice.
  n INTEGER PRIMARY KEY AUTOINCREMENT,
  -- Names the notice, so that it is published once however often it is sent.
  key TEXT NOT NULL UNIQUE DEFAULT (lower(hex(randomblob(16)))),
  organization_id TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  -- {type, data}
  notice TEXT NOT NULL
) STRICT;
