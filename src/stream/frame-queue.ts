/** How much of a connection may wait to be worked on. */
export type FrameQueueBounds = { framesMax: number; charsMax: number };

type Work = () => Promise<void> | void;

/** What the frames of one connection ask for, done one after the other in the order in which they came. */
export class FrameQueue {
  readonly #waiting: { work: Work; chars: number }[] = [];
  readonly #bounds: FrameQueueBounds;
  #waitingChars = 0;
  #isBusy = false;

  constructor(bounds: FrameQueueBounds) {
    this.#bounds = bounds;
  }

  /** Whether there is room for one more, of so many characters. */
  hasRoom(chars: number): boolean {
    return this.#waiting.length < this.#bounds.framesMax && this.#waitingChars + chars <= this.#bounds.charsMax;
  }

  /**
   * Does this when it is its turn; it does not fail. The promise ends when this is done and all that has come behind it meanwhile, or at once
   * where another call is at work already.
   */
  async push(work: Work, chars = 0): Promise<void> {
    this.#waiting.push({ work, chars });
    this.#waitingChars += chars;
    if (this.#isBusy) return;
    this.#isBusy = true;
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      this.#waitingChars -= next.chars;
      await next.work();
    }
    this.#isBusy = false;
  }

  /** What waits is forgotten. */
  clear(): void {
    this.#waiting.length = 0;
    this.#waitingChars = 0;
  }
}
