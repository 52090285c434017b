/** A part of the console that loads when it is wanted has not come. */
export class PartMissing extends Error {
  constructor() {
    super("This part of the console could not be loaded. Check your connection, then try again.");
    this.name = "PartMissing";
  }
}

/**
 * Loads such a part. Where it does not come, the network has failed, or the relay has got another version, whose parts have
 * other names: to go on, the page is to be loaded again.
 */
export const loadPart = <Part>(load: () => Promise<Part>): Promise<Part> =>
  load().catch(() => {
    throw new PartMissing();
  });
