import { MESSAGE_CHARS_MAX } from "./limits.ts";

export type SchemaFaultReason =
  | "schema_malformed"
  | "schema_too_large"
  | "reference_external"
  | "reference_unresolved"
  | "reference_circular"
  | "pattern_invalid"
  | "pattern_unsupported"
  | "pattern_too_large";

/** Why a schema cannot be used. `pointer` leads to the place in the schema (RFC 6901), `message` is for people. */
export type SchemaFault = { reason: SchemaFaultReason; pointer: string; message: string };

/** Collects what is wrong with a schema, so that reading it goes on without exceptions. Only the first fault is kept. */
export class SchemaFaults {
  first: SchemaFault | undefined;

  add(reason: SchemaFaultReason, pointer: string, message: string): void {
    this.first ??= { reason, pointer, message: message.slice(0, MESSAGE_CHARS_MAX) };
  }
}
