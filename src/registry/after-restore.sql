-- After D1 was restored to an earlier time: the logs know of changes that the registry has forgotten, and would take what it says
-- for old. Each thing gets a revision beyond any that they may have heard of, and is told to all its logs.
UPDATE api SET revision = revision + 1000000;
UPDATE subscription SET revision = revision + 1000000;

-- Nobody knows which consents were withdrawn since. None holds until its data owner has given it again.
UPDATE consent SET revision = revision + 1000000, status = iif(status = 'granted', 'revoked', status);

INSERT INTO push (log, entity_id, kind, generation, tried_ms)
SELECT log, api_id, 'topic', 'restore/' || unixepoch(), 0 FROM topic_log WHERE true ON CONFLICT DO NOTHING;

INSERT INTO push (log, entity_id, kind, generation, tried_ms)
SELECT log, subscription_id, 'subscription', 'restore/' || unixepoch(), 0 FROM subscription_log
WHERE activated_ms IS NOT NULL ON CONFLICT DO NOTHING;

INSERT INTO push (log, entity_id, kind, generation, tried_ms)
SELECT log, subscription_id || '/' || data_owner_id, 'consent', 'restore/' || unixepoch(), 0
FROM consent JOIN subscription ON subscription.id = consent.subscription_id JOIN topic_log USING (api_id)
WHERE activated_ms IS NOT NULL ON CONFLICT DO NOTHING;
