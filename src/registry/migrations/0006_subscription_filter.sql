-- A JSON Schema as JSON text; NULL: every event passes.
ALTER TABLE subscription ADD COLUMN filter TEXT;
