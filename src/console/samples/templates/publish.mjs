// Publishes an event to the Event Relay, with Node.js 20 or later and no packages:
//   RELAY_CLIENT_ID=… RELAY_CLIENT_SECRET=… node publish.mjs
// %about%
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

const relay = "%relay%";
const channel = "%path%";
// Events of one key arrive in the order they were published.
const partitionKey = "%key%";
const event = "%payload%";
// The organization that the event is about; needed where the API asks for its consent.
const dataOwnerId = process.env.DATA_OWNER_ID;

const TRIES_MAX = 6;

// Good for an hour: fetch it once, and publish many events with it.
async function fetchToken() {
  const { RELAY_CLIENT_ID: id, RELAY_CLIENT_SECRET: secret } = process.env;
  if (!id || !secret) throw new Error("set RELAY_CLIENT_ID and RELAY_CLIENT_SECRET, a credential of the API");
  const answer = await fetch(`${relay}/oauth2/default/v1/token`, {
    method: "POST",
    headers: { Authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}` },
    body: new URLSearchParams({ grant_type: "client_credentials" }),
  });
  if (!answer.ok) throw new Error(`no token: ${answer.status} ${await answer.text()}`);
  return (await answer.json()).access_token;
}

async function publish(token) {
  const headers = {
    Authorization: `Bearer ${token}`,
    "Content-Type": "application/json",
    "Partition-Key": partitionKey,
    // The same at each try: the event is stored once.
    "Idempotency-Key": randomUUID(),
    ...(dataOwnerId && { "Data-Owner-Id": dataOwnerId }),
  };
  for (let tries = 1; ; tries++) {
    const isLast = tries === TRIES_MAX;
    let waitSeconds = 2 ** (tries - 1);
    try {
      const answer = await fetch(`${relay}/v2/events/${channel}`, {
        method: "POST",
        headers,
        body: JSON.stringify(event),
      });
      if (answer.ok) return (await answer.json()).eventId;
      const problem = await answer.json().catch(() => ({}));
      const isWorthATry = answer.status === 429 || answer.status === 503;
      if (isLast || !isWorthATry) throw Object.assign(new Error(sayProblem(answer.status, problem)), { isFinal: true });
      waitSeconds = Number(answer.headers.get("retry-after")) || waitSeconds;
    } catch (error) {
      // Without an answer nobody knows whether it is stored: try again.
      if (isLast || error.isFinal) throw error;
    }
    await sleep(waitSeconds * 1000);
  }
}

// Where the payload breaks the message's schema, `errors` has each place.
function sayProblem(status, { detail = "no detail", errors = [] }) {
  return [`${status} ${detail}`, ...errors.map(({ path, message }) => `  ${path}: ${message}`)].join("\n");
}

try {
  console.log(await publish(await fetchToken()));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
