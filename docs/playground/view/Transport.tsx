import type { Labels } from "../labels.ts";
import { type Speed, speeds } from "../model/pace.ts";
import { CopyLink } from "./CopyLink.tsx";

interface Props {
  readonly labels: Labels;
  readonly training: {
    readonly frame: { readonly isRunning: boolean } | null;
    start(speed: Speed): void;
    pause(): void;
    step(): void;
  };
  readonly speed: Speed;
  setSpeed(speed: Speed): void;
  startOver(): void;
}

/** Run, pause, step, start over; how fast; and the link to what is seen. */
export function Transport({ labels, training, speed, setSpeed, startOver }: Props) {
  const isRunning = training.frame?.isRunning ?? false;
  const isReady = training.frame !== null;
  const change = (text: string): void => {
    const next = speeds.find((each) => String(each) === text)!;
    setSpeed(next);
    if (isRunning) training.start(next);
  };
  return (
    <section class="panel transport" aria-label={labels.controls}>
      <div class="buttons">
        <button
          type="button"
          class="main"
          disabled={!isReady}
          onClick={() => (isRunning ? training.pause() : training.start(speed))}
        >
          {isRunning ? labels.pause : labels.run}
        </button>
        <button type="button" disabled={!isReady} onClick={training.step}>
          {labels.step}
        </button>
        <button type="button" disabled={!isReady} onClick={startOver}>
          {labels.reset}
        </button>
        <label class="field">
          <span>{labels.speed}</span>
          <select value={String(speed)} onChange={(event) => change(event.currentTarget.value)}>
            {speeds.map((each) => (
              <option key={String(each)} value={String(each)}>
                {each === null ? labels.allOut : labels.perSecond(each)}
              </option>
            ))}
          </select>
        </label>
        <CopyLink labels={labels} />
      </div>
    </section>
  );
}
