import rhea, { type Connection, type EventContext, type Receiver, type Sender, type Session } from "rhea";
import {
  AMQP_CHANNEL_MAX,
  AMQP_CLOSE_MS,
  AMQP_FRAME_BYTES_MAX,
  AMQP_IDLE_MS,
  AMQP_MESSAGE_BYTES_MAX,
  AMQP_OPEN_MS,
  AMQP_UNREAD_BYTES_MAX,
} from "../../kernel/limits.ts";
import { type AmqpError, amqpError } from "./errors.ts";
import { FrameSplitter, type Unit } from "./frames.ts";
import { guardFrames } from "./guard.ts";
import { Links } from "./links.ts";
import type { Later, OpenSource, OpenTarget } from "./ports.ts";
import { insideConnection } from "./rhea-inside.ts";

/** `unavailable`: nobody can say now. */
export type SaslAnswer = "accepted" | "refused" | "unavailable";

/** What a connection needs of the Worker that it runs in. */
export type AmqpPorts = {
  send(bytes: Uint8Array): void;
  /** Ends the socket. */
  hangUp(): void;
  later: Later;
  /** Whether this is a client's secret (SASL PLAIN). Asked once. */
  authenticate(user: string, password: string): Promise<SaslAnswer>;
  openSource: OpenSource;
  openTarget: OpenTarget;
};

const CONTAINER_ID = "event-relay";

/** The server's side of one AMQP 1.0 connection, over whatever carries its bytes. rhea speaks; what it does not bound is bounded here. */
export class AmqpConnection {
  readonly #ports: AmqpPorts;
  readonly #connection: Connection;
  readonly #links: Links;
  readonly #splitter = new FrameSplitter();
  /** What came while the client's secret is looked at. */
  readonly #unread: Unit[] = [];
  #unreadBytes = 0;
  #sasl: "expected" | "asked" | "done" = "expected";
  #hasEnded = false;
  /** rhea's timers end when it hears that its socket has. */
  #tellLost = (): void => {};
  readonly #stopWaiting: () => void;

  constructor(ports: AmqpPorts) {
    this.#ports = ports;
    this.#connection = this.#startConnection();
    this.#links = new Links(ports, (error) => this.close(error));
    this.#stopWaiting = ports.later(() => this.#hangUp(), AMQP_OPEN_MS);
    this.#listen();
    guardFrames(this.#connection, this.#links, (error) => this.close(error));
    insideConnection(this.#connection).accept({
      on: (name: string, hear: () => void) => {
        if (name === "end") this.#tellLost = hear;
      },
      write: (bytes: Uint8Array) => ports.send(bytes),
      // What stands in rhea's queue is written first.
      end: () => ports.later(() => this.#hangUp(), 0),
      get_id_string: () => CONTAINER_ID,
    });
  }

  /** Takes what came over the socket. */
  receive(chunk: Uint8Array): void {
    if (this.#hasEnded) return;
    const units = this.#splitter.push(chunk);
    if (units.ok) this.#readAll(units.value);
    else this.close(units.error);
  }

  /** Ends the connection from this side; the client hears why, where it has come so far that it can. */
  close(error: AmqpError): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#links.end();
    const canHear = this.#sasl === "done";
    if (canHear) {
      // A close comes behind an open (AMQP 1.0 §2.4.6).
      this.#connection.open();
      this.#connection.close(error);
    }
    this.#ports.later(() => this.#hangUp(), canHear ? AMQP_CLOSE_MS : 0);
  }

  /** The socket has ended. Resolves when what the client held is given back. */
  async lost(): Promise<void> {
    this.#hangUp();
    await this.#links.ended();
  }

  #startConnection(): Connection {
    const container = rhea.create_container({ id: CONTAINER_ID });
    container.sasl_server_mechanisms.enable_plain((user: unknown, password: unknown) =>
      this.#authenticate(user, password),
    );
    const options = {
      max_frame_size: AMQP_FRAME_BYTES_MAX,
      channel_max: AMQP_CHANNEL_MAX,
      idle_time_out: AMQP_IDLE_MS,
      sender_options: { autosettle: false, treat_modified_as_released: false },
      receiver_options: {
        autoaccept: false,
        autosettle: false,
        credit_window: 0,
        max_message_size: AMQP_MESSAGE_BYTES_MAX,
      },
    };
    return container.create_connection(options as never);
  }

  #listen(): void {
    const connection = this.#connection;
    const on = (name: string, hear: (context: EventContext) => void) => connection.on(name, hear);
    on("connection_open", () => this.#stopWaiting());
    on("connection_close", () => this.#end());
    on("connection_error", () => this.#end());
    on("disconnected", () => this.#end());
    on("sender_open", ({ sender }) => this.#links.openSource(sender as Sender));
    on("receiver_open", ({ receiver }) => this.#links.openTarget(receiver as Receiver));
    on("session_close", ({ session }) => this.#links.endOf(session as Session));
    on("session_error", () => {});
    // Not the connection's own: rhea throws where a frame contradicts what was agreed before.
    const refuse = () =>
      this.close(amqpError("amqp:invalid-field", "A frame contradicts the state of its connection."));
    connection.on("protocol_error", refuse);
    connection.on("error", refuse);
  }

  #readAll(units: Unit[]): void {
    for (const unit of units) {
      if (this.#hasEnded) return;
      if (this.#sasl === "asked") this.#keepUnread(unit);
      else this.#read(unit);
    }
    this.#links.heard();
  }

  #read({ kind, bytes }: Unit): void {
    // SASL PLAIN is one frame (RFC 4616 §2), and nothing comes before it but a header.
    const isExpected = kind === "header" || (kind === "sasl") === (this.#sasl === "expected");
    if (isExpected) insideConnection(this.#connection).input(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
    else this.#hangUp();
    // Another mechanism: rhea has said no.
    if (kind === "sasl" && this.#sasl === "expected") this.#ports.later(() => this.#hangUp(), 0);
  }

  /** A rejected promise is rhea's way to say that nobody knows (AMQP 1.0 §5.3.3.6: sys). */
  async #authenticate(user: unknown, password: unknown): Promise<boolean> {
    this.#sasl = "asked";
    const isNamed = typeof user === "string" && typeof password === "string";
    const answer = isNamed ? await this.#ports.authenticate(user, password) : "refused";
    // By then rhea has told the client.
    this.#ports.later(() => (answer === "accepted" ? this.#readOn() : this.#hangUp()), 0);
    return answer === "unavailable" ? Promise.reject(answer) : answer === "accepted";
  }

  #keepUnread(unit: Unit): void {
    this.#unread.push(unit);
    this.#unreadBytes += unit.bytes.length;
    if (this.#unreadBytes > AMQP_UNREAD_BYTES_MAX) this.#hangUp();
  }

  #readOn(): void {
    this.#sasl = "done";
    this.#readAll(this.#unread.splice(0));
  }

  #end(): void {
    this.#hasEnded = true;
    this.#stopWaiting();
    this.#links.end();
  }

  #hangUp(): void {
    this.#end();
    this.#tellLost();
    this.#ports.hangUp();
  }
}
