#!/usr/bin/env bash
# Publishes an event to the Event Relay, with curl 7.76 or later and jq:
#   RELAY_CLIENT_ID=… RELAY_CLIENT_SECRET=… bash publish.sh
# %about%
set -euo pipefail
: "${RELAY_CLIENT_ID:?is part of a credential of the API}" "${RELAY_CLIENT_SECRET:?is part of a credential of the API}"

relay='%relay%'
channel='%path%'
# Events of one key arrive in the order they were published.
partition_key='%key%'
event='%payload%'

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

# Good for an hour: fetch it once, and publish many events with it.
token=$(call "$relay/oauth2/default/v1/token" -u "$RELAY_CLIENT_ID:$RELAY_CLIENT_SECRET" \
  -d grant_type=client_credentials | jq -r .access_token)

# The same Idempotency-Key at each try: the event is stored once. DATA_OWNER_ID is the organization that the event is about;
# it is needed where the API asks for its consent.
call "$relay/v2/events/$channel" \
  -H "Authorization: Bearer $token" \
  -H 'Content-Type: application/json' \
  -H "Partition-Key: $partition_key" \
  -H "Idempotency-Key: $(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')" \
  ${DATA_OWNER_ID:+-H "Data-Owner-Id: $DATA_OWNER_ID"} \
  --data-binary "$event" | jq -r .eventId
