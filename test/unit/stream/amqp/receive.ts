import type { Connection, Delivery, EventContext, Message, ReceiverOptions } from "rhea";
import { expect } from "vitest";
import { soon } from "../../../support/soon.ts";

/** A receiver that settles nothing by itself, and what came over it. */
export function receive(connection: Connection, options: ReceiverOptions & Record<string, unknown> = {}) {
  const got: Message[] = [];
  const deliveries: Delivery[] = [];
  const receiver = connection.open_receiver({
    source: "api/orders",
    credit_window: 0,
    autoaccept: false,
    ...options,
  } as ReceiverOptions);
  receiver.on("message", ({ message, delivery }: EventContext) => {
    got.push(message as Message);
    deliveries.push(delivery as Delivery);
  });
  const ids = () => got.map(({ message_id: id }) => id);
  return { receiver, got, deliveries, ids };
}

export const arrive = (ids: () => unknown[], ...expected: string[]) => soon(() => expect(ids()).toEqual(expected));

/** Until all that is under way has arrived. */
export const settle = () => new Promise((resolve) => setTimeout(resolve, 20));
