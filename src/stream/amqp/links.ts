import type { Receiver, Sender, Session, Source, TerminusOptions } from "rhea";
import { AMQP_MESSAGE_BYTES_MAX, AMQP_RECEIVED_BYTES_MAX } from "../../kernel/limits.ts";
import { logLine } from "../../kernel/log.ts";
import type { Result } from "../../kernel/result.ts";
import { type AmqpError, amqpError } from "./errors.ts";
import type { GuardedLinks } from "./guard.ts";
import type { Later, OpenSource, OpenTarget } from "./ports.ts";
import { PublisherLink } from "./publisher-link.ts";
import { holdAttach, settleWhenSent } from "./rhea-inside.ts";
import { SendBudget } from "./send-budget.ts";
import { SubscriberLink } from "./subscriber-link.ts";
import { describeSource, readSource, readTarget } from "./terminus.ts";

type LinkPorts = { later: Later; openSource: OpenSource; openTarget: OpenTarget };
type Link = Sender | Receiver;

/** What stands behind a link; null: it is looked up still. */
type Behind = SubscriberLink | PublisherLink | null;

const BROKEN = amqpError("amqp:internal-error", "Something went wrong here. Connect again.");
const TOO_LARGE = amqpError("amqp:link:message-size-exceeded", "A message is larger than max-message-size.");
const TOO_MUCH = amqpError(
  "amqp:resource-limit-exceeded",
  `More than ${AMQP_RECEIVED_BYTES_MAX} bytes are under way on the connection.`,
);

/** The links of one connection. */
export class Links implements GuardedLinks {
  readonly #ports: LinkPorts;
  readonly #closeConnection: (error: AmqpError) => void;
  readonly #links = new Map<Link, Behind>();
  readonly #sent = new SendBudget();
  readonly #endings = new Set<Promise<void>>();
  #receivedBytes = 0;
  /** One at a time: each asks the registry. */
  #opening: Promise<void> = Promise.resolve();

  constructor(ports: LinkPorts, closeConnection: (error: AmqpError) => void) {
    this.#ports = ports;
    this.#closeConnection = closeConnection;
  }

  get count(): number {
    return this.#links.size;
  }

  /** A client attaches as a receiver. */
  openSource(sender: Sender): void {
    const { openSource, later } = this.#ports;
    this.#open(sender, "sender", readSource(sender), openSource, (source) => {
      if (sender.snd_settle_mode === SETTLED) settleWhenSent(sender);
      sender.set_source(describeSource(sender));
      sender.set_target(addressOnly(sender.target) as TerminusOptions);
      return new SubscriberLink(sender, source, {
        later,
        budget: this.#sent,
        close: (error) => this.#close(sender, error),
      });
    });
  }

  /** A client attaches as a sender. */
  openTarget(receiver: Receiver): void {
    const { openTarget, later } = this.#ports;
    this.#open(receiver, "receiver", readTarget(receiver), openTarget, (publish) => {
      receiver.set_source(addressOnly(receiver.source) as Source);
      receiver.set_target({ address: receiver.target.address });
      const give = (bytes: number) => {
        this.#receivedBytes -= bytes;
      };
      return new PublisherLink(receiver, publish, { later, give });
    });
  }

  mayTake(link: object, bytes: number): boolean {
    const behind = this.#links.get(link as Link);
    if (!(behind instanceof PublisherLink)) return false;
    this.#receivedBytes += bytes;
    if (behind.take(bytes) > AMQP_MESSAGE_BYTES_MAX) this.#close(link as Link, TOO_LARGE);
    else if (this.#receivedBytes > AMQP_RECEIVED_BYTES_MAX) this.#closeConnection(TOO_MUCH);
    else return true;
    return false;
  }

  /** The client has said something: it takes what it was sent. */
  heard(): void {
    this.#sent.heard();
    for (const behind of this.#links.values()) if (behind instanceof SubscriberLink) behind.pump();
  }

  endOf(session: Session): void {
    for (const link of this.#links.keys()) if (link.session === session) this.#end(link);
  }

  end(): void {
    for (const link of this.#links.keys()) this.#end(link);
  }

  /** Resolves when what clients held is given back, of all links that have ended. */
  async ended(): Promise<void> {
    while (this.#endings.size > 0) await Promise.all(this.#endings);
  }

  /** Looks up what a link asks for, and answers its attach when that is known. */
  #open<Request, Found extends { close(): void } | ((...given: never[]) => unknown)>(
    link: Link,
    side: "sender" | "receiver",
    request: Result<Request, AmqpError>,
    look: (request: Request) => Promise<Result<Found, AmqpError>>,
    begin: (found: Found) => SubscriberLink | PublisherLink,
  ): void {
    const answer = holdAttach(link);
    this.#links.set(link, null);
    // A detach comes after the attach that it takes back.
    link.on(`${side}_close`, () => {
      if (this.#links.get(link) === null) answer();
      this.#end(link);
    });
    link.on(`${side}_error`, () => {});
    const open = async (): Promise<void> => {
      const found = !request.ok ? request : this.#links.has(link) ? await look(request.value) : null;
      if (!this.#links.has(link)) {
        if (found?.ok && "close" in found.value) found.value.close();
      } else if (found?.ok) {
        this.#links.set(link, begin(found.value));
        answer();
      } else if (found) {
        answer();
        this.#close(link, found.error);
      }
    };
    this.#opening = this.#opening.then(open).catch((error) => {
      logLine("error", { path: "amqp", error: (error as Error).stack ?? String(error) });
      this.#closeConnection(BROKEN);
    });
  }

  #close(link: Link, error: AmqpError): void {
    link.close(error);
    this.#end(link);
  }

  #end(link: Link): void {
    const behind = this.#links.get(link);
    if (!this.#links.delete(link) || !behind) return;
    const ending = behind.end().finally(() => this.#endings.delete(ending));
    this.#endings.add(ending);
  }
}

/** Of what the client has at its own end, nothing else concerns the relay. */
const addressOnly = (terminus: { address?: unknown } | null | undefined): object =>
  typeof terminus?.address === "string" ? { address: terminus.address } : {};

const SETTLED = 1; // snd-settle-mode, AMQP 1.0 §2.8.2
