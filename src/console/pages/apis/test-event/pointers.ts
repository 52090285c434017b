import { unescapePointer } from "../../../../json-schema/json-value.ts";

/** The steps of a JSON Pointer (RFC 6901). */
export const pointerTokens = (pointer: string): string[] =>
  pointer === "" ? [] : pointer.slice(1).split("/").map(unescapePointer);
