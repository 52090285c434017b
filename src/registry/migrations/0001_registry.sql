-- Times are milliseconds since the Unix epoch. `seq` orders each list: newest first is `seq DESC`.

CREATE TABLE organization (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  created_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE organization_token (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  organization_id TEXT NOT NULL REFERENCES organization (id),
  name TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('admin', 'developer', 'viewer')),
  -- SHA-256 of the token; the token itself is shown once and kept nowhere.
  digest TEXT NOT NULL UNIQUE,
  created_ms INTEGER NOT NULL,
  expires_ms INTEGER,
  revoked_ms INTEGER
) STRICT;
CREATE INDEX organization_token_by_organization ON organization_token (organization_id, seq);

CREATE TABLE api (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  organization_id TEXT NOT NULL REFERENCES organization (id),
  title TEXT NOT NULL,
  version TEXT NOT NULL,
  spec_version TEXT NOT NULL,
  description TEXT,
  tags TEXT NOT NULL,
  visibility TEXT NOT NULL CHECK (visibility IN ('private', 'public')),
  access TEXT NOT NULL CHECK (access IN ('open', 'consent')),
  approval TEXT NOT NULL CHECK (approval IN ('auto', 'manual')),
  validation TEXT NOT NULL CHECK (validation IN ('off', 'warn', 'enforce')),
  retention_days INTEGER NOT NULL,
  max_undelivered_days INTEGER,
  region TEXT,
  documentation TEXT,
  support TEXT,
  pricing TEXT,
  terms TEXT,
  -- Grows with each change. Writers check it: setting it to NULL makes a stale write fail as a whole.
  revision INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL,
  UNIQUE (organization_id, title)
) STRICT;
CREATE INDEX api_by_organization ON api (organization_id, seq);
CREATE INDEX api_by_visibility ON api (visibility, seq);

