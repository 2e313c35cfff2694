import { useRef } from "preact/hooks";
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
  // Whether it was told to run, and no frame has said yet that it does.
  const isTold = useRef(false);
  if (isRunning) isTold.current = false;
  const start = (at: Speed): void => {
    isTold.current = true;
    training.start(at);
  };
  const stop = (act: () => void): void => {
    isTold.current = false;
    act();
  };
  const change = (text: string): void => {
    const next = speeds.find((each) => String(each) === text)!;
    setSpeed(next);
    if (isRunning || isTold.current) start(next);
  };
  return (
    <section class="panel transport" aria-label={labels.controls}>
      <div class="buttons">
        <button
          type="button"
          class="main"
          disabled={!isReady}
          onClick={() => (isRunning ? stop(training.pause) : start(speed))}
        >
          {isRunning ? labels.pause : labels.run}
        </button>
        <button type="button" disabled={!isReady} onClick={() => stop(training.step)}>
          {labels.step}
        </button>
        <button type="button" disabled={!isReady} onClick={() => stop(startOver)}>
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
