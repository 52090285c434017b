import { checkThat } from "../checks.ts";
import { FORMATS } from "../formats/formats.ts";
import { quote } from "../json-value.ts";
import { SCHEMA_QUOTE_CHARS_MAX } from "../limits.ts";
import type { Check } from "../run.ts";
import type { Subschemas } from "../subschemas.ts";
import type { Keywords } from "./keywords.ts";

/** What only strings are asked. Their length is in code points; formats that nobody knows are no question. */
export function compileStringChecks(keywords: Keywords, subschemas: Subschemas): Check<string>[] {
  const checks: Check<string>[] = [];
  const least = keywords.count("minLength");
  if (least !== undefined) {
    checks.push(checkThat("minLength", `must have ${least} or more characters`, (text) => hasCodePoints(text, least)));
  }
  const most = keywords.count("maxLength");
  if (most !== undefined) {
    const holds = (text: string): boolean => !hasCodePoints(text, most + 1);
    checks.push(checkThat("maxLength", `must have ${most} or fewer characters`, holds));
  }
  const source = keywords.text("pattern");
  const pattern = source === undefined ? undefined : subschemas.compilePattern(source, keywords.pointerTo("pattern"));
  if (source !== undefined && pattern) {
    const message = `must match the pattern ${quote(source, SCHEMA_QUOTE_CHARS_MAX)}`;
    checks.push((text, run, at) => pattern.matches(text, run) || run.fail(at, "pattern", message));
  }
  const format = FORMATS.get(keywords.text("format") ?? "");
  if (format) {
    const message = `must be ${format.article}`;
    checks.push((text, run, at) => {
      run.steps -= text.length;
      return run.steps >= 0 && (format.holds(text) || run.fail(at, "format", message));
    });
  }
  return checks;
}

/** Whether a text has so many code points: each has one or two UTF-16 units, so they are seldom counted. */
function hasCodePoints(text: string, least: number): boolean {
  if (text.length < least) return false;
  if (text.length >= 2 * least) return true;
  let count = 0;
  // By index: to iterate makes a text of each character, which costs twenty times as much.
  for (let at = 0; at < text.length; at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1) count += 1;
  return count >= least;
}
