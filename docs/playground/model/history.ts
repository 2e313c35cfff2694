import type { StepRecord } from "./trainer.ts";

/** Most steps that are kept. */
const most = 400;

/** The steps of a training, thinned out as they become many, so that a curve of any length costs the same to draw. */
export class History {
  readonly steps: number[] = [];
  readonly losses: number[] = [];
  /** For each layer. */
  readonly residuals: number[][] = [];
  #every = 1;
  #seen: number;

  /** @param after - the step that the first one follows. */
  constructor(after = 0) {
    this.#seen = after;
  }

  add({ loss, residuals }: StepRecord): void {
    this.#seen++;
    if (this.#seen % this.#every !== 0) return;
    this.steps.push(this.#seen);
    this.losses.push(loss);
    for (const [i, norm] of residuals.entries()) {
      this.residuals[i] ??= [];
      this.residuals[i].push(norm);
    }
    if (this.steps.length < 2 * most) return;
    this.#every *= 2;
    for (const list of [this.steps, this.losses, ...this.residuals]) {
      list.splice(0, list.length, ...list.filter((_, i) => i % 2 === 1));
    }
  }
}
