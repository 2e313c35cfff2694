import type { Labels } from "../labels.ts";
import type { Frame } from "../model/protocol.ts";
import { isRegression as isRegressionOn, type Settings } from "../model/settings.ts";
import { percent, useNumbers } from "./numbers.ts";
import { StatusList } from "./StatusList.tsx";

interface Props {
  readonly labels: Labels;
  readonly settings: Settings;
  readonly frame: Frame | null;
  /** The step that a link asked for. */
  readonly target: number;
}

/** How far the training is, and how well it does. Read out when it rests, not while it runs. */
export function Status({ labels, settings, frame, target }: Props) {
  const { short } = useNumbers();
  if (frame === null) return <section class="panel">{target > 0 ? labels.catchingUp(target) : labels.loading}</section>;
  const isRegression = isRegressionOn(settings.data);
  const quality = (value: number): string => {
    if (Number.isNaN(value)) return "–";
    return isRegression ? value.toFixed(3).replace("-", "−") : percent(value);
  };
  const rows: readonly (readonly [id: string, label: string, value: string])[] = [
    ["step", labels.stepCount, String(frame.step)],
    ["epoch", labels.epoch, String(frame.epoch)],
    ["train-loss", labels.trainLoss, short(frame.train.loss)],
    ["test-loss", labels.testLoss, short(frame.test.loss)],
    ["train-quality", isRegression ? labels.trainR2 : labels.trainQuality, quality(frame.train.quality)],
    ["test-quality", isRegression ? labels.testR2 : labels.testQuality, quality(frame.test.quality)],
  ];
  return <StatusList label={labels.status} isRunning={frame.isRunning} rows={rows} />;
}
