import { z } from "zod";
import { DOCUMENT_BYTES_MAX, MANAGEMENT_BODY_BYTES_MAX } from "../../kernel/limits.ts";
import { ok, type Result } from "../../kernel/result.ts";
import { checkShape, parseJson } from "../body.ts";
import type { Problem } from "../problem.ts";

/** How a call's body is read, and how the OpenAPI document shows it. */
export type BodyReader<B> = {
  bytesMax: number;
  content: Record<string, { schema: z.ZodType }>;
  /** False where the call may come without a body. */
  required: boolean;
  read(text: string): Result<B, Problem>;
};

export function jsonBody<T extends z.ZodType>(schema: T): BodyReader<z.output<T>> {
  return {
    bytesMax: MANAGEMENT_BODY_BYTES_MAX,
    content: { "application/json": { schema } },
    required: true,
    read: (text) => {
      const json = parseJson(text);
      return json.ok ? checkShape(schema, json.value) : json;
    },
  };
}

/** As `jsonBody` of an object, which may be left out as a whole. */
export function optionalBody<T extends z.ZodType>(schema: T): BodyReader<z.output<T>> {
  const reader = jsonBody(schema);
  return { ...reader, required: false, read: (text) => reader.read(text.trim() === "" ? "{}" : text) };
}

/** An action takes `{}`, or no body at all. */
export const noFields: BodyReader<Record<string, never>> = optionalBody(z.strictObject({}));

/** The two spellings of an AsyncAPI document. */
export const DOCUMENT_CONTENT = {
  "application/yaml": { schema: z.string() },
  "application/json": { schema: z.string() },
};

/** An AsyncAPI document as text. */
export const documentBody: BodyReader<string> = {
  bytesMax: DOCUMENT_BYTES_MAX,
  content: DOCUMENT_CONTENT,
  required: true,
  read: (text) => ok(text),
};
