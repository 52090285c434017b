/** Bounds of compiling a schema and of checking a value against it: a hostile schema costs no more than a large honest one. */

// The schema
export const SCHEMA_VALUES_MAX = 50_000; // JSON values in one schema; each becomes a few closures of an isolate's 128 MB
export const SCHEMA_DEPTH_MAX = 160; // a document's own depth (128), and what bundling puts around it
export const SCHEMA_PATTERNS_MAX = 500; // different ones
export const SCHEMA_QUOTE_CHARS_MAX = 80; // of the schema's own text, in a message
export const MESSAGE_CHARS_MAX = 200; // of a fault, of a violation
export const REFERENCE_HOPS_MAX = 50; // a reference to a reference to …
export const DISCRIMINATOR_NAMES_MAX = 200; // schemas that one discriminator may name
export const DISCRIMINATOR_NAMES_SHOWN_MAX = 8;

// Regular expressions
export const PATTERN_CHARS_MAX = 4_096;
export const PATTERN_DEPTH_MAX = 50; // groups within groups
export const PATTERN_STATES_MAX = 10_000; // after `{n,m}` is written out: `^.{1,4000}$` has 8,000
export const SCHEMA_PATTERN_STATES_MAX = 50_000; // of all patterns of a schema, or of schemas that share theirs
export const PATTERN_LOOKS_MAX = 16; // look-arounds: each is one bit beside each character
export const PATTERN_STATE_BYTES = 90; // as measured, the lists around it included
export const PATTERN_CELL_BYTES = 32; // of what patterns remember of texts, as measured
export const PATTERN_MEMORY_CELLS_MAX = 200_000; // numbers that they remember between values: 2 to 6 MB

// One check of a value. A step is a schema applied to a value, a member looked at, a character matched: 5 to 50 ns
export const VALIDATION_STEPS_MAX = 2_000_000; // an event of 1 MiB has at most half a million values; a tenth of a second of hostile work
export const VALIDATION_DEPTH_MAX = 600; // schemas within schemas: an event is 256 deep, and the stack holds twice as many of these
export const VIOLATIONS_MAX = 20; // nobody reads more
export const VIOLATION_POINTER_CHARS_MAX = 512;

// Samples
export const SAMPLE_CHARS_MAX = 256 * 1024; // of all values that are tried, as JSON; what comes out is one of them
export const SAMPLE_TRIES_MAX = 10_000; // of all values together
export const SAMPLE_STRING_CHARS_MAX = 10_000;
export const SAMPLE_DEPTH_MAX = 32; // of values that must be there; what may be left out is, where a schema comes back to itself
export const SAMPLE_ITEMS_MAX = 100;
export const SAMPLE_TURNS_MAX = 32; // alternatives that are tried for one value
export const SAMPLE_PARTS_MAX = 200; // schemas that are taken together for one value
export const SAMPLE_STEPS_MAX = 1_000_000; // of all checks whether what was made matches
