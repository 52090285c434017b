/** A portal link that this page was opened by: one app's part of the console, inside of somebody else's product. */
export type Portal = { basePath: string; linkId: string; organizationId: string; token: string };

const ADDRESS = /^(\/portal\/([0-9a-f-]{36}))\/o\/([0-9a-f-]{36})/i;
const TOKEN = /^#(rp_[\w-]+)$/;

/** Where each entry of a portal's history has its token: in a frame, browsers may withhold cookies and storage, but not that. */
export const TOKEN_KEY = "portalToken";

/**
 * The token comes behind the `#`, which no browser sends to anybody, and leaves the address at once. The entry of the history
 * carries it on, so that the page can be loaded again.
 */
export function readPortal(): Portal | null {
  const [, basePath, linkId, organizationId] = ADDRESS.exec(location.pathname) ?? [];
  if (basePath === undefined || linkId === undefined || organizationId === undefined) return null;
  const [, fresh] = TOKEN.exec(location.hash) ?? [];
  const token = fresh ?? readCarried(history.state);
  history.replaceState({ [TOKEN_KEY]: token }, "", location.pathname + location.search + (fresh ? "" : location.hash));
  // Of an address that differs in nothing else, the browser loads no page.
  addEventListener("hashchange", () => TOKEN.test(location.hash) && location.reload());
  return { basePath, linkId, organizationId, token };
}

function readCarried(state: unknown): string {
  const carried = typeof state === "object" && state !== null && TOKEN_KEY in state ? state[TOKEN_KEY] : "";
  return typeof carried === "string" ? carried : "";
}
