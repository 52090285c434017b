const RETURN_PATH_CHARS_MAX = 2048;

/**
 * Where somebody goes on when they have signed in: an address of the relay's own, or its first page. The whole address, because a
 * path may be normalized to one that begins with `//`, and that is another host's.
 */
export function readReturnUrl(origin: string, path: string): string {
  const isPath = path.startsWith("/") && path.length <= RETURN_PATH_CHARS_MAX;
  const url = isPath && URL.canParse(path, origin) ? new URL(path, origin) : null;
  return url?.origin === origin ? `${origin}${url.pathname}${url.search}${url.hash}` : `${origin}/`;
}
