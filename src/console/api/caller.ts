/** As whom the console calls: the organization that its address names, or the operator; in a portal, the link's token. */
export type Caller =
  | { kind: "nobody" }
  | { kind: "organization"; id: string }
  | { kind: "operator" }
  | { kind: "portal"; token: string };

let caller: Caller = { kind: "nobody" };
let csrfToken: string | null = null;

/** Answers whether that is somebody else than before: then nothing that was read for the other one may be shown. */
export function changeCaller(next: Caller): boolean {
  const changed = JSON.stringify(next) !== JSON.stringify(caller);
  caller = next;
  return changed;
}

/** Of the session, for what changes something. */
export function keepCsrfToken(token: string | null): void {
  csrfToken = token;
}

/** The headers that say who calls. Cookies go with each call by themselves. */
export function callerHeaders(method: string): Record<string, string> {
  if (caller.kind === "portal") return { Authorization: `Bearer ${caller.token}` };
  const headers: Record<string, string> = {};
  if (caller.kind === "organization") headers["Relay-Organization"] = caller.id;
  if (caller.kind === "operator") headers["Relay-Organization"] = "operator";
  if (csrfToken !== null && method !== "GET") headers["X-CSRF-Token"] = csrfToken;
  return headers;
}
