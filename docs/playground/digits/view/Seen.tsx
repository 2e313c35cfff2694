import type { DigitLabels } from "../labels.ts";
import { side } from "../model/data.ts";

/** The picture as the network sees it. */
export function Seen({ labels, pixels }: { readonly labels: DigitLabels; readonly pixels: Float32Array }) {
  const rows = Array.from({ length: side }, (_, i) =>
    Array.from(pixels.slice(i * side, (i + 1) * side), (v) => Math.round(9 * v)).join(""),
  );
  return (
    <figure class="seen">
      <figcaption>{labels.seen}</figcaption>
      <svg viewBox={`0 0 ${side} ${side}`} role="img" aria-label={labels.seenLabel(rows.join(" "))}>
        <g shape-rendering="crispEdges">
          {Array.from(pixels, (v, i) => (
            <rect key={i} x={i % side} y={Math.floor(i / side)} width="1" height="1" opacity={v} />
          ))}
        </g>
      </svg>
      <p class="help">{labels.seenHelp}</p>
    </figure>
  );
}
