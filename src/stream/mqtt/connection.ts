import type { Packet } from "mqtt-packet";
import {
  MQTT_CALLS_MAX,
  MQTT_CONNECT_BYTES_MAX,
  MQTT_CONNECT_MS,
  MQTT_FRAME_OVERHEAD_BYTES,
  MQTT_PACKET_BYTES_MAX,
  MQTT_RECEIVE_MAX,
  MQTT_UNHEARD_BYTES_MAX,
  MQTT_WAITING_BYTES_MAX,
} from "../../kernel/limits.ts";
import type { ClientPacket, ConnectPacket } from "./client-packets.ts";
import { acceptConnect, readConnect, refuseConnect } from "./connect.ts";
import { awaitsAnswer, type FrameFault, FrameSplitter } from "./frame-splitter.ts";
import { openSession, type Session } from "./open-session.ts";
import { PacketCodec } from "./packet-codec.ts";
import type { MqttPorts, Wire } from "./ports.ts";
import { publish } from "./publisher.ts";
import { closeCodeOf, REASON, type Reason } from "./reason-codes.ts";

const KEEP_ALIVE_MS_PER_SECOND = 1_500; // [MQTT-3.1.2-22]: one and a half times the keep-alive

/** A packet that waits for its turn. */
type Waiting = { frame: Uint8Array; bytes: number };

/**
 * One client's connection, from its CONNECT to its end. Packets are worked on one after the other, as a PUBACK says that its event is durable
 * and events of a key keep the order in which they were sent.
 */
export class MqttConnection {
  readonly #ports: MqttPorts;
  readonly #codec = new PacketCodec();
  readonly #splitter = new FrameSplitter();
  readonly #wire: Wire;
  readonly #waiting: Waiting[] = [];
  #waitingBytes = 0;
  /** Publishes that wait for their PUBACK. */
  #unanswered = 0;
  #isWorking = false;
  #session: Session | null = null;
  #isEnded = false;
  #heardMs: number;
  #unheardBytes = 0;
  #calls = 0;

  constructor(ports: MqttPorts) {
    this.#ports = ports;
    this.#heardMs = ports.now();
    this.#wire = this.#makeWire();
    ports.tickAfter(MQTT_CONNECT_MS);
  }

  /** Takes what a binary message of the WebSocket holds. */
  receive(bytes: Uint8Array): void {
    if (this.#isEnded) return;
    const frames = this.#splitter.push(bytes, this.#session ? MQTT_PACKET_BYTES_MAX : MQTT_CONNECT_BYTES_MAX);
    if (!frames.ok) return this.#end(faultReason(frames.error));
    if (frames.value.length > 0) this.#hear();
    for (const frame of frames.value) this.#queue(frame);
    if (!this.#isWorking) this.#ports.background(this.#work());
  }

  /** A message of the WebSocket that is not binary [MQTT-6.0.0-1]. */
  receiveText(): void {
    this.#end("protocolError");
  }

  /** The socket is gone, whoever has closed it. */
  closed(): void {
    this.#leave({ isGraceful: false });
  }

  /** Its time is over: the CONNECT has not come, or the client is silent for too long. */
  tick(): void {
    if (this.#isEnded) return;
    const session = this.#session;
    if (!session) return this.#end("keepAliveTimeout");
    const leftMs = this.#heardMs + session.request.keepAliveSeconds * KEEP_ALIVE_MS_PER_SECOND - this.#ports.now();
    if (leftMs > 0) this.#ports.tickAfter(leftMs);
    else this.#end("keepAliveTimeout");
  }

  #hear(): void {
    this.#heardMs = this.#ports.now();
    this.#unheardBytes = 0;
  }

  #queue(frame: Uint8Array): void {
    const bytes = frame.length + MQTT_FRAME_OVERHEAD_BYTES;
    this.#waiting.push({ frame, bytes });
    this.#waitingBytes += bytes;
    if (awaitsAnswer(frame)) this.#unanswered++;
    if (this.#waitingBytes > MQTT_WAITING_BYTES_MAX) this.#end("quotaExceeded");
    if (this.#codec.version === 5 && this.#unanswered > MQTT_RECEIVE_MAX) this.#end("receiveMaximumExceeded");
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    try {
      for (let next = this.#waiting.shift(); next && !this.#isEnded; next = this.#waiting.shift()) {
        const packet = this.#codec.read(next.frame);
        if (packet.ok) await this.#handle(packet.value);
        else this.#refuse(packet.error);
        this.#waitingBytes -= next.bytes;
        if (awaitsAnswer(next.frame)) this.#unanswered--;
        if (this.#calls > MQTT_CALLS_MAX) this.#end("connectTimeOver");
      }
    } catch (error) {
      this.#ports.failed(error);
      this.#end("unspecified");
    } finally {
      this.#isWorking = false;
    }
  }

  /** A packet that cannot be read. The first one is refused as the CONNECT that it should have been, where it is one. */
  #refuse(reason: Reason): void {
    if (reason === "unsupportedVersion") this.#wire.answer(refuseConnect(this.#codec.version, reason));
    this.#end(reason);
  }

  async #handle(packet: ClientPacket): Promise<void> {
    const session = this.#session;
    if (packet.cmd === "connect") {
      // [MQTT-3.1.0-2]: a second one breaks the protocol.
      return session ? this.#end("protocolError") : this.#connect(packet);
    }
    if (!session) return this.#end("protocolError");
    switch (packet.cmd) {
      case "pingreq":
        return this.#wire.answer({ cmd: "pingresp" });
      case "disconnect":
        return this.#disconnect(session, packet);
      case "puback":
        return session.subscriber?.acknowledge(packet.messageId);
      case "publish":
        this.#calls++;
        return publish(packet, { client: session.client, wire: this.#wire, ports: this.#ports });
      case "subscribe":
        this.#calls++;
        return session.subscriber ? session.subscriber.subscribe(packet) : this.#refuseSubscribe(packet);
      case "unsubscribe":
        return session.subscriber ? session.subscriber.unsubscribe(packet) : this.#refuseUnsubscribe(packet);
    }
  }

  async #connect(packet: ConnectPacket): Promise<void> {
    const request = readConnect(packet, this.#ports.newId);
    if (!request.ok) return this.#refuseConnect(request.error);
    const opened = await openSession(request.value, {
      ports: this.#ports,
      wire: this.#wire,
      onLinkEnd: (code) => this.#end(linkReason(code)),
    });
    if (!opened.ok) return this.#refuseConnect(opened.error);
    const session = opened.value;
    // The socket may have gone meanwhile.
    if (this.#isEnded) return session.link.close();
    this.#session = session;
    this.#wire.answer(acceptConnect(packet, session.request, { sessionPresent: session.isPresent }));
    if (request.value.keepAliveSeconds > 0) {
      this.#ports.tickAfter(request.value.keepAliveSeconds * KEEP_ALIVE_MS_PER_SECOND);
    }
    await session.subscriber?.start();
  }
}
