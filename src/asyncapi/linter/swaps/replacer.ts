import { DIAGNOSTIC_CHARS_MAX, DIAGNOSTIC_KEY_CHARS_MAX } from "../../limits.ts";

type Values = { error: string; property: unknown; value: unknown };
type Print = (this: Values, what: string) => string;

/**
 * Stands in for the Replacer of @stoplight/spectral-core, which evaluates expressions within messages, loops and functions
 * included. What a document says comes into messages, so this one knows no more than the placeholders of the rules.
 */
export class Replacer {
  #print: Print = () => "";

  addFunction(_name: "print", print: Print): void {
    this.#print = print;
  }

  print(message: string, values: Values): string {
    if (message === "{{error}}") return values.error;
    // A message of a rule's own is short; a long one quotes the document.
    if (message.length > DIAGNOSTIC_CHARS_MAX) return message;
    return message.replace(/#\{\{print\("(property|value)"\)\}\}/g, (_, what: string) =>
      this.#print.call(values, what).slice(0, DIAGNOSTIC_KEY_CHARS_MAX),
    );
  }
}
