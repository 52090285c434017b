import http from "node:http";
import type { AddressInfo } from "node:net";
import ipaddr from "ipaddr.js";

/** A name's addresses and aliases, or how its look-up fails. */
export type Zone = Record<string, string[] | "servfail" | "hangs" | "broken">;

/** DNS over HTTPS on a real socket of this machine: answers from a zone, with a time to live of its own choosing. */
export type Resolver = { url: string; asked: string[]; close(): Promise<void> };

const RCODES = { nxdomain: 3, servfail: 2 };
const TYPE_NAMES: Record<number, string> = { 1: "A", 5: "CNAME", 28: "AAAA" };

export async function startResolver(zone: Zone, ttlSeconds = 60): Promise<Resolver> {
  const asked: string[] = [];
  const server = http.createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const question = Buffer.concat(parts);
    const { name, type } = readQuestion(question);
    asked.push(`${TYPE_NAMES[type]} ${name}`);
    const entry = zone[name];
    if (entry === "hangs") return;
    if (entry === "broken") response.writeHead(502).end();
    else response.writeHead(200, { "content-type": "application/dns-message" }).end(answer(question, type, entry));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;

  function answer(question: Buffer, type: number, entry: string[] | "servfail" | undefined): Buffer {
    if (entry === undefined) return message(question, RCODES.nxdomain, []);
    if (entry === "servfail") return message(question, RCODES.servfail, []);
    const records = entry.flatMap((value) => {
      const [recordType, data] = ipaddr.isValid(value) ? addressRecord(value) : ([5, encodeName(value)] as const);
      return recordType === type || recordType === 5 ? [record(recordType, data, ttlSeconds)] : [];
    });
    return message(question, 0, records);
  }

  return {
    url: `http://127.0.0.1:${port}/dns-query`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function readQuestion(question: Buffer): { name: string; type: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = question.readUInt8(at); length > 0; length = question.readUInt8(at)) {
    labels.push(question.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join("."), type: question.readUInt16BE(at + 1) };
}

function addressRecord(address: string): readonly [number, Buffer] {
  const parsed = ipaddr.parse(address);
  return [parsed.kind() === "ipv4" ? 1 : 28, Buffer.from(parsed.toByteArray())];
}

const encodeName = (name: string): Buffer =>
  Buffer.from([...name.split(".").flatMap((label) => [label.length, ...Buffer.from(label)]), 0]);

/** A record whose owner is a pointer to the question's name. */
export function record(type: number, data: Uint8Array, ttlSeconds: number): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(ttlSeconds, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

/** The response to a question. */
export function message(question: Uint8Array, rcode: number, records: Buffer[]): Buffer {
  const response = Buffer.concat([question, ...records]);
  response.writeUInt16BE(0x8180 | rcode, 2);
  response.writeUInt16BE(records.length, 6);
  return response;
}