CREATE TABLE api_version (
  seq INTEGER PRIMARY KEY,
  api_id TEXT NOT NULL REFERENCES api (id) ON DELETE CASCADE,
  version TEXT NOT NULL,
  spec_version TEXT NOT NULL,
  -- The document as it was sent.
  document TEXT NOT NULL,
  media_type TEXT NOT NULL,
  created_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX api_version_by_api ON api_version (api_id, seq);

CREATE TABLE topic (
  id TEXT PRIMARY KEY,
  -- 30 random bits that stand in the id of each event.
  number INTEGER NOT NULL UNIQUE,
  api_id TEXT NOT NULL REFERENCES api (id) ON DELETE CASCADE,
  address TEXT NOT NULL,
  title TEXT,
  description TEXT,
  messages TEXT NOT NULL,
  shards INTEGER NOT NULL,
  UNIQUE (api_id, address)
) STRICT, WITHOUT ROWID;

CREATE TABLE app (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  organization_id TEXT NOT NULL REFERENCES organization (id),
  name TEXT NOT NULL,
  description TEXT,
  website TEXT,
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX app_by_organization ON app (organization_id, seq);

-- OAuth clients: publishers of an API, and apps.
CREATE TABLE client (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('publisher', 'app')),
  api_id TEXT REFERENCES api (id) ON DELETE CASCADE,
  app_id TEXT REFERENCES app (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  secret_digest TEXT NOT NULL,
  channels TEXT,
  created_ms INTEGER NOT NULL,
  revoked_ms INTEGER,
  CHECK ((kind = 'publisher' AND api_id IS NOT NULL AND app_id IS NULL)
      OR (kind = 'app' AND app_id IS NOT NULL AND api_id IS NULL))
) STRICT;
CREATE INDEX client_by_api ON client (api_id, seq);
CREATE INDEX client_by_app ON client (app_id, seq);

CREATE TABLE subscription (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  app_id TEXT NOT NULL REFERENCES app (id) ON DELETE CASCADE,
  api_id TEXT NOT NULL REFERENCES api (id) ON DELETE CASCADE,
  -- The app's organization, once more: a list needs no join.
  organization_id TEXT NOT NULL REFERENCES organization (id),
  status TEXT NOT NULL
    CHECK (status IN ('pending', 'rejected', 'unverified', 'active', 'paused', 'disabled')),
  channels TEXT,
  endpoint TEXT,
  format TEXT NOT NULL,
  event_path TEXT,
  retry TEXT NOT NULL,
  start TEXT NOT NULL,
  timeout_seconds INTEGER NOT NULL,
  headers TEXT NOT NULL,
  description TEXT,
  metadata TEXT NOT NULL,
  sealed_signing_secrets TEXT NOT NULL,
  -- When the logs first heard of it; NULL: they do not know it yet.
  activated_ms INTEGER,
  revision INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX subscription_by_organization ON subscription (organization_id, seq);
CREATE INDEX subscription_by_api ON subscription (api_id, seq);
CREATE INDEX subscription_by_app ON subscription (app_id, seq);

CREATE TABLE consent (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  subscription_id TEXT NOT NULL REFERENCES subscription (id) ON DELETE CASCADE,
  data_owner_id TEXT NOT NULL REFERENCES organization (id),
  status TEXT NOT NULL CHECK (status IN ('requested', 'granted', 'denied', 'revoked')),
  channels TEXT,
  expires_ms INTEGER,
  revision INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL,
  UNIQUE (subscription_id, data_owner_id)
) STRICT;
CREATE INDEX consent_by_data_owner ON consent (data_owner_id, seq);

-- One row for each organization that a change touches.
CREATE TABLE audit (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  organization_id TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  request_id TEXT NOT NULL,
  address TEXT
) STRICT;
CREATE INDEX audit_by_organization ON audit (organization_id, seq);

-- The outbox: what a log has not been told yet. It says only that something changed; the payload is read when it is sent.
CREATE TABLE push (
  kind TEXT NOT NULL CHECK (kind IN ('topic', 'subscription', 'consent')),
  -- Of a consent: its subscription and its data owner.
  entity_id TEXT NOT NULL,
  log TEXT NOT NULL,
  -- Names the change that wrote the row: each change waits for its own rows, whatever others wrote meanwhile.
  generation TEXT NOT NULL,
  tried_ms INTEGER NOT NULL,
  PRIMARY KEY (kind, entity_id, log, generation)
) STRICT, WITHOUT ROWID;
CREATE INDEX push_by_generation ON push (generation);
CREATE INDEX push_by_tried ON push (tried_ms);

-- Answers of POSTs that came with an Idempotency-Key.
CREATE TABLE idempotency (
  key_digest TEXT PRIMARY KEY,
  request_digest TEXT NOT NULL,
  sealed_answer TEXT NOT NULL,
  -- The outbox rows that this answer waits for.
  generation TEXT NOT NULL,
  expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_by_expiry ON idempotency (expires_ms);

-- Each log of a topic. A log is named `{topic}/{shard}` (domain/topic.ts, logName).
CREATE VIEW topic_log AS
WITH RECURSIVE shard (number) AS (SELECT 0 UNION ALL SELECT number + 1 FROM shard WHERE number < 63)
SELECT topic.api_id AS api_id, topic.id AS topic_id, topic.address AS address, topic.id || '/' || shard.number AS log
FROM topic JOIN shard ON shard.number < topic.shards;

-- Each log that a subscription's events come from.
CREATE VIEW subscription_log AS
SELECT subscription.id AS subscription_id, subscription.app_id AS app_id, subscription.api_id AS api_id,
  subscription.activated_ms AS activated_ms, topic_log.address AS address, topic_log.log AS log
FROM subscription JOIN topic_log ON topic_log.api_id = subscription.api_id
WHERE subscription.channels IS NULL
  OR EXISTS (SELECT 1 FROM json_each(subscription.channels) WHERE json_each.value = topic_log.address);
