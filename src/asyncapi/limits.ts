/** Bounds of reading a document, beside those of `kernel/limits.ts`: a hostile text costs no more than a large honest one. */

export const DOCUMENT_NODES_MAX = 100_000; // values with all aliases written out; a megabyte of ordinary text has some 50,000
export const KEY_COMPARISONS_MAX = 25_000_000; // the YAML parser compares each key of an object with all the others: 5,000 in one, or 100 in each of 2,500
export const SEXAGESIMAL_DIGITS_MAX = 200; // 1:30:00 has three; beyond 173 they are Infinity
export const DOCUMENT_REFERENCES_MAX = 10_000;
// While a document is checked. A step is a short statement of a validator, or what else takes as long: 0.1 to 0.2 µs
export const LINT_STEPS_MAX = 12_000_000; // an answer has ten seconds, and the machine may be busy
export const STEPS_PER_RESOLVED_NODE = 15; // a value, all references written out except circular ones: the rules look among all for theirs
export const STATEMENT_CHARACTERS_PER_STEP = 16;
export const STEPS_PER_KEY = 5; // of an object, when all are listed
export const STEPS_PER_CODE_CHARACTER = 3; // of a validator that is made for a document
export const STEPS_PER_PATTERN_STATE = 10; // of a pattern, its repetitions written out
export const STEPS_PER_ERROR = 1_000; // of a validator: it is compared with others, put into words and looked up in the text
export const STEPS_PER_COMPARED_OBJECT = 5;
export const STEPS_PER_DEPENDANT = 200; // a value that a reference is replaced by
export const STEPS_PER_DEPENDENCY = 10; // a value that is asked whether a reference stands within it
export const ITEMS_PER_STEP = 20; // of a list, and characters of a text, that are only looked at
export const PAIRS_PER_STEP = 30; // of characters or items that are compared each with all others
export const DIAGNOSTICS_CHARS_MAX = 4 * 1024 * 1024; // what all messages and paths of an answer take together
export const FINDINGS_PER_RULE_MAX = 100;
export const DIAGNOSTIC_CHARS_MAX = 500;
export const DIAGNOSTIC_KEY_CHARS_MAX = 200;
export const REFERENCE_HOPS_MAX = 8; // a reference to a reference to …
export const TITLE_CHARS_MAX = 256;
export const DESCRIPTION_CHARS_MAX = 16 * 1024; // a row in the registry, and one of 200 channels in an answer
export const TAGS_MAX = 100;
export const TRAITS_MAX = 20; // of one message
export const MESSAGES_PER_CHANNEL_MAX = 100;
export const EXAMPLES_KEPT_MAX = 3; // of one message
export const CHANNEL_SCHEMAS_BYTES_MAX = 1024 * 1024; // JSON of all messages of a channel: a D1 row holds 2 MB
export const DOCUMENT_SCHEMAS_BYTES_MAX = 4 * 1024 * 1024; // the same of all channels: they share an isolate's 128 MB with its other requests
