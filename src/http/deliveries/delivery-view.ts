import { z } from "zod";
import { DeliveryStatus, type LoggedDelivery } from "../../domain/delivery-log.ts";
import { toTime, toTimeOrNull } from "../fields.ts";

const AttemptView = z.object({
  at: z.string(),
  /** HTTP status; 0 where there was no answer. */
  status: z.number(),
  ms: z.number(),
  error: z.string().nullable(),
  /** The first KiB of what a failed attempt was answered; for its subscriber alone. */
  response: z.string().nullable(),
});

export const DeliveryView = z.object({
  id: z.string(),
  eventId: z.string(),
  subscriptionId: z.string(),
  channel: z.string(),
  partitionKey: z.string().nullable(),
  acceptedAt: z.string(),
  status: DeliveryStatus,
  nextAttemptAt: z.string().nullable(),
  attempts: z.array(AttemptView),
});

/** `forSubscriber`: what its endpoint answered is the subscriber's own. */
export const showDelivery = (
  delivery: LoggedDelivery & { subscriptionId: string },
  { forSubscriber }: { forSubscriber: boolean },
): z.infer<typeof DeliveryView> => ({
  id: `${delivery.subscriptionId}.${delivery.eventId}`,
  eventId: delivery.eventId,
  subscriptionId: delivery.subscriptionId,
  channel: delivery.channel,
  partitionKey: delivery.partitionKey,
  acceptedAt: toTime(delivery.acceptedMs),
  status: delivery.status,
  nextAttemptAt: toTimeOrNull(delivery.nextAttemptMs),
  attempts: delivery.attempts.map(({ atMs, status, ms, error, excerpt }) => ({
    at: toTime(atMs),
    status,
    ms,
    error,
    response: forSubscriber && error !== null ? excerpt : null,
  })),
});

/** Its subscriber has been offered it, and knows of it. */
export const wasSent = ({ attempts }: LoggedDelivery): boolean => attempts.length > 0;
