const METHODS = ["digest", "encrypt", "decrypt", "importKey"] as const;

let underWay = 0;
let last: Promise<unknown> = Promise.resolve();

/** WebCrypto works in other threads: until it has answered, the time of a run stands still. */
export const isWorkUnderWay = (): boolean => underWay > 0;

/** Makes WebCrypto answer in the order in which it is asked, so that the same seed runs the same story. */
export function watchOutsideWork(): void {
  const { subtle } = crypto;
  for (const name of METHODS) {
    const method = subtle[name].bind(subtle) as (...args: unknown[]) => Promise<unknown>;
    const inTurn = (...args: unknown[]): Promise<unknown> => {
      underWay++;
      const before = last;
      const own = method(...args).finally(() => before);
      const counted = own.finally(() => {
        underWay--;
      });
      last = counted.catch(() => {});
      return counted;
    };
    Object.defineProperty(subtle, name, { value: inTurn, configurable: true });
  }
}

/** Ids are drawn from the run's own chance. */
export function seedIds(random: () => number): void {
  const hex = (digits: number): string =>
    Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join("");
  const randomUUID = (): string => `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`;
  Object.defineProperty(crypto, "randomUUID", { value: randomUUID, configurable: true });
}
