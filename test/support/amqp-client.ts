import { once } from "node:events";
import rhea, { type Connection, type ConnectionOptions, type EventContext, type Receiver, type Sender } from "rhea";
import WebSocket from "ws";

export type AmqpCredentials = { username: string; password: string };

/** Connects rhea to a relay over a real WebSocket. Whoever wants to see what comes of it listens. */
export function connectAmqp(origin: string, credentials: AmqpCredentials, options: object = {}): Connection {
  const toSocket = rhea.websocket_connect(WebSocket as never);
  const url = `${origin.replace(/^http/, "ws")}/amqp`;
  const connection = rhea.create_container().connect({
    connection_details: toSocket(url, ["amqp"], undefined as never),
    ...credentials,
    reconnect: false,
    ...options,
  } as unknown as ConnectionOptions);
  // rhea throws what nobody listens for.
  for (const name of ["error", "connection_error", "disconnected", "receiver_error", "sender_error", "session_error"]) {
    connection.on(name, () => {});
  }
  return connection;
}

/** Waits for an event of a connection or a link of rhea's. */
export async function until(emitter: Connection | Receiver | Sender, name: string): Promise<EventContext> {
  const [context] = await once(emitter, name);
  return context as EventContext;
}
