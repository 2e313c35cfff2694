import { useState } from "preact/hooks";
import { inFour } from "../view/numbers.ts";
import { neuron } from "./model.ts";
import { type FigureProps, Plot } from "./Plot.tsx";
import { Slider } from "./Slider.tsx";

/** The numbers of the lesson. */
const first = { x: 1.5, w: 0.8, b: -0.2, y: 0.5 };
const names = ["x", "w", "b", "y"] as const;

/** One neuron, with all that it depends on to be moved. */
export function Neuron({ labels }: FigureProps) {
  const [values, setValues] = useState(first);
  const { z, a, loss, da, slope, dz, dw, db } = neuron(values);
  const { short, factor } = inFour;
  const { x, w, b, y } = values;
  const tangent = (at: number): number => a + slope * (at - z);
  return (
    <>
      <div class="sliders">
        {names.map((name) => (
          <Slider
            key={name}
            label={name}
            value={values[name]}
            least={name === "y" ? -1 : -3}
            most={name === "y" ? 1 : 3}
            choose={(value) => setValues({ ...values, [name]: value })}
          />
        ))}
        <button type="button" onClick={() => setValues(first)}>
          {labels.reset}
        </button>
      </div>
      <div class="pair">
        <div class="formulas">
          <h2>{labels.forward}</h2>
          <p>
            z = w·x + b = {factor(w)}·{factor(x)} + {factor(b)} = {short(z)}
          </p>
          <p>a = tanh z = {short(a)}</p>
          <p>
            L = (a − y)² = ({short(a)} − {factor(y)})² = {short(loss)}
          </p>
          <h2>{labels.backward}</h2>
          <p>∂L/∂a = 2 (a − y) = {short(da)}</p>
          <p>∂a/∂z = 1 − a² = {short(slope)}</p>
          <p>
            <strong>
              δ = ∂L/∂z = {factor(da)} · {short(slope)} = {short(dz)}
            </strong>
          </p>
          <p>
            ∂L/∂w = δ·x = {factor(dz)} · {factor(x)} = {short(dw)}
          </p>
          <p>∂L/∂b = δ = {short(db)}</p>
        </div>
        <Plot
          says={labels.curve(short(z), short(a), short(slope))}
          reach={Math.max(4, Math.abs(z))}
          low={-1.2}
          high={1.2}
          curves={[
            { colour: "curve-1", at: Math.tanh },
            { colour: "curve-2", at: tangent },
          ]}
          dots={[{ colour: "curve-2", x: z, y: a }]}
        />
      </div>
    </>
  );
}
