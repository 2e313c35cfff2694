import { textOf as textOfValue, ValueError } from "../core/errors.ts";
import { checkOptions, type OptionKinds } from "../core/options.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Callback, EpochRecord, StepRecord } from "../train/index.ts";
import { textOf } from "./lines.ts";

/** Where a bar is drawn: one of Node's streams. */
export interface ProgressStream {
  /** Takes text. */
  write(text: string): unknown;
  /** Whether it is a terminal. */
  readonly isTTY?: boolean;
}

/** Options of {@link progressBar}. */
export interface ProgressBarOptions {
  /** Where it is drawn: the standard error by default, as what is not a result. */
  readonly stream?: ProgressStream;
}

const progressBarOptions: OptionKinds<ProgressBarOptions> = { stream: "any" };

/**
 * Shows a progress bar in a terminal, with the loss (the mean of the epoch so far), the measurements of the last epoch, and the remaining time. If there is no
 * terminal, it writes about ten lines.
 *
 * Needs the package `cli-progress`, which is imported only if you call this.
 *
 * @param options - `stream`.
 * @returns a callback for `fit`.
 * @throws `ValueError` for anything that is not a stream, or an unknown option.
 * @example
 * import { Linear, mse, SGD, zeros } from "tinygrad-ts";
 * import { progressBar } from "tinygrad-ts/reporters";
 * import { fit, TensorDataset } from "tinygrad-ts/train";
 *
 * const model = new Linear(1, 1);
 * const data = new TensorDataset(zeros([4, 1]), zeros([4, 1]));
 * const optimizer = new SGD(model.parameters(), { lr: 0.1 });
 * let text = "";
 * const stream = { write: (part: string) => (text += part) };
 * await fit(model, data, { loss: mse, optimizer, epochs: 2, callbacks: [progressBar({ stream })] });
 * text.includes("100 %  epoch 2/2  loss"); // → true
 */
export function progressBar(options?: ProgressBarOptions): Callback {
  if (canWrite(options))
    throw new ValueError("progressBar", "options must be an object", "a stream", "write { stream }");
  const { stream } = checkOptions("progressBar", options, progressBarOptions);
  refuseMore("progressBar", arguments, 1);
  if (stream !== undefined && !canWrite(stream)) {
    throw new ValueError("progressBar", "stream must be a stream", textOfValue(stream), "write stream: process.stderr");
  }
  const out = stream ?? (globalThis as unknown as { process: { stderr: ProgressStream } }).process.stderr;
  let bar: Bar | null = null;
  let [sum, tenth, last] = [0, 0, ""];

  const update = ({ epoch, batch, batches, loss }: StepRecord, epochs: number): void => {
    sum = batch === 1 ? loss : sum + loss;
    // Where nobody knows how many batches there are, an epoch counts when it is done.
    const done = epoch - 1 + (batches === undefined ? 0 : batch / batches);
    bar?.update(done, { text: `epoch ${epoch}/${epochs}  loss ${(sum / batch).toFixed(4)}${last}` });
    // A bar that is no terminal's draws nothing by itself.
    if (!out.isTTY && Math.floor((10 * done) / epochs) > tenth && done < epochs) {
      tenth = Math.floor((10 * done) / epochs);
      bar?.render?.();
    }
  };
  return {
    isForOne: true,
    async onStart({ epochs }) {
      const { SingleBar } = (await import("cli-progress")).default;
      [sum, tenth, last] = [0, 0, ""];
      bar = new SingleBar({
        format: "{bar} {percentage} %  {text}  {eta} s left",
        barCompleteChar: "█",
        barIncompleteChar: "░",
        barsize: 24,
        stream: out as NodeJS.WritableStream,
        noTTYOutput: true,
        linewrap: true, // leaves the terminal's own setting alone, so Ctrl-C needs no cleaning up
        fps: 20,
        etaBuffer: 200,
        // The time left is a text until there is something to reckon it from.
        formatValue: (value, _, type) => (type === "eta" && typeof value !== "number" ? "?" : String(value)),
      }) as Bar;
      bar.start(Math.max(epochs, 1), 0, { text: "" });
    },
    onStep(step, { epochs }) {
      update(step, epochs);
    },
    onEpoch({ metrics, validation }: EpochRecord) {
      const measured = textOf({ loss: Number.NaN, metrics, ...(validation && { validation }) }).replace("loss NaN", "");
      last = measured.trim() === "" ? "" : `  last: ${measured.trim()}`;
    },
    onEnd() {
      bar?.stop();
    },
    onError() {
      bar?.stop();
    },
  };
}

function canWrite(x: unknown): boolean {
  return typeof (x as ProgressStream | null | undefined)?.write === "function";
}

/** What of a bar is used here. */
interface Bar {
  start(total: number, at: number, payload: object): void;
  update(at: number, payload: object): void;
  stop(): void;
  /** Not among the types. */
  render?(): void;
}
