/** What of the renderer's markup is watched: whatever it shows later, and how it shows what is open. */
const CHANGES: MutationObserverInit = { childList: true, subtree: true, attributeFilter: ["class", "aria-selected"] };

/**
 * Mends what the renderer's markup does to those who do not see it, or not well, now and whenever it changes; and sends links out
 * of the console to a window of their own. `opensPayloads`: what is told of each payload is open from the first. Answers what
 * ends that.
 */
export function keepMended(root: HTMLElement, opensPayloads: boolean): () => void {
  const met = new WeakSet<Element>();
  const mendAll = (): void => {
    mend(root);
    if (opensPayloads) openPayloads(root, met);
  };
  const observer = new MutationObserver(mendAll);
  mendAll();
  observer.observe(root, CHANGES);
  return () => observer.disconnect();
}

function mend(root: HTMLElement): void {
  for (const icon of root.querySelectorAll("svg")) mendIcon(icon);
  for (const tab of root.querySelectorAll('[role="tab"], [aria-selected]')) mendTab(tab);
  // Its first child is a text, which no list may have.
  for (const list of root.querySelectorAll("ul:not([role])"))
    if (list.firstChild instanceof Text) list.setAttribute("role", "presentation");
  for (const link of root.querySelectorAll<HTMLAnchorElement>("a[href]")) mendLink(link);
}

/** The arrow of a button that opens something: turned, it is open. */
function mendIcon(icon: SVGElement): void {
  icon.setAttribute("aria-hidden", "true");
  const isOpen = icon.classList.contains("-rotate-90");
  icon.closest("button")?.setAttribute("aria-expanded", String(isOpen));
}

/** Tabs without a list and without panels are buttons, one of which is pressed. */
function mendTab(tab: Element): void {
  tab.setAttribute("aria-pressed", String(tab.getAttribute("aria-selected") === "true"));
  for (const name of ["role", "aria-selected", "aria-controls"]) tab.removeAttribute(name);
}

/** A link leads to the web, out of the console, or nowhere. */
function mendLink(link: HTMLAnchorElement): void {
  if (!/^https?:$/.test(link.protocol)) {
    link.removeAttribute("href");
    return;
  }
  link.target = "_blank";
  link.rel = "nofollow noopener noreferrer";
}

/** Opens what is told of payloads, as far down as their members; what was met before stays as somebody has put it. */
function openPayloads(root: HTMLElement, met: WeakSet<Element>): void {
  for (const button of root.querySelectorAll<HTMLElement>(".panel-item button[aria-expanded]")) {
    if (met.has(button)) continue;
    met.add(button);
    if (button.textContent === "Payload" && button.ariaExpanded === "false") button.click();
  }
}
