"""Publishes an event to the Event Relay, with Python 3.9 or later and nothing but its standard library.

    RELAY_CLIENT_ID=… RELAY_CLIENT_SECRET=… python3 publish.py
"""

# %about%
import base64
import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid

RELAY = "%relay%"
CHANNEL = "%path%"
# Events of one key arrive in the order they were published.
PARTITION_KEY = "%key%"
EVENT = "%payload%"
# The organization that the event is about; needed where the API asks for its consent.
DATA_OWNER_ID = os.environ.get("DATA_OWNER_ID")

TRIES_MAX = 6
TIMEOUT_SECONDS = 30


def post(path, body, headers):
    request = urllib.request.Request(RELAY + path, data=body, headers=headers, method="POST")
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
        return json.load(answer)


def fetch_token():
    """Good for an hour: fetch it once, and publish many events with it."""
    client_id, secret = os.environ.get("RELAY_CLIENT_ID"), os.environ.get("RELAY_CLIENT_SECRET")
    if not client_id or not secret:
        sys.exit("set RELAY_CLIENT_ID and RELAY_CLIENT_SECRET, a credential of the API")
    basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"}
    return post("/oauth2/default/v1/token", b"grant_type=client_credentials", headers)["access_token"]


def publish(token):
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Partition-Key": PARTITION_KEY,
        # The same at each try: the event is stored once.
        "Idempotency-Key": str(uuid.uuid4()),
    }
    if DATA_OWNER_ID:
        headers["Data-Owner-Id"] = DATA_OWNER_ID
    body = json.dumps(EVENT).encode()
    for tries in range(1, TRIES_MAX + 1):
        wait_seconds = 2 ** (tries - 1)
        try:
            return post(f"/v2/events/{CHANNEL}", body, headers)["eventId"]
        except urllib.error.HTTPError as refusal:
            if refusal.code not in (429, 503) or tries == TRIES_MAX:
                raise
            retry_after = refusal.headers.get("Retry-After", "")
            wait_seconds = int(retry_after) if retry_after.isdigit() else wait_seconds
        except (urllib.error.URLError, TimeoutError):
            # Without an answer nobody knows whether it is stored: try again.
            if tries == TRIES_MAX:
                raise
        time.sleep(wait_seconds)


def say_problem(refusal):
    """Where the payload breaks the message's schema, `errors` has each place."""
    try:
        problem = json.load(refusal)
    except ValueError:
        problem = {}
    lines = [f"{refusal.code} {problem.get('detail', 'no detail')}"]
    return "\n".join(lines + [f"  {error['path']}: {error['message']}" for error in problem.get("errors", [])])


if __name__ == "__main__":
    try:
        print(publish(fetch_token()))
    except urllib.error.HTTPError as refusal:
        sys.exit(say_problem(refusal))
