/** One kind of message of a channel. */
export type ApiMessage = {
  /** Unique within its channel. */
  name: string;
  contentType: string | null;
  /** The payload's JSON Schema, complete in itself: its references point into its own `definitions`. null: none, or of another schema language. */
  schema: unknown;
  /** Payloads that the document gives as examples, the first few. */
  examples: unknown[];
};

/** A part of an address that each event's path fills in. */
export type ApiParameter = {
  name: string;
  /** What its values have to match, complete in itself; null: anything. */
  schema: unknown;
};

export type ApiChannel = {
  /** Without a leading slash; each `{parameter}` is a whole segment. */
  address: string;
  title: string | null;
  description: string | null;
  messages: ApiMessage[];
  /** The parameters in the address, in their order. */
  parameters: ApiParameter[];
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
};
