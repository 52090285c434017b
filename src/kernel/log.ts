type Field = string | number | boolean | null | undefined;

/**
 * One wide line a publish, a settled batch, a control-plane change. Only flat fields, so that no payload slips in;
 * secrets are never passed here.
 */
export function logLine(what: string, fields: Record<string, Field>): void {
  console.log(JSON.stringify({ what, ...fields }));
}
