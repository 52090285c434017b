import { RelayClient } from "../../../src/dev/relay-client.ts";
import { HttpConnection } from "../http-connection.ts";
import { logIn } from "../relay-topic.ts";
import { OPERATOR_TOKEN } from "../runtime.ts";
import { median } from "./median.ts";
import { COMPONENTS, ORDER, ORDER_SCHEMA } from "./order.ts";

const CONNECTIONS = 16;
const ROUNDS = { full: 9, quick: 3 };
const EVENTS_PER_ROUND = { full: 2_000, quick: 200 };

export type EnforceMeasured = { bytes: number; offPerSecond: number; enforcePerSecond: number; ratio: number };

/** Publishes the same orders with validation off and enforced, in turn, so that a busy moment meets both. */
export async function measureEnforce(origin: string, quick: boolean): Promise<EnforceMeasured> {
  const size = quick ? "quick" : "full";
  const off = await openTopic(origin, "off");
  const enforce = await openTopic(origin, "enforce");
  try {
    for (const topic of [off, enforce]) await publishRound(topic, EVENTS_PER_ROUND[size]);
    const rounds: { off: number; enforce: number }[] = [];
    for (let round = 0; round < ROUNDS[size]; round++) {
      rounds.push({
        off: await publishRound(off, EVENTS_PER_ROUND[size]),
        enforce: await publishRound(enforce, EVENTS_PER_ROUND[size]),
      });
    }
    return {
      bytes: Buffer.byteLength(BODY),
      offPerSecond: median(rounds.map((round) => round.off)),
      enforcePerSecond: median(rounds.map((round) => round.enforce)),
      ratio: median(rounds.map((round) => round.enforce / round.off)),
    };
  } finally {
    for (const { connections } of [off, enforce]) for (const connection of connections) connection.close();
  }
}

const BODY = JSON.stringify(ORDER);

type Topic = { head: string; connections: HttpConnection[] };

async function openTopic(origin: string, validation: "off" | "enforce"): Promise<Topic> {
  const operator = new RelayClient(origin, OPERATOR_TOKEN);
  const { client } = await operator.createOrganization(`validation ${validation}`);
  const api = await client.registerApi(
    JSON.stringify({
      asyncapi: "2.6.0",
      info: { title: `Orders ${validation}`, version: "1" },
      channels: { orders: { subscribe: { message: { name: "Order", payload: ORDER_SCHEMA } } } },
      components: COMPONENTS,
    }),
  );
  await client.call("PATCH", `/v1/apis/${api.id}`, { validation });
  const token = await logIn(origin, api.credentials);
  const url = new URL("/v2/events/orders", origin);
  const head = `POST ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\nContent-Type: application/json\r\nAuthorization: Bearer ${token}\r\n`;
  return { head, connections: await Promise.all(Array.from({ length: CONNECTIONS }, () => HttpConnection.open(url))) };
}

/** Events a second. */
async function publishRound({ head, connections }: Topic, events: number): Promise<number> {
  const startMs = performance.now();
  let left = events;
  await Promise.all(
    connections.map(async (connection) => {
      while (left > 0) {
        left -= 1;
        const { status } = await connection.post(head, BODY);
        if (status !== 200) throw new Error(`a publish was answered ${status}`);
      }
    }),
  );
  return events / ((performance.now() - startMs) / 1000);
}
