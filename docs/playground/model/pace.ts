/** Speeds to choose from: steps in a second; null for as many as there can be. */
export const speeds = [2, 10, 60, null] as const;
export type Speed = (typeof speeds)[number];
/** The speed at first, at which learning can be seen. */
export const usualSpeed: Speed = 60;

/** Most steps that are made up for at once: whoever was held up goes on at the same speed, and does not jump. */
const most = 2;

/** Tells how many steps are due, so that there are so many in a second. */
export class Pace {
  readonly #perSecond: number;
  #next: number;

  /**
   * @param perSecond - steps in a second.
   * @param now - when the first is due, in milliseconds.
   */
  constructor(perSecond: number, now: number) {
    this.#perSecond = perSecond;
    this.#next = now;
  }

  /** How many steps are due now. */
  due(now: number): number {
    const each = 1000 / this.#perSecond;
    const due = Math.max(Math.floor((now - this.#next) / each) + 1, 0);
    this.#next = due > most ? now + each : this.#next + due * each;
    return Math.min(due, most);
  }

  /** Milliseconds until the next step is due. */
  wait(now: number): number {
    return Math.max(this.#next - now, 0);
  }
}
