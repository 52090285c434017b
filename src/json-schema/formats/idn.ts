import { HOST_CHARS_MAX, isLabel, isMailbox, LABEL, LABEL_CHARS_MAX } from "./hosts.ts";

const LOCAL_PART = /^[\w!#$%&'*+/=?^`{|}~\u{80}-\u{10FFFF}-]+(?:\.[\w!#$%&'*+/=?^`{|}~\u{80}-\u{10FFFF}-]+)*$/u;

/** RFC 6531 */
export const isIdnEmail = (text: string): boolean => isMailbox(text, LOCAL_PART, isIdnHostname);

/** RFC 5890 §2.3.2.3, as far as it needs no tables. */
export function isIdnHostname(text: string): boolean {
  return text.length <= HOST_CHARS_MAX && text.split(/[.\u3002\uFF0E\uFF61]/).every(isIdnLabel);
}

function isIdnLabel(label: string): boolean {
  if (label.slice(2, 4) === "--" && !/^xn--/i.test(label)) return false;
  if (LABEL.test(label)) return isLabel(label);
  if (!isWritten(label) || !isInContext(label)) return false;
  // As DNS knows it, encoded; the platform knows how.
  return (URL.parse(`http://${label}`)?.hostname.length ?? Number.POSITIVE_INFINITY) <= LABEL_CHARS_MAX;
}

/**
 * IDNA 2008: letters, marks and digits of any script (RFC 5892 §2), with what its §2.6 adds and takes away. The expressions
 * stand in functions because tables of scripts are costly, and most isolates never need them.
 */
function isWritten(label: string): boolean {
  const isAllowed =
    /^(?![\p{M}-])(?:[\p{L}\p{M}\p{Nd}\u3007\u06FD\u06FE\u0F0B\u00B7\u0375\u05F3\u05F4\u30FB-]|\u200C|\u200D)+$/u;
  return isAllowed.test(label) && !label.endsWith("-") && !/[\u0640\u07FA\u302E\u302F\u3031-\u3035\u303B]/.test(label);
}

/** What some characters must stand beside (RFC 5892 appendix A). */
function isInContext(label: string): boolean {
  // A virama joins consonants of an Indic script, and a joiner may say how.
  const joined = label.replaceAll(
    /([\u094D\u09CD\u0A4D\u0ACD\u0B4D\u0BCD\u0C4D\u0CCD\u0D3B\u0D3C\u0D4D\u0DCA\u0E3A\u0EBA\u0F84\u1039\u103A])[\u200C\u200D]/gu,
    "$1",
  );
  const outOfContext = [
    /(?<!l)\u00B7|\u00B7(?!l)/,
    /\u0375(?!\p{Script=Greek})/u,
    /(?<!\p{Script=Hebrew})[\u05F3\u05F4]/u,
    /[\u0660-\u0669].*[\u06F0-\u06F9]|[\u06F0-\u06F9].*[\u0660-\u0669]/,
    /\u200D|(?<!\p{Script=Arabic})\u200C|\u200C(?!\p{Script=Arabic})/u,
  ];
  const isJapanese = /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u;
  if (label.includes("\u30FB") && !isJapanese.test(label)) return false;
  return !outOfContext.some((expression) => expression.test(joined));
}
