-- Whether data owners find an app in the directory, before it has asked them for anything.
ALTER TABLE app ADD COLUMN listed INTEGER NOT NULL DEFAULT 0 CHECK (listed IN (0, 1));
CREATE INDEX app_by_listed ON app (seq) WHERE listed = 1;
