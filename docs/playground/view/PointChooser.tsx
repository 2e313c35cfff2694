import type { Labels } from "../labels.ts";
import type { Frame } from "../model/protocol.ts";
import { pointCount } from "../model/settings.ts";
import { NumberField } from "./NumberField.tsx";
import { short } from "./numbers.ts";

interface Props {
  readonly labels: Labels;
  readonly point: number;
  setPoint(point: number): void;
  readonly frame: Frame | null;
}

/** Which point is followed through the network. */
export function PointChooser({ labels, point, setPoint, frame }: Props) {
  const by = (offset: number): void => setPoint((point + offset + pointCount) % pointCount);
  return (
    <div class="panel">
      <div class="buttons">
        <button type="button" aria-label={labels.previousPoint} onClick={() => by(-1)}>
          ←
        </button>
        <NumberField label={labels.point} value={point} least={0} most={pointCount - 1} choose={setPoint} />
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
