/** The conditions that the relay gives (AMQP 1.0 §2.8.15 to §2.8.18). */
export type AmqpCondition =
  | "amqp:internal-error"
  | "amqp:not-found"
  | "amqp:unauthorized-access"
  | "amqp:decode-error"
  | "amqp:resource-limit-exceeded"
  | "amqp:not-allowed"
  | "amqp:invalid-field"
  | "amqp:not-implemented"
  | "amqp:precondition-failed"
  | "amqp:resource-deleted"
  | "amqp:connection:forced"
  | "amqp:connection:framing-error"
  | "amqp:session:window-violation"
  | "amqp:link:detach-forced"
  | "amqp:link:transfer-limit-exceeded"
  | "amqp:link:message-size-exceeded"
  /** Why an event was not accepted: a problem's reason, as over HTTP. */
  | `event-relay:${string}`;

/** Why a connection or a link ends, or a message is rejected, as the wire says it. Never a secret, never a payload. */
export type AmqpError = { condition: AmqpCondition; description: string };

export const amqpError = (condition: AmqpCondition, description: string): AmqpError => ({ condition, description });
