type Field = string | number | boolean | null | undefined;

/**
 * What a secret of the relay looks like, wherever it stands: tokens and client secrets, signing secrets, JWTs, and what an
 * Authorization header carries.
 */
const SECRETS =
  /\b(?:rk|ps|as)_[\w-]{20,}|\bwhsec_[\w+/=-]{8,}|\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?|\b(Basic|Bearer) +[\w.~+/=-]{8,}/gi;

/** A text without the secrets that stand in it. */
export const redact = (text: string): string =>
  text.replace(SECRETS, (_, scheme?: string) => (scheme ? `${scheme} [redacted]` : "[redacted]"));

/**
 * One wide line a publish, a settled batch, a control-plane change. Only flat fields, so that no payload slips in;
 * secrets are never passed here, and one that stands in somebody else's error message is taken out.
 */
export function logLine(what: string, fields: Record<string, Field>): void {
  console.log(redact(JSON.stringify({ what, ...fields })));
}
