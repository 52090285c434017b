import { createBrowserHistory, type RouterHistory } from "@tanstack/react-router";
import { TOKEN_KEY } from "../api/portal.ts";

/** A history each of whose entries carries the portal's token, for when it is loaded again. */
export function makePortalHistory(token: string): RouterHistory {
  const history = createBrowserHistory();
  const { push, replace } = history;
  const carried = { [TOKEN_KEY]: token };
  history.push = (path, state, options) => push(path, { ...state, ...carried }, options);
  history.replace = (path, state, options) => replace(path, { ...state, ...carried }, options);
  // The entry that is there already has got a state of the router's own.
  window.history.replaceState({ ...window.history.state, ...carried }, "");
  return history;
}
