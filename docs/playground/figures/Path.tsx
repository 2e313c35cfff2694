import { useState } from "preact/hooks";
import { inFour, inShort } from "../view/numbers.ts";
import { block, manyBlocks } from "./model.ts";
import type { FigureProps } from "./Plot.tsx";
import { Slider } from "./Slider.tsx";

/** One block, forward and back, with a path around it or without. */
export function Path({ labels }: FigureProps) {
  const [x, setX] = useState(1);
  const [w, setW] = useState(0.5);
  const [hasPath, setPath] = useState(true);
  const { f, y, through, dx, far } = block(x, w, hasPath);
  const { short, factor } = inFour;
  return (
    <>
      <div class="sliders">
        <Slider label="x" value={x} least={-3} most={3} choose={setX} />
        <Slider label="w" value={w} least={-3} most={3} choose={setW} />
        <label class="check">
          <input type="checkbox" checked={hasPath} onChange={(event) => setPath(event.currentTarget.checked)} />
          {labels.around}
        </label>
      </div>
      <div class="pair">
        <svg class="plot" viewBox="0 0 330 170" role="img" aria-label={labels.pathGraph(short(y), short(dx))}>
          <g class="edges back">
            {hasPath && <path class="bright" d="M236,42 L64,42" />}
            <path class="bright" d="M250,56 V122 H222" />
            <path class="bright" d="M108,122 H50 V56" />
            <path class="bright" d="M290,42 H264" />
          </g>
          <rect x="108" y="104" width="114" height="36" rx="6" />
          <text x="165" y="126">
            F = tanh(w·x)
          </text>
          {[
            { at: 50, text: "x" },
            { at: 250, text: hasPath ? "+" : "" },
            { at: 304, text: "y" },
          ].map(({ at, text }) => (
            <g key={at} class="value">
              <circle cx={at} cy="42" r="14" />
              <text x={at} y="46" class="inside">
                {text}
              </text>
            </g>
          ))}
          {hasPath && (
            <text x="150" y="34" class="residual">
              1
            </text>
          )}
          <text x="165" y="158" class="residual">
            {short(through)}
          </text>
          <text x="50" y="20" class="residual">
            {short(dx)}
          </text>
          <text x="304" y="20" class="residual">
            1
          </text>
        </svg>
        <div class="formulas">
          <h2>{labels.forward}</h2>
          <p>F = tanh(w·x) = {short(f)}</p>
          <p>
            y = {hasPath ? `x + F = ${factor(x)} + ${factor(f)}` : "F"} = {short(y)}
          </p>
          <h2>{labels.backward}</h2>
          <p>∂F/∂x = w (1 − F²) = {short(through)}</p>
          <p>
            <strong>
              ∂L/∂x = {hasPath ? `1 + ${factor(through)}` : short(through)} {hasPath && `= ${short(dx)}`}
            </strong>
          </p>
          <p>{labels.manyBlocks(manyBlocks, inShort.short(far))}</p>
        </div>
      </div>
    </>
  );
}
