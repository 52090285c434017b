import { CountedPublisher } from "./counted-publisher.ts";

export const STRUCTURED = { "Content-Type": "application/cloudevents+json; charset=utf-8" };
export const BATCH = { "Content-Type": "application/cloudevents-batch+json" };
export const BINARY = {
  "ce-specversion": "1.0",
  "ce-id": "1",
  "ce-source": "/secret-shop",
  "ce-type": "order.created",
};
export const OWNER = "8a4f5b0e-9b5c-4d62-8b6e-3a0c2b1d4e5f";

export const eventOf = (fields: Record<string, unknown> = {}) => ({
  specversion: "1.0",
  id: "1",
  source: "/secret-shop",
  type: "order.created",
  ...fields,
});

type Problem = { detail: string; errors?: { path: string; message: string }[]; type: string; eventIds?: string[] };

/** A publisher of a new API: what it sends, and what its logs have got of that. */
export async function openPublisher() {
  const publisher = new CountedPublisher();
  const { token } = await publisher.register();
  const send = async (headers: Record<string, string>, body: unknown) => {
    const text = typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body);
    const answer = await publisher.publish("/orders/created", token, headers, text as BodyInit);
    return { status: answer.status, headers: answer.headers, body: await answer.json<Problem>() };
  };
  const stored = () =>
    publisher.logs.appended.map(({ body, ...event }) => ({ ...event, body: new TextDecoder().decode(body) }));
  return { publisher, send, stored, calls: publisher.logs.calls };
}
