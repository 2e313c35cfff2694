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

  /** Takes steps in their order: of each, its loss and then the norm of each of so many layers' residuals. */
  add(records: Float64Array, layers: number): void {
    for (let at = 0; at < records.length; at += 1 + layers) {
      this.#seen++;
      if (this.#seen % this.#every === 0) this.#keep(records.subarray(at, at + 1 + layers));
    }
  }

  #keep([loss, ...residuals]: Float64Array): void {
    this.steps.push(this.#seen);
    this.losses.push(loss!);
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
