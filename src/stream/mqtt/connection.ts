import type { Packet } from "mqtt-packet";
import { closeOf } from "../../domain/close-codes.ts";
import {
  FRAMES_PER_CONNECTION_MAX,
  MQTT_CONNECT_BYTES_MAX,
  MQTT_CONNECT_MS,
  MQTT_FRAME_OVERHEAD_BYTES,
  MQTT_PACKET_BYTES_MAX,
  MQTT_RECEIVE_MAX,
  MQTT_SESSION_SECONDS_MAX,
  MQTT_UNHEARD_BYTES_MAX,
  MQTT_WAITING_BYTES_MAX,
} from "../../kernel/limits.ts";
import type { Result } from "../../kernel/result.ts";
import type {
  ClientPacket,
  ConnectPacket,
  DisconnectPacket,
  SubscribePacket,
  UnsubscribePacket,
} from "./client-packets.ts";
import { acceptConnect, readConnect, refuseConnect } from "./connect.ts";
import { awaitsAnswer, type FrameFault, FrameSplitter } from "./frame-splitter.ts";
import { openSession, type Session } from "./open-session.ts";
import { PacketCodec } from "./packet-codec.ts";
import type { MqttPorts, Wire } from "./ports.ts";
import { publish } from "./publisher.ts";
import { closeFor, REASON, type Reason, reasonOfLinkEnd, SUBSCRIBE_FAILED } from "./reason-codes.ts";

const KEEP_ALIVE_MS_PER_SECOND = 1_500; // [MQTT-3.1.2-22]: one and a half times the keep-alive

const FAULTS: Record<FrameFault, Reason> = { too_large: "packetTooLarge", malformed: "malformedPacket" };

