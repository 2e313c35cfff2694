import { Pace, type Speed } from "./pace.ts";

/** The part of a worker's world that a training runs by. */
export interface Timers {
  setTimeout(run: () => void, milliseconds: number): number;
  clearTimeout(timer: number): void;
}

/** What is run. */
export interface Runs {
  /** One step of training; false if there was nothing to do, or it could not be done. */
  step(): boolean;
  /** Shows how far it is. */
  show(): void;
}

/** Milliseconds of training between two looks at the messages. */
const stretch = 12;
/** Least milliseconds between two frames: at a speed at which learning can be seen, 60 frames a second; all out, frames take no more than a fifth of the time. */
const between = { paced: 12, allOut: 30 } as const;

/** Runs a training a few milliseconds at a time, so that the worker hears messages between. */
export class Runner {
  isRunning = false;
  /** The speed it was last run at. */
  speed: Speed = null;
  readonly #timers: Timers;
  readonly #runs: Runs;
  /** Null where it goes as fast as it can. */
  #pace: Pace | null = null;
  #timer = 0;
  #shownAt = 0;

  constructor(timers: Timers, runs: Runs) {
    this.#timers = timers;
    this.#runs = runs;
  }

  /** Runs until a step returns false, or `pause`. */
  run(speed: Speed): void {
    this.isRunning = true;
    this.speed = speed;
    this.#pace = speed === null ? null : new Pace(speed, performance.now());
    this.#timers.clearTimeout(this.#timer);
    this.#train();
  }

  pause(): void {
    this.isRunning = false;
    this.#timers.clearTimeout(this.#timer);
    this.#show();
  }

  #train(): void {
    if (!this.isRunning) return;
    const start = performance.now();
    let due = this.#pace?.due(start) ?? Number.POSITIVE_INFINITY;
    while (this.isRunning && due-- > 0 && performance.now() - start < stretch) this.isRunning = this.#runs.step();
    const wait = this.#pace === null ? between.allOut : between.paced;
    if (!this.isRunning || performance.now() - this.#shownAt > wait) this.#show();
    if (this.isRunning) {
      this.#timer = this.#timers.setTimeout(() => this.#train(), this.#pace?.wait(performance.now()) ?? 0);
    }
  }

  #show(): void {
    this.#runs.show();
    this.#shownAt = performance.now();
  }
}
