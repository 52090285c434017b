import rhea, { type Message } from "rhea";
import { utf8Bytes } from "../../kernel/encoding.ts";
import { AMQP_VALUE_DEPTH_MAX, AMQP_VALUES_MAX } from "../../kernel/limits.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import { areBoundedValues } from "./encoded-values.ts";
import { type AmqpError, amqpError } from "./errors.ts";
import type { PublishedMessage } from "./ports.ts";

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json *(?:; *charset=utf-8)?$/i;
const BOUNDS = { valuesMax: AMQP_VALUES_MAX, depthMax: AMQP_VALUE_DEPTH_MAX };

/**
 * Reads what a client publishes. The partition key is `group-id`, or the annotation `x-opt-partition-key` that clients of Azure
 * set; the application properties `data-owner-id` and `idempotency-key` are the headers of the same names.
 */
export function readMessage(encoded: Uint8Array): Result<PublishedMessage, AmqpError> {
  const message = decode(encoded);
  if (!message) return err(amqpError("amqp:decode-error", "The message cannot be decoded, or stands for too much."));
  const { content_type: contentType, content_encoding: encoding } = message as unknown as Record<string, unknown>;
  const isJson = !isThere(contentType) || (typeof contentType === "string" && JSON_TYPE.test(contentType));
  if (!isJson || isThere(encoding)) return NOT_JSON;
  const body = bytesOf(message.body);
  if (!body) return NOT_A_BODY;
  const fields = {
    partitionKey: message.group_id ?? message.message_annotations?.["x-opt-partition-key"],
    dataOwnerId: message.application_properties?.["data-owner-id"],
    idempotencyKey: message.application_properties?.["idempotency-key"],
  };
  for (const [name, value] of Object.entries(fields)) {
    if (isThere(value) && typeof value !== "string") return notAString(name);
  }
  const { partitionKey = null, dataOwnerId = null, idempotencyKey = null } = fields;
  return ok({ partitionKey, dataOwnerId, idempotencyKey, contentType: "application/json", body });
}

/** null: it is no message, or one that stands for more than it should. */
function decode(encoded: Uint8Array): Message | null {
  if (!areBoundedValues(encoded, BOUNDS)) return null;
  try {
    return rhea.message.decode(Buffer.from(encoded.buffer, encoded.byteOffset, encoded.length)) as unknown as Message;
  } catch {
    // A type that rhea does not know, or a section that is none.
    return null;
  }
}

const DATA_SECTION = 0x75; // AMQP 1.0 §3.2.6

/** Data sections, one behind the other; or a value that is a string or binary. null: anything else. */
function bytesOf(body: unknown): Uint8Array<ArrayBuffer> | null {
  if (typeof body === "string") return utf8Bytes(body);
  if (body instanceof Uint8Array) return new Uint8Array(body);
  const { typecode, content } = (body ?? {}) as { typecode?: unknown; content?: Buffer | Buffer[] };
  if (typecode !== DATA_SECTION || !content) return null;
  return new Uint8Array(Buffer.concat(Array.isArray(content) ? content : [content]));
}

const isThere = (value: unknown): boolean => value !== undefined && value !== null;

const NOT_JSON = err(amqpError("amqp:not-implemented", "Events are application/json, without a content-encoding."));
const NOT_A_BODY = err(
  amqpError("amqp:not-implemented", "A body is JSON in data sections, or a value that is a string or binary."),
);
const notAString = (name: string) => err(amqpError("amqp:invalid-field", `${name} is not a string.`));
