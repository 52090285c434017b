/** Of the whole address, as it is sent: it goes through a cookie, and browsers drop those above 4 KiB. */
const RETURN_URL_CHARS_MAX = 2048;

/**
 * Where somebody goes on when they have signed in: an address of the relay's own, or its first page. The whole address, because a
 * path may be normalized to one that begins with `//`, and that is another host's.
 */
export function readReturnUrl(origin: string, path: string): string {
  const url = path.startsWith("/") ? URL.parse(path, origin) : null;
  const isOwn = url?.origin === origin && url.href.length <= RETURN_URL_CHARS_MAX;
  return isOwn ? `${origin}${url.pathname}${url.search}${url.hash}` : `${origin}/`;
}
