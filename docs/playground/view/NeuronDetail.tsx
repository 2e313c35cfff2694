import type { Observation } from "../model/observe.ts";
import type { Settings } from "../model/settings.ts";
import { LossDetail } from "./LossDetail.tsx";
import { useNumbers } from "./numbers.ts";

interface Props {
  readonly settings: Settings;
  readonly observation: Observation;
  /** From 0, without the inputs. */
  readonly layer: number;
  readonly neuron: number;
  readonly shows: "forward" | "residual" | "both";
}

/** How a neuron's numbers come about, written out. */
export function NeuronDetail({ settings, observation, layer, neuron, shows }: Props) {
  const { short, factor, products } = useNumbers();
  const here = observation.layers[layer];
  if (here?.z[neuron] === undefined) return null;
  const isOutput = layer === observation.layers.length - 1;
  const incoming = layer === 0 ? observation.inputs : observation.layers[layer - 1]!.a;
  const [z, a] = [short(here.z[neuron]), short(here.a[neuron]!)];
  const [slope, arriving, residual] = [here.slope[neuron]!, here.arriving[neuron]!, short(here.residual[neuron]!)];
  const next = observation.layers[layer + 1];
  const f = settings.activation === "linear" ? "" : settings.activation;
  return (
    <>
      <div class="formulas">
        {shows !== "residual" && (
          <p>
            z = Σ w·a + b = {products(here.weight[neuron]!, incoming)} + {factor(here.bias[neuron]!)} = {z}
            {!isOutput && f !== "" && (
              <>
                <br />a = {f}(z) = {f}({z}) = {a}
              </>
            )}
          </p>
        )}
        {shows !== "forward" && next !== undefined && (
          <p>
            ∂L/∂a = Σ w·δ ={" "}
            {products(
              next.weight.map((row) => row[neuron]!),
              next.residual,
            )}{" "}
            = {short(arriving)}
            <br />δ = ∂L/∂z = ∂L/∂a · {f === "" ? "1" : `${f}′(z)`} = {factor(arriving)} · {factor(slope)} = {residual}
          </p>
        )}
      </div>
      {shows !== "forward" && isOutput && <LossDetail settings={settings} observation={observation} shows="residual" />}
    </>
  );
}
