-- What a version changed for subscribers, as `compareDocuments` said when it was put.
ALTER TABLE api_version ADD COLUMN changes TEXT NOT NULL DEFAULT '[]';

-- A channel that the current version does not have any more. Its log goes on delivering what it took, so controls still reach it;
-- a later version may bring it back.
ALTER TABLE topic ADD COLUMN retired_ms INTEGER;

-- The parameters in the address, each with the schema of its values.
ALTER TABLE topic ADD COLUMN parameters TEXT NOT NULL DEFAULT '[]';
