import { request } from "node:http";
import { createParser } from "eventsource-parser";

export type StreamEvent = { id: string; channel: string; data: unknown };

/** What a client of server-sent events has got by the time its connection is cut: after so many bytes, or when `isEnough` says so. */
export function readStream(
  url: string,
  {
    token,
    lastId,
    isEnough,
  }: { token: string; lastId: string; isEnough(events: StreamEvent[], bytes: number): boolean },
): Promise<{ events: StreamEvent[]; lastId: string; bytes: number }> {
  return new Promise((resolve, reject) => {
    const events: StreamEvent[] = [];
    let id = lastId;
    let bytes = 0;
    const parser = createParser({
      onEvent: (event) => {
        id = event.id ?? id;
        events.push({ id, channel: event.event ?? "", data: JSON.parse(event.data) });
      },
    });
    const decoder = new TextDecoder();
    const headers = {
      Authorization: `Bearer ${token}`,
      Accept: "text/event-stream",
      ...(lastId && { "Last-Event-ID": lastId }),
    };
    const sent = request(url, { headers }, (answer) => {
      answer.on("data", (chunk: Buffer) => {
        // Byte by byte: the cut may be anywhere.
        for (const byte of chunk) {
          parser.feed(decoder.decode(Uint8Array.of(byte), { stream: true }));
          bytes++;
          if (!isEnough(events, bytes)) continue;
          // What is on its way already has not arrived.
          answer.removeAllListeners("data").destroy();
          resolve({ events, lastId: id, bytes });
          return;
        }
      });
      answer.on("end", () => resolve({ events, lastId: id, bytes }));
      answer.on("error", () => undefined);
    });
    sent.on("error", reject);
    sent.end();
  });
}
