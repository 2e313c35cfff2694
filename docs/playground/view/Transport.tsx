import type { Labels } from "../labels.ts";
import type { Speed, Training } from "./training.ts";

interface Props {
  readonly labels: Labels;
  readonly training: Training;
  readonly speed: Speed;
  setSpeed(speed: Speed): void;
}

/** Run, pause, step, start over. */
export function Transport({ labels, training, speed, setSpeed }: Props) {
  const isRunning = training.frame?.isRunning ?? false;
  const isReady = training.frame !== null;
  const change = (text: string): void => {
    const next = text === "all" ? null : Number(text);
    setSpeed(next);
    if (isRunning) training.start(next);
  };
  return (
    <section class="panel" aria-label={labels.controls}>
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
        <button type="button" disabled={!isReady} onClick={training.reset}>
          {labels.reset}
        </button>
      </div>
      <label class="field">
        <span>{labels.speed}</span>
        <select value={speed === null ? "all" : String(speed)} onChange={(event) => change(event.currentTarget.value)}>
          {Object.entries(labels.speeds).map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      </label>
    </section>
  );
}