/** A packet that waits for its turn; null: the socket is gone. */
type Waiting = { frame: Uint8Array | null; bytes: number };

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
  /** The socket is gone: nothing can be sent any more. */
  #isGone = false;
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
    if (frames.ok) this.#take(frames.value);
    else this.#end(FAULTS[frames.error]);
  }

  /** A message of the WebSocket that is not binary [MQTT-6.0.0-1]. */
  receiveText(): void {
    this.#end("protocolError");
  }

  /** The socket is gone, whoever has closed it. What has come before is worked on first: a DISCONNECT may be among it. */
  closed(): void {
    if (this.#isEnded || this.#isGone) return;
    this.#isGone = true;
    this.#queue({ frame: null, bytes: 0 });
  }

  /** Its time is over: the CONNECT has not come, or the client is silent for too long. */
  tick(): void {
    if (this.#isEnded) return;
    const keepAliveMs = (this.#session?.request.keepAliveSeconds ?? 0) * KEEP_ALIVE_MS_PER_SECOND;
    const leftMs = this.#heardMs + keepAliveMs - this.#ports.now();
    if (this.#session && leftMs > 0) this.#ports.tickAfter(leftMs);
    else this.#end("keepAliveTimeout");
  }

  #take(frames: Uint8Array[]): void {
    if (frames.length === 0) return;
    this.#heardMs = this.#ports.now();
    this.#unheardBytes = 0;
    for (const frame of frames) {
      if (awaitsAnswer(frame)) this.#unanswered++;
      this.#queue({ frame, bytes: frame.length + MQTT_FRAME_OVERHEAD_BYTES });
    }
    if (this.#codec.version === 5 && this.#unanswered > MQTT_RECEIVE_MAX) this.#end("receiveMaximumExceeded");
    else if (this.#waitingBytes > MQTT_WAITING_BYTES_MAX) this.#end("quotaExceeded");
  }

  #queue(waiting: Waiting): void {
    this.#waiting.push(waiting);
    this.#waitingBytes += waiting.bytes;
    if (!this.#isWorking) this.#ports.background(this.#work());
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    try {
      // What comes in one message is counted before any of it is worked on.
      await Promise.resolve();
      for (let next = this.#waiting.shift(); next && !this.#isEnded; next = this.#waiting.shift()) {
        if (next.frame === null) this.#leave({ isGraceful: false });
        else await this.#read(next.frame);
        this.#waitingBytes -= next.bytes;
      }
    } catch (error) {
      this.#ports.failed(error);
      this.#end("unspecified");
    } finally {
      this.#isWorking = false;
    }
  }

  async #read(frame: Uint8Array): Promise<void> {
    const packet = this.#codec.read(frame);
    if (packet.ok) await this.#handle(packet.value);
    else this.#refuse(packet.error);
    if (awaitsAnswer(frame)) this.#unanswered--;
    if (this.#calls >= FRAMES_PER_CONNECTION_MAX) this.#end("connectTimeOver");
  }

  /** A packet that cannot be read. The first one is refused as the CONNECT that it should have been, where it is one. */
  #refuse(reason: Reason): void {
    if (reason === "unsupportedVersion") this.#wire.answer(refuseConnect(this.#codec.version, reason));
    this.#end(reason);
  }

  /** [MQTT-3.1.0-1, 3.1.0-2]: a CONNECT comes first, and once. */
  async #handle(packet: ClientPacket): Promise<void> {
    if (this.#session && packet.cmd !== "connect") await this.#handleIn(this.#session, packet);
    else if (!this.#session && packet.cmd === "connect") await this.#connect(packet);
    else this.#end("protocolError");
  }

  async #handleIn(session: Session, packet: Exclude<ClientPacket, ConnectPacket>): Promise<void> {
    const { client, subscriber } = session;
    switch (packet.cmd) {
      case "pingreq":
        this.#wire.answer({ cmd: "pingresp" });
        break;
      case "disconnect":
        this.#disconnect(session, packet);
        break;
      case "puback":
        subscriber?.acknowledge(packet.messageId);
        break;
      case "publish":
        this.#calls++;
        await publish(packet, { client, wire: this.#wire, ports: this.#ports });
        break;
      case "subscribe":
        this.#calls++;
        if (subscriber) await subscriber.subscribe(packet);
        else this.#refuseSubscribe(packet);
        break;
      case "unsubscribe":
        if (subscriber) await subscriber.unsubscribe(packet);
        else this.#refuseUnsubscribe(packet);
    }
  }

  async #connect(packet: ConnectPacket): Promise<void> {
    const session = await this.#openSession(packet);
    if (!session.ok) {
      this.#wire.answer(refuseConnect(this.#codec.version, session.error));
      this.#close(session.error);
      return;
    }
    const { request, isPresent, link, subscriber } = session.value;
    if (this.#isEnded) {
      // The socket has gone meanwhile.
      link.close();
      return;
    }
    this.#session = session.value;
    this.#wire.answer(acceptConnect(packet, request, { sessionPresent: isPresent }));
    if (request.keepAliveSeconds > 0) this.#ports.tickAfter(request.keepAliveSeconds * KEEP_ALIVE_MS_PER_SECOND);
    await subscriber?.start();
  }

  async #openSession(packet: ConnectPacket): Promise<Result<Session, Reason>> {
    const request = readConnect(packet, this.#ports.newId);
    if (!request.ok) return request;
    const onLinkEnd = (code: number) => this.#end(reasonOfLinkEnd(code));
    return openSession(request.value, { ports: this.#ports, wire: this.#wire, onLinkEnd });
  }

  /** A publisher's client has nothing to subscribe to. */
  #refuseSubscribe({ messageId, subscriptions }: SubscribePacket): void {
    const code = this.#codec.version === 5 ? REASON.notAuthorized : SUBSCRIBE_FAILED;
    this.#wire.answer({ cmd: "suback", messageId, granted: subscriptions.map(() => code) });
  }

  #refuseUnsubscribe({ messageId, unsubscriptions }: UnsubscribePacket): void {
    this.#wire.answer({ cmd: "unsuback", messageId, granted: unsubscriptions.map(() => REASON.noSubscription) });
  }

  /** The client goes. What it says of its session counts from now on, unless it had none to keep [MQTT-3.14.2-2]. */
  #disconnect({ request }: Session, { reasonCode, properties }: DisconnectPacket): void {
    const expirySeconds = properties.sessionExpiryInterval ?? request.expirySeconds;
    if (expirySeconds > 0 && request.expirySeconds === 0) {
      this.#end("protocolError");
      return;
    }
    request.expirySeconds = Math.min(expirySeconds, MQTT_SESSION_SECONDS_MAX);
    // [MQTT-3.14.4-3]: its will is forgotten where it goes in peace.
    this.#close("success", { isGraceful: reasonCode === REASON.success });
  }

  /** Ends the connection. A client of MQTT 5 that has a session is told why [MQTT-3.14.4-2]. */
  #end(reason: Reason, close = closeFor(reason)): void {
    if (this.#isEnded) return;
    if (this.#session && this.#codec.version === 5 && !this.#isGone) {
      this.#ports.send(this.#codec.write({ cmd: "disconnect", reasonCode: REASON[reason] }));
    }
    this.#close(reason, { close });
  }

  #close(reason: Reason, { close = closeFor(reason), isGraceful = false } = {}): void {
    if (this.#isEnded) return;
    this.#leave({ isGraceful });
    this.#ports.close(close.code, close.reason);
  }

  /** What stays of a connection: its session, where it is kept, and its will, unless the client has gone in peace. */
  #leave({ isGraceful }: { isGraceful: boolean }): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#waiting.length = 0;
    if (!this.#session) return;
    const { client, request, link, subscriber } = this.#session;
    subscriber?.stop();
    if (request.will && !isGraceful) this.#ports.background(this.#ports.publish(client, request.will));
    if (request.expirySeconds > 0) subscriber?.keep();
    else link.forget();
    link.close();
  }

  #makeWire(): Wire {
    const codec = this.#codec;
    const send = (bytes: Uint8Array): void => {
      if (this.#isEnded || this.#isGone) return;
      this.#ports.send(bytes);
      this.#unheardBytes += bytes.length;
      if (this.#unheardBytes > MQTT_UNHEARD_BYTES_MAX) this.#end("quotaExceeded", closeOf("ConsumerTooSlow"));
    };
    const answer = (packet: Packet, reasonString?: string): void => {
      const { wantsReasons = false, packetBytesMax = Number.POSITIVE_INFINITY } = this.#session?.request ?? {};
      const bytes = codec.write(packet);
      const isWorded = reasonString !== undefined && wantsReasons;
      const worded = isWorded ? codec.write({ ...packet, properties: { reasonString } } as Packet) : bytes;
      send(worded.length > packetBytesMax ? bytes : worded);
    };
    return {
      get version() {
        return codec.version;
      },
      write: (packet) => codec.write(packet),
      send,
      answer,
      end: (reason) => this.#end(reason),
    };
  }
}
