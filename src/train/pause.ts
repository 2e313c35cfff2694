interface Platform {
  readonly performance: { now(): number };
  readonly setImmediate?: (resume: () => void) => unknown;
  readonly MessageChannel?: new () => { port1: Port; port2: Port };
  readonly setTimeout: (resume: () => void, milliseconds: number) => unknown;
}

interface Port {
  onmessage: (() => void) | null;
  postMessage(message: null): void;
  close(): void;
}

/** Milliseconds of work between two pauses: short of the 16.7 that a page has for a frame. */
const longest = 10;

/** Lets the event loop take its turn now and then, so a page can be drawn and a timer can run. */
export class Pauses {
  readonly #platform = globalThis as unknown as Platform;
  #last = this.#platform.performance.now();

  /** A promise if it is time, to be awaited; else nothing, which costs nothing. */
  due(): Promise<void> | undefined {
    const { performance, setImmediate, setTimeout, MessageChannel } = this.#platform;
    if (performance.now() - this.#last < longest) return undefined;
    const turn = new Promise<void>((resume) => {
      if (setImmediate !== undefined) setImmediate(resume);
      else if (MessageChannel === undefined)
        setTimeout(resume, 0); // jsdom has neither
      else {
        // Not a timer, which browsers make wait for 4 ms; nor scheduler.yield, which goes before timers, so they would never run.
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => {
          port1.close();
          resume();
        };
        port2.postMessage(null);
      }
    });
    return turn.then(() => {
      this.#last = performance.now();
    });
  }
}
