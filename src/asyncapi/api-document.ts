import type { Diagnostic } from "./diagnostic.ts";

/** One kind of message of a channel. */
export type ApiMessage = {
  /** Unique within its channel. */
  name: string;
  contentType: string | null;
  /** The payload's JSON Schema, complete in itself: its references point into its own `definitions`. null: none, or of another schema language. */
  schema: unknown;
};

export type ApiChannel = {
  /** Without a leading slash; each `{parameter}` is a whole segment. */
  address: string;
  title: string | null;
  description: string | null;
  messages: ApiMessage[];
  /** Names of the parameters in the address, in their order. */
  parameters: string[];
};

/** What the relay takes from an AsyncAPI document of any version. */
export type ApiDocument = {
  /** As the document says: `2.6.0`, `3.0.0`. */
  specVersion: string;
  title: string;
  version: string;
  description: string | null;
  tags: string[];
  channels: ApiChannel[];
  /** Findings that do not make the document unusable. */
  diagnostics: Diagnostic[];
};
