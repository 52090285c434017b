/**
 * Every line that the relay logs, by its `what`, and the fields beside that: ids, counts, durations, words of the relay's own,
 * messages of errors; never a payload, a header as it came, a secret. A field that has nothing to say is left out.
 */
export const LOG_LINES = {
  // One for each piece of work
  append:
    "a group commit of a log: log, calls, events, accepted, invalid, bodyBytes, retries, refusals, requestIds, traceIds, lastEventId, lastSeq",
  publish_refused: "a publish that was refused: requestId, path, channel, reason, form, clientId, traceId, ms",
  lease:
    "a lease that a consumer has worked on: queue, log, subscription, slot, lease, keys, events, delivered, failed, untried, failures, stop, traceIds, slowestMs, ms",
  pulled:
    "what a consumer that fetches events itself said of some: log, subscription, outcomes, delivered, failed, dead, unknown",
  wakes:
    "a batch of a queue, calls for notices among it, when all of it has ended: queue, wakes, unreadable, done, returned, failed, late, ms",
  change: "a change of the registry: requestId, actor, action, subject, organizations, decisions, pushes, inEffect, ms",
  session: "somebody has signed in: requestId, by, actsAs, seats",
  verification: "an endpoint was asked whether it agrees: subscription, agreed, error",
  secrets_resealed: "secrets were sealed with the newest master key: resealed, failed",
  "oauth.keys_rotated": "keys that sign tokens came or went: added, removed",
  "webhook.keys_rotated": "keys that sign deliveries came or went: added, removed",

  // What somebody should look at
  error: "a request met a bug: requestId, path, error",
  answer_cut: "an export or a snapshot was cut, and its reader comes again: requestId, path, error",
  alarm_failed: "an alarm failed, and the next one is set: log, error",
  chore_failed: "a chore of cron failed, and comes again: name, error",
  data_point_not_written: "the dataset of Analytics Engine did not take a point: log, error",
  filter_failed: "a filter is broken, or too costly for some events: log, subscription, exhausted, isBroken",
  hub_clients_not_read: "a hub could not look whether credentials were withdrawn, and does so again: hub, error",
  hub_not_reached: "a hub took no connection: hub, error",
  hub_read_failed: "a hub could not read a log, and does so again: hub, error",
  live_client_not_read: "what credentials may do could not be read for a live connection: error",
  log_call_failed: "a log did not answer: error, attempt",
  name_not_looked_up: "the resolver of names did not answer: error",
  notice_call_failed: "a log could not ask for its notices to be collected, and asks again: log, error",
  notices_failed: "notices could not be published, and are again: log, error",
  "oauth.client_not_read": "the client of a token request could not be read: error",
  "oauth.key_not_opened": "a key that signs tokens does not open with the master key: kid, error",
  "oauth.keys_not_loaded": "the keys that sign tokens could not be read: error",
  oidc_failed: "somebody could not sign in at the operator's issuer: requestId, error",
  predecessor_not_asked: "a log could not ask the one that it takes keys over from, and asks again: log, error",
  publisher_not_loaded: "what is known of a publisher could not be read anew: clientId, error",
  push_failed: "a change could not be read for a log that waits for it: log, kind, entityId, generation, error",
  registry_not_read: "the registry did not answer a live connection, which goes on: error",
  request_not_built: "a delivery could not be written: error",
  schemas_not_loaded: "the schemas of a channel could not be read: topicId, error",
  secret_not_resealed: "a secret does not open with any master key: error",
  session_use_unrecorded: "when a session was last used could not be noted: error",
  setting_invalid: "a setting of the deployment is wrong, and does without: name, error",
  socket_failed: "a live connection's socket did not take what was sent: error",
  target_not_prepared: "a lease's secrets do not open, or its token could not be made: error",
  token_limit_failed: "a rate limiting binding did not answer: error",
  token_use_unrecorded: "when a token was last used could not be noted: token, error",
  verification_failed: "an endpoint could not be asked whether it agrees: subscription, error",
  wake_failed: "a wake met a bug, and its lease expires: log, subscription, error",
  "webhook.key_not_opened": "a key that signs deliveries does not open with the master key: kid, error",
  "webhook.keys_not_loaded": "the keys that sign deliveries could not be read: error",
} as const;

export type LogLine = keyof typeof LOG_LINES;
