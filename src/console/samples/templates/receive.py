"""Receives events of the Event Relay, with Python 3.9 or later and nothing but its standard library.

    RELAY_SIGNING_SECRET=whsec_… PORT=9000 python3 receive.py
"""

# %about%
import base64
import hashlib
import hmac
import json
import os
import re
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

RELAY = "%relay%"
SECRET = os.environ.get("RELAY_SIGNING_SECRET", "")
if not SECRET.startswith("whsec_"):
    sys.exit("set RELAY_SIGNING_SECRET: it was shown when you subscribed")
SIGNING_KEY = base64.b64decode(SECRET[len("whsec_") :])

TOLERANCE_SECONDS = 300
BODY_BYTES_MAX = 2 * 1024 * 1024
KNOWN_IDS_MAX = 10_000
SILENCE_SECONDS_MAX = 30

# An event may come more than once, always with the same id. Where several processes receive, keep the ids in your database.
known_ids = {}
lock = threading.Lock()


def handle(event):
    """Keep the event, in a table or a queue, and work on it later: the relay waits for your answer.

    If this raises, the event comes again.
    """
    # %example%
    print(json.dumps(event), flush=True)


def is_authentic(headers, body):
    """Standard Webhooks: the signature is over the bytes as they came."""
    event_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not event_id or not re.fullmatch(r"[0-9]{1,12}", timestamp):
        return False
    if abs(time.time() - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    signed = f"{event_id}.{timestamp}.".encode() + body
    expected = b"v1," + base64.b64encode(hmac.new(SIGNING_KEY, signed, hashlib.sha256).digest())
    words = headers.get("webhook-signature", "").encode("utf-8", "replace").split(b" ")
    return any(hmac.compare_digest(word, expected) for word in words)


def receive(headers, body):
    if not is_authentic(headers, body):
        return 401
    event_id = headers["webhook-id"]
    with lock:
        if event_id in known_ids:
            return 204
        handle(
            {
                "id": event_id,
                "channel": headers.get("event-channel"),
                "partitionKey": headers.get("partition-key"),
                "data": json.loads(body),
            }
        )
        known_ids[event_id] = True
        if len(known_ids) > KNOWN_IDS_MAX:
            del known_ids[next(iter(known_ids))]
    return 204


class Webhook(BaseHTTPRequestHandler):
    timeout = SILENCE_SECONDS_MAX

    def do_POST(self):
        length = self.headers.get("content-length", "")
        if not length.isdecimal():
            return self.answer(411)
        if int(length) > BODY_BYTES_MAX:
            return self.answer(413)
        try:
            return self.answer(receive(self.headers, self.rfile.read(int(length))))
        except Exception as error:
            self.log_error("%r", error)
            return self.answer(500)

    def do_OPTIONS(self):
        """The relay asks an endpoint first whether it wants its events."""
        self.answer(204, ("WebHook-Allowed-Origin", urlsplit(RELAY).hostname))

    def answer(self, status, *headers):
        self.send_response(status)
        for name, value in (*headers, ("Content-Length", "0")):
            self.send_header(name, value)
        self.end_headers()


if __name__ == "__main__":
    server = ThreadingHTTPServer(("", int(os.environ.get("PORT", "9000"))), Webhook)
    print(f"listening on port {server.server_port}", file=sys.stderr, flush=True)
    server.serve_forever()
