-- People of an organization, who sign in at the issuer of OpenID Connect that the operator has configured.
CREATE TABLE member (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  organization_id TEXT NOT NULL REFERENCES organization (id),
  -- In lower case. It is how a member is invited; who that is, issuer and subject say once they have signed in.
  email TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('admin', 'developer', 'viewer')),
  issuer TEXT,
  subject TEXT,
  name TEXT,
  created_ms INTEGER NOT NULL,
  signed_in_ms INTEGER,
  UNIQUE (organization_id, email),
  CHECK ((issuer IS NULL) = (subject IS NULL))
) STRICT;
CREATE INDEX member_by_organization ON member (organization_id, seq);
CREATE INDEX member_by_email ON member (email);
CREATE UNIQUE INDEX member_by_subject ON member (subject, issuer, organization_id) WHERE subject IS NOT NULL;

-- Who is signed in to the console. Of the id that the cookie carries only the SHA-256 is kept.
CREATE TABLE session (
  digest TEXT PRIMARY KEY,
  -- Of people, as the issuer calls them; a token has none.
  person_name TEXT,
  person_email TEXT,
  -- To within some minutes: a use is not worth a write.
  used_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- As whom a session may act: as long as what it has signed in with is good.
CREATE TABLE session_seat (
  session_digest TEXT NOT NULL REFERENCES session (digest) ON DELETE CASCADE,
  -- An organization's id, or 'operator'.
  acts_as TEXT NOT NULL,
  token_id TEXT REFERENCES organization_token (id),
  member_id TEXT REFERENCES member (id) ON DELETE CASCADE,
  -- Of what made it the operator's.
  operator_digest TEXT,
  expires_ms INTEGER NOT NULL,
  PRIMARY KEY (session_digest, acts_as),
  CHECK ((token_id IS NOT NULL) + (member_id IS NOT NULL) + (operator_digest IS NOT NULL) = 1)
) STRICT, WITHOUT ROWID;
CREATE INDEX session_seat_by_member ON session_seat (member_id) WHERE member_id IS NOT NULL;

-- Links that open one app's part of the console inside somebody else's product. One that is revoked is deleted.
CREATE TABLE portal_link (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  organization_id TEXT NOT NULL REFERENCES organization (id),
  app_id TEXT NOT NULL REFERENCES app (id) ON DELETE CASCADE,
  role TEXT NOT NULL CHECK (role IN ('viewer', 'developer')),
  -- SHA-256 of its token, which stands in the link only.
  digest TEXT NOT NULL UNIQUE,
  -- A JSON list of the origins whose pages may embed it.
  frame_ancestors TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX portal_link_by_organization ON portal_link (organization_id, seq);
CREATE INDEX portal_link_by_app ON portal_link (app_id);
CREATE INDEX portal_link_by_expiry ON portal_link (expires_ms);
