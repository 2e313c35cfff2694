import { SingleBar } from "cli-progress";
import type { Step } from "./train.ts";

/**
 * A bar with loss, accuracy (both: mean of the epoch so far, while training) and time left: live in a terminal, about ten lines
 * elsewhere.
 */
export class TrainingBar {
  private readonly bar = new SingleBar({
    format: "{bar} {percentage} %  epoch {epoch}  loss {loss}  accuracy {accuracy} %  {eta} s left",
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize: 24,
    stream: process.stdout,
    noTTYOutput: true,
    linewrap: true, // leaves the terminal's own setting alone, so that Ctrl-C needs no cleaning up
    fps: 20,
    etaBuffer: 200,
    // The time left is a text, "0", until there is something to reckon it from.
    formatValue: (value, _, type) => (type === "eta" && typeof value !== "number" ? "?" : String(value)),
  });
  private epoch = 0;
  private seen = 0;
  private right = 0;
  private loss = 0;

  /** Shows a step. The bar begins with the first. */
  readonly update = ({ step, steps, epoch, loss, right, size }: Step): void => {
    if (epoch !== this.epoch) {
      this.epoch = epoch;
      this.seen = 0;
      this.right = 0;
      this.loss = 0;
    }
    this.seen += size;
    this.right += right;
    this.loss += loss * size;
    const shown = {
      epoch,
      loss: (this.loss / this.seen).toFixed(4),
      accuracy: ((100 * this.right) / this.seen).toFixed(1),
    };
    if (step === 1) this.bar.start(steps, 0, shown);
    this.bar.update(step, shown);
    // Training lets no timer run, so the lines are written from here.
    const isTenth = Math.floor((10 * step) / steps) > Math.floor((10 * (step - 1)) / steps);
    if (!process.stdout.isTTY && isTenth && step < steps) this.bar.render();
  };

  /** Leaves the bar as it is, and the cursor below it. */
  stop(): void {
    this.bar.stop();
  }
}
