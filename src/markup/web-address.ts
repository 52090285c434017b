/** An address of the web, as a link may have it; null for every other: `javascript:`, a path, no address at all. */
export function webAddress(text: string): string | null {
  return /^https?:\/\//i.test(text) && URL.canParse(text) ? new URL(text).href : null;
}
