import http from "node:http";
import net from "node:net";
import { expect } from "vitest";

/** What the relay answered to a publish. `json` is null where the body is not JSON. */
export type Answered = { status: number; headers: Record<string, string>; text: string; json: Record<string, unknown> };

export type Publish = {
  path?: string;
  token?: string | null;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** Without `Content-Length`. */
  isChunked?: boolean;
};

const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/** What would tell an outsider how the relay is made. */
const INSIDES =
  /\bat \S+ \(|\.ts\b|node_modules|workerd|\bSELECT\b|\bINSERT\b|sqlite|D1_|\/home\/|\/tmp\/|\bundefined\b/i;

/** One publish over HTTP, by hand: `fetch` would not let through what a hostile client sends. */
export async function publishRaw(origin: string, publish: Publish): Promise<Answered> {
  const { path = "/v2/events/orders", token = null, body = '{"n":1}', isChunked = false } = publish;
  const headers: Record<string, string> = { "Content-Type": "application/json", ...publish.headers };
  if (token !== null) headers.Authorization = `Bearer ${token}`;
  if (!isChunked) headers["Content-Length"] ??= String(Buffer.byteLength(body));
  for (const [name, value] of Object.entries(headers)) if (value === "") delete headers[name];
  return new Promise((resolve, reject) => {
    const request = http.request(origin + path, { method: "POST", headers, agent: false }, async (response) => {
      const parts: Buffer[] = [];
      try {
        for await (const part of response) parts.push(part as Buffer);
      } catch (error) {
        reject(error);
      }
      resolve(readAnswer(response.statusCode ?? 0, response.headers, Buffer.concat(parts).toString()));
    });
    // The relay may answer before it has read all of a body that is too large, and close.
    request.on("error", reject);
    // As bytes: Node writes the header together with a text, in the text's encoding.
    request.end(Buffer.from(body));
  });
}

/** One publish whose header lines are bytes as they are, legal or not. The relay may answer, or hang up: status 0. */
export function publishHeaderBytes(
  origin: string,
  token: string,
  lines: string,
  { body = "{}", length = Buffer.byteLength(body) } = {},
): Promise<Answered> {
  const { hostname, port, host } = new URL(origin);
  const head = [
    "POST /v2/events/orders HTTP/1.1",
    `Host: ${host}`,
    "Connection: close",
    `Authorization: Bearer ${token}`,
    "Content-Type: application/json",
    `Content-Length: ${length}`,
    lines,
  ].join("\r\n");
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    const socket = net.connect(Number(port), hostname, () => {
      socket.write(Buffer.from(`${head}\r\n\r\n`, "latin1"));
      socket.write(body);
    });
    socket.on("data", (part) => parts.push(part));
    socket.on("error", () => {});
    socket.on("close", () => {
      const text = Buffer.concat(parts).toString();
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);
      resolve(readAnswer(status, {}, text.slice(text.indexOf("\r\n\r\n") + 4)));
    });
  });
}

function readAnswer(status: number, headers: http.IncomingHttpHeaders, text: string): Answered {
  let json: Record<string, unknown> = {};
  try {
    json = JSON.parse(text) as Record<string, unknown>;
  } catch {
    // Whoever needs JSON here sees that there is none.
  }
  return { status, headers: headers as Record<string, string>, text, json };
}

/** CONTRACT §2: a problem document, `X-Request-Id`, and nothing about the relay's insides or what it must keep to itself. */
export function expectProblem(answer: Answered, status: number, secrets: string[] = []): void {
  expect({ status: answer.status, text: answer.text }).toMatchObject({ status });
  expect(answer.headers["content-type"]).toBe("application/problem+json");
  expect(answer.headers["x-request-id"]).toMatch(UUID);
  const { type, title, detail, code, message } = answer.json;
  expect(type).toMatch(/^https?:\/\/.+\/[a-z0-9-]+$/);
  expect(title).toMatch(/\S/);
  expect(detail).toMatch(/\S/);
  expect({ status: answer.json.status, code, message }).toEqual({ status, code: status, message: detail });
  expect(answer.text).not.toMatch(INSIDES);
  for (const secret of secrets) expect(answer.text).not.toContain(secret);
  if (status === 401) expect(answer.headers["www-authenticate"]).toMatch(/^Bearer/);
}

export function expectAccepted(answer: Answered): string {
  expect({ status: answer.status, text: answer.text }).toMatchObject({ status: 200 });
  expect(answer.json).toEqual({ eventId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-/) });
  expect(answer.headers["x-request-id"]).toMatch(UUID);
  return String(answer.json.eventId);
}
