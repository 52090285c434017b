/** Bounds of reading a document, beside those of `kernel/limits.ts`: a hostile text costs no more than a large honest one. */

export const DOCUMENT_LEXEMES_MAX = 400_000; // a megabyte of ordinary text has under 300,000; each costs some 200 bytes of an isolate's 128 MB
export const DOCUMENT_EXPANDED_CHARS_MAX = 4 * 1024 * 1024; // what the aliases of a document stand for, written out
export const SYNTAX_ERRORS_MAX = 5; // after the first few they only follow from one another
export const DIAGNOSTICS_MAX = 100;
export const DIAGNOSTIC_CHARS_MAX = 500;
export const DIAGNOSTIC_KEY_CHARS_MAX = 200;
export const REFERENCE_HOPS_MAX = 8; // a reference to a reference to …
export const TITLE_CHARS_MAX = 256;
export const DESCRIPTION_CHARS_MAX = 16 * 1024; // a row in the registry, and one of 200 channels in an answer
export const TAGS_MAX = 100;
export const TRAITS_MAX = 20; // of one message
export const MESSAGES_PER_CHANNEL_MAX = 100;
export const CHANNEL_SCHEMAS_BYTES_MAX = 1024 * 1024; // JSON of all messages of a channel: a D1 row holds 2 MB
export const DOCUMENT_SCHEMAS_BYTES_MAX = 4 * 1024 * 1024; // the same of all channels: they share an isolate's 128 MB with its other requests
