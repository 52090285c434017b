-- REPLACE deletes a row without its DELETE trigger: it is stopped where it inserts.
CREATE TRIGGER audit_is_not_replaced BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE seq = NEW.seq OR id = NEW.id)
BEGIN
  SELECT RAISE(ABORT, 'the audit is append-only');
END;
