import type { Labels } from "../labels.ts";
import type { Frame } from "../model/protocol.ts";
import { pointCount } from "../model/settings.ts";
import { short } from "./numbers.ts";

interface Props {
  readonly labels: Labels;
  readonly point: number;
  setPoint(point: number): void;
  readonly frame: Frame | null;
}

/** Which point is followed through the network. */
export function PointChooser({ labels, point, setPoint, frame }: Props) {
  const choose = (text: string): void => {
    const next = Number(text);
    if (text !== "" && Number.isInteger(next) && next >= 0 && next < pointCount) setPoint(next);
  };
  const by = (offset: number): void => setPoint((point + offset + pointCount) % pointCount);
  return (
    <div class="panel">
      <div class="buttons">
        <button type="button" aria-label={labels.previousPoint} onClick={() => by(-1)}>
          ←
        </button>
        <label class="field">
          <span>{labels.point}</span>
          <input
            type="number"
            min={0}
            max={pointCount - 1}
            value={point}
            onChange={(event) => choose(event.currentTarget.value)}
          />
        </label>
        <button type="button" aria-label={labels.nextPoint} onClick={() => by(1)}>
          →
        </button>
      </div>
      {frame !== null && (
        <p class="help">{labels.pointIs(frame.observation.x.map(short).join(", "), short(frame.observation.y))}</p>
      )}
    </div>
  );
}
