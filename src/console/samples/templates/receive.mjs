// Receives events of the Event Relay, with Node.js 20 or later and no packages:
//   RELAY_SIGNING_SECRET=whsec_… PORT=9000 node receive.mjs
// %about%
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const relay = "%relay%";
const secret = process.env.RELAY_SIGNING_SECRET ?? "";
if (!secret.startsWith("whsec_")) throw new Error("set RELAY_SIGNING_SECRET: it was shown when you subscribed");
const signingKey = Buffer.from(secret.slice("whsec_".length), "base64");

const TOLERANCE_SECONDS = 300;
const BODY_BYTES_MAX = 2 * 1024 * 1024;
const KNOWN_IDS_MAX = 10_000;

// An event may come more than once, always with the same id. Where several processes receive, keep the ids in your database.
const knownIds = new Set();

// Keep the event, in a table or a queue, and work on it later: the relay waits for your answer.
// If this throws, the event comes again.
//
// %example%
async function handle(event) {
  console.log(JSON.stringify(event));
}

// Standard Webhooks: the signature is over the bytes as they came.
function isAuthentic(headers, body) {
  const { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures = "" } = headers;
  const ageSeconds = Math.abs(Date.now() / 1000 - Number(timestamp));
  if (!id || !(ageSeconds <= TOLERANCE_SECONDS)) return false;
  const digest = createHmac("sha256", signingKey).update(`${id}.${timestamp}.`).update(body).digest("base64");
  const expected = Buffer.from(`v1,${digest}`);
  return signatures.split(" ").some((word) => {
    const given = Buffer.from(word);
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

async function receive(headers, body) {
  if (!isAuthentic(headers, body)) return 401;
  const id = headers["webhook-id"];
  if (knownIds.has(id)) return 204;
  await handle({
    id,
    channel: headers["event-channel"],
    partitionKey: headers["partition-key"] ?? null,
    data: JSON.parse(body.toString("utf8")),
  });
  knownIds.add(id);
  if (knownIds.size > KNOWN_IDS_MAX) knownIds.delete(knownIds.values().next().value);
  return 204;
}

async function readBody(request) {
  const parts = [];
  let bytes = 0;
  for await (const part of request) {
    bytes += part.length;
    if (bytes <= BODY_BYTES_MAX) parts.push(part);
  }
  return bytes <= BODY_BYTES_MAX ? Buffer.concat(parts) : null;
}

const server = createServer(async (request, response) => {
  // The relay asks an endpoint first whether it wants its events.
  if (request.method === "OPTIONS") {
    return response.writeHead(204, { "WebHook-Allowed-Origin": new URL(relay).hostname }).end();
  }
  if (request.method !== "POST") return response.writeHead(405).end();
  try {
    const body = await readBody(request);
    return response.writeHead(body ? await receive(request.headers, body) : 413).end();
  } catch (error) {
    console.error(error);
    return response.writeHead(500).end();
  }
});
server.listen(Number(process.env.PORT ?? 9000), () => console.error(`listening on port ${server.address().port}`));
