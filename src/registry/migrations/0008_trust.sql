-- How a subscription's deliveries prove themselves, and what its endpoint has said to them.
ALTER TABLE subscription ADD COLUMN structured INTEGER NOT NULL DEFAULT 0;
ALTER TABLE subscription ADD COLUMN signature TEXT CHECK (signature IN ('rfc9421'));
ALTER TABLE subscription ADD COLUMN verification TEXT NOT NULL DEFAULT 'none' CHECK (verification IN ('none', 'challenge'));
-- What the endpoint allows, in requests a minute; NULL: it named no bound, or was not asked.
ALTER TABLE subscription ADD COLUMN allowed_rate INTEGER;
-- What the subscriber asks for: {"perSecond", "burst"}.
ALTER TABLE subscription ADD COLUMN rate_limit TEXT;

-- While a secret is rotated, the one before it goes on until its time is over.
ALTER TABLE client ADD COLUMN previous_secret_digest TEXT;
ALTER TABLE client ADD COLUMN previous_expires_ms INTEGER;

-- To within some minutes: a use is not worth a write.
ALTER TABLE organization_token ADD COLUMN last_used_ms INTEGER;

-- The Ed25519 keys that sign deliveries (`v1a`, RFC 9421). As in signing_key, `generation` settles who made a key first.
CREATE TABLE webhook_key (
  generation INTEGER PRIMARY KEY,
  public_key TEXT NOT NULL,
  sealed_private_key TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  signs_from_ms INTEGER NOT NULL
) STRICT;

-- What was written into the audit stays as it was written.
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN
  SELECT RAISE(ABORT, 'the audit is append-only');
END;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
BEGIN
  SELECT RAISE(ABORT, 'the audit is append-only');
END;
