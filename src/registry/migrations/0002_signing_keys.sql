-- The RS256 keys of the authorization server. `generation` counts up from 1: its uniqueness is what lets two isolates
-- that make a key at the same time end up with the same one.
CREATE TABLE signing_key (
  generation INTEGER PRIMARY KEY,
  public_jwk TEXT NOT NULL,
  sealed_private_jwk TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  signs_from_ms INTEGER NOT NULL
) STRICT;
