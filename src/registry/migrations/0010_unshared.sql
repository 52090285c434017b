-- Whether a subscriber may still see the API: who may not gets nothing of it.
CREATE VIEW subscription_sight AS
SELECT subscription.id AS subscription_id,
  api.visibility = 'public' OR api.organization_id = subscription.organization_id
    OR EXISTS (SELECT 1 FROM api_share
      WHERE api_share.api_id = api.id AND api_share.organization_id = subscription.organization_id) AS may_see
FROM subscription JOIN api ON api.id = subscription.api_id;
