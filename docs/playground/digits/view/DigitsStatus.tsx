import { percent, useNumbers } from "../../view/numbers.ts";
import { StatusList } from "../../view/StatusList.tsx";
import type { DigitLabels } from "../labels.ts";
import type { Frame } from "../model/protocol.ts";

/** How far the training is, and how well the network reads digits that it does not learn from. */
export function DigitsStatus({ labels, frame }: { readonly labels: DigitLabels; readonly frame: Frame }) {
  const { short } = useNumbers();
  const rows = [
    ["step", labels.stepCount, String(frame.step)],
    ["epoch", labels.epoch, String(frame.epoch)],
    ["test-loss", labels.testLoss, short(frame.test.loss)],
    ["test-quality", labels.testQuality, percent(frame.test.quality)],
  ] as const;
  return <StatusList label={labels.status} isRunning={frame.isRunning} rows={rows} />;
}
