import { err, ok, type Result } from "../../kernel/result.ts";
import type { ConnectRequest } from "./connect.ts";
import { readSession } from "./kept-session.ts";
import type { EventLink, MqttClient, MqttPorts, Wire } from "./ports.ts";
import type { Reason } from "./reason-codes.ts";
import { Subscriber } from "./subscriber.ts";

/** What a connection has once its CONNECT is accepted. */
export type Session = {
  client: MqttClient;
  request: ConnectRequest;
  link: EventLink;
  /** null: a publisher's, which gets no events. */
  subscriber: Subscriber | null;
  /** It goes on with one that was kept. */
  isPresent: boolean;
};

type SessionDeps = { ports: MqttPorts; wire: Wire; onLinkEnd(code: number): void };

/** Lets a client in: who it is, what it may do, and the session that it has had or gets now. */
export async function openSession(
  wanted: ConnectRequest,
  { ports, wire, onLinkEnd }: SessionDeps,
): Promise<Result<Session, Reason>> {
  const login = await ports.login({ user: wanted.user, password: wanted.password });
  if (!login.ok) return login;
  const client = login.value;
  const isApp = client.kind === "app";
  if (wanted.will !== null && (isApp || wanted.will.apiId !== client.ownerId)) return err("notAuthorized");
  // A publisher's session has nothing to keep; and as it ends with its connection, its will is sent then, whatever its delay.
  const request = isApp ? wanted : { ...wanted, expirySeconds: 0 };
  let subscriber: Subscriber | null = null;
  const opened = await ports.openLink(
    { client, session: `${client.ownerId}/mqtt/${request.clientId}`, aheadMax: request.inFlightMax },
    { onEvent: (event) => subscriber?.onEvent(event), onEnd: ({ code }) => onLinkEnd(code) },
  );
  if (!opened.ok) return opened;
  const link = opened.value;
  const kept = isApp && !request.isClean && link.kept ? readSession(link.kept.state) : null;
  if (link.kept && !kept) link.forget();
  if (isApp) {
    subscriber = new Subscriber({ wire, link, ports, client, request, kept });
    if (!(await subscriber.resume())) {
      link.close();
      return err("serverUnavailable");
    }
  }
  return ok({ client, request, link, subscriber, isPresent: kept !== null });
}
