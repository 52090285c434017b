/** Bounds of comparing two versions of a document, beside those of reading them. */

export const COMPARE_STEPS_MAX = 1_000_000; // keywords and their members, of both versions: ordinary schemas of DOCUMENT_SCHEMAS_BYTES_MAX have some 600,000
export const COMPARE_DEPTH_MAX = 256; // keys from the payload's schema to one within: two a level of the payload
export const COMPARE_HOPS_MAX = 16; // a reference to a reference to …
export const MERGE_DEPTH_MAX = 16; // an allOf in an allOf in …
export const CHANGES_PER_KIND_MAX = 200; // counted a kind each, so that no flood of remarks hides what breaks
export const CHANGES_CHARS_PER_KIND_MAX = 32 * 1024; // paths and messages: a page of versions has a hundred such lists of each kind
export const CHANGE_PATH_CHARS_MAX = 1000;
export const CHANGE_VALUES_MAX = 5; // values that one message names
export const CHANGE_VALUE_CHARS_MAX = 60;
