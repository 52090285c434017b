#!/usr/bin/env bash
# Fetches events of the Event Relay, with curl 7.76 or later and jq. A subscription without an endpoint keeps them until they are
# fetched; run this again for what comes later:
#   RELAY_API_KEY=… RELAY_API_SECRET=… RELAY_SUBSCRIPTION_ID=… bash receive.sh
# %about%
set -euo pipefail
: "${RELAY_API_KEY:?is part of a credential of your app}" "${RELAY_API_SECRET:?is part of a credential of your app}"
: "${RELAY_SUBSCRIPTION_ID:?is shown on the page of your subscription}"

relay='%relay%'
subscription="$relay/v1/subscriptions/$RELAY_SUBSCRIPTION_ID"

answer=$(mktemp)
trap 'rm -f "$answer"' EXIT

# call ARGUMENTS...: what the relay answers; where it refuses, its problem, and the end
call() {
  # Tries again after 429, 503 and the like, when Retry-After says.
  curl -sS --fail-with-body --retry 5 --retry-connrefused -o "$answer" "$@" || {
    cat "$answer" >&2
    exit 1
  }
  cat "$answer"
}

token=$(call "$relay/oauth2/default/v1/token" -u "$RELAY_API_KEY:$RELAY_API_SECRET" \
  -d grant_type=client_credentials | jq -r .access_token)

while true; do
  # What is fetched is yours for 30 seconds. What is not acknowledged until then comes again.
  events=$(call "$subscription/events?max=50&leaseSeconds=30" -H "Authorization: Bearer $token")
  [ "$(jq '.events | length' <<<"$events")" -gt 0 ] || break
  # Keep the events before you acknowledge them.
  #
  # %example%
  jq -c '.events[] | {id, channel, partitionKey, data}' <<<"$events"
  call "$subscription/ack" -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
    -d "$(jq -c '{eventIds: [.events[].id]}' <<<"$events")" >/dev/null
done
