import { generate, type Packet, type Parser, parser, writeToStream } from "mqtt-packet";
import { err, ok, type Result } from "../../kernel/result.ts";
import { ClientPacket } from "./client-packets.ts";
import type { Reason } from "./reason-codes.ts";

// Without it the first packet makes a buffer for each of the 65,536 packet identifiers.
writeToStream.cacheNumbers = false;

export type MqttVersion = 4 | 5;

const CONNECT = 1;
const PROTOCOLS = ["\0\u0004MQTT", "\0\u0006MQIsdp"];
const HEAD_CHARS = 16; // the fixed header, the protocol's name and its version
const VERSIONS = [4, 5];

/** Reads and writes the packets of one connection, whole ones only. */
export class PacketCodec {
  #version: MqttVersion = 4;
  /** Keeps the version that the CONNECT named, which says how all later packets are read. */
  readonly #parser: Parser = parser();
  #parsed: Packet | null = null;
  #fault = false;

  constructor() {
    this.#parser.on("packet", (packet) => {
      this.#parsed = packet;
    });
    this.#parser.on("error", () => {
      this.#fault = true;
    });
  }

  /** As the CONNECT has it. */
  get version(): MqttVersion {
    return this.#version;
  }

  read(frame: Uint8Array): Result<ClientPacket, Reason> {
    const level = readLevel(frame);
    if (level !== null && !VERSIONS.includes(level)) return err("unsupportedVersion");
    this.#parsed = null;
    try {
      this.#parser.parse(Buffer.from(frame.buffer as ArrayBuffer, frame.byteOffset, frame.byteLength));
    } catch {
      // A packet whose insides are longer than itself: the parser reads over its end.
      return err("malformedPacket");
    }
    if (this.#fault || this.#parsed === null) return err("malformedPacket");
    const packet = ClientPacket.safeParse(this.#parsed);
    if (!packet.success) return err(packet.error.issues[0]?.path[0] === "cmd" ? "protocolError" : "malformedPacket");
    if (packet.data.cmd === "connect") this.#version = packet.data.protocolVersion;
    return ok(packet.data);
  }

  write(packet: Packet): Uint8Array {
    return generate(packet, { protocolVersion: this.#version });
  }
}

/** The version that a CONNECT names; null: the packet is another one, or none at all. */
function readLevel(frame: Uint8Array): number | null {
  if ((frame[0] ?? 0) >> 4 !== CONNECT) return null;
  const lengthBytes = frame.subarray(1).findIndex((byte) => byte < 0x80) + 1;
  const head = String.fromCharCode(...frame.subarray(1 + lengthBytes, HEAD_CHARS));
  const protocol = PROTOCOLS.find((name) => head.startsWith(name));
  return protocol === undefined ? null : (frame[1 + lengthBytes + protocol.length] ?? null);
}
