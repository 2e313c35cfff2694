import { useState } from "preact/hooks";
import { inFour } from "../view/numbers.ts";
import { mistake } from "./model.ts";
import { type FigureProps, Plot } from "./Plot.tsx";
import { Slider } from "./Slider.tsx";

/** Squared error against cross-entropy, where a sigmoid is sure of what is wrong. */
export function Mistake({ labels }: FigureProps) {
  const [score, setScore] = useState(-8);
  const { p, bySquares, byEntropy } = mistake(score);
  const { short } = inFour;
  const rows = [
    { colour: "curve-2", name: labels.squares, value: bySquares, text: "2 (p − 1) · p (1 − p)" },
    { colour: "curve-1", name: labels.entropy, value: byEntropy, text: `p − 1 = ${short(p)} − 1` },
  ];
  return (
    <>
      <Slider label={labels.score} value={score} least={-8} most={8} choose={setScore} />
      <div class="formulas">
        <p>
          p = σ({short(score)}) = {short(p)}
        </p>
        {rows.map(({ colour, name, value, text }) => (
          <p key={colour}>
            <span class="line" style={{ background: `var(--${colour})` }} />
            {name}: δ = ∂L/∂s = {text} = {short(value)}
          </p>
        ))}
      </div>
      <Plot
        says={labels.residuals(short(bySquares), short(byEntropy))}
        reach={8}
        low={-1.1}
        high={0.1}
        curves={[
          { colour: "curve-2", at: (s) => mistake(s).bySquares },
          { colour: "curve-1", at: (s) => mistake(s).byEntropy },
        ]}
        dots={rows.map(({ colour, value }) => ({ colour, x: score, y: value }))}
      />
    </>
  );
}
