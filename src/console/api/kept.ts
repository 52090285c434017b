/**
 * What this browser keeps for a page: `localStorage` for good, `sessionStorage` for a tab. It may withhold both from a page in
 * another site's frame; then nothing is kept, and the page goes on without.
 */
type Storages = "localStorage" | "sessionStorage";

export function readKept(storage: Storages, key: string): string | null {
  try {
    return window[storage].getItem(key);
  } catch {
    return null;
  }
}

/** null: not any more. */
export function keep(storage: Storages, key: string, value: string | null): void {
  try {
    if (value === null) window[storage].removeItem(key);
    else window[storage].setItem(key, value);
  } catch {
    // There is nowhere to keep it.
  }
}
