import type { Labels } from "../labels.ts";
import type { Frame } from "../model/protocol.ts";
import { NumberField, whole } from "./NumberField.tsx";
import { useNumbers } from "./numbers.ts";

interface Props {
  readonly labels: Labels;
  readonly point: number;
  /** How many there are. */
  readonly count: number;
  setPoint(point: number): void;
  readonly frame: Frame | null;
}

/** Which point is followed through the network. */
export function PointChooser({ labels, point, count, setPoint, frame }: Props) {
  const { short } = useNumbers();
  const by = (offset: number): void => setPoint((point + offset + count) % count);
  return (
    <div class="panel">
      <div class="buttons">
        <button type="button" aria-label={labels.previousPoint} onClick={() => by(-1)}>
          ←
        </button>
        <NumberField
          label={labels.point}
          value={point}
          fits={whole(0, count - 1)}
          refuse={(text) => labels.notWhole(text, 0, count - 1)}
          choose={setPoint}
        />
        <button type="button" aria-label={labels.nextPoint} onClick={() => by(1)}>
          →
        </button>
      </div>
      {frame !== null && (
        <p class="help">{labels.pointIs(frame.observation.x.map(short).join(", "), short(frame.observation.target))}</p>
      )}
    </div>
  );
}
