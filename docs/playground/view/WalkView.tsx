import { useEffect, useState } from "preact/hooks";
import type { Labels } from "../labels.ts";
import type { At } from "../model/address.ts";
import type { Observation } from "../model/observe.ts";
import type { Settings } from "../model/settings.ts";
import { type Pace, type Stage, walkOn } from "../model/walk.ts";
import { InputDetail } from "./InputDetail.tsx";
import { LossDetail } from "./LossDetail.tsx";
import { NeuronDetail } from "./NeuronDetail.tsx";
import { useNumbers } from "./numbers.ts";
import { Prose } from "./Prose.tsx";
import { UpdateTable } from "./UpdateTable.tsx";

interface Props {
  readonly labels: Labels;
  readonly settings: Settings;
  readonly observation: Observation | null;
  readonly stages: readonly Stage[];
  /** The position; null if nobody walks. */
  readonly at: number | null;
  /** The neuron that is looked at, whose update is shown. */
  readonly looked: At;
  setAt(at: number | null): void;
}

/** Milliseconds that each stage stays when they are played. */
const pause = 1100;

/** One point's way through the network and back, stage by stage. */
export function WalkView({ labels, settings, observation, stages, at, looked, setAt }: Props) {
  const [pace, setPace] = useState<Pace>("neuron");
  const [isPlaying, play] = useState(false);
  const last = stages.length - 1;
  useEffect(() => {
    if (!isPlaying || at === null) return undefined;
    if (at === last) {
      play(false);
      return undefined;
    }
    const timer = setTimeout(() => setAt(walkOn(stages, at, 1, pace)), pause);
    return () => clearTimeout(timer);
  }, [isPlaying, at, pace, stages]);

  const move = (to: number | null): void => {
    play(false);
    setAt(to);
  };
  return (
    <section class="panel" aria-label={labels.walk}>
      <h2>{labels.walk}</h2>
      {at === null ? (
        <>
          <p class="help">{labels.walkHelp}</p>
          <div class="buttons">
            <button type="button" onClick={() => move(0)} disabled={observation === null}>
              {labels.begin}
            </button>
          </div>
        </>
      ) : (
        <>
          <div class="buttons">
            <button type="button" onClick={() => move(0)} disabled={at === 0}>
              {labels.first}
            </button>
            <button type="button" onClick={() => move(walkOn(stages, at, -1, pace))} disabled={at === 0}>
              {labels.previous}
            </button>
            <button type="button" class="main" onClick={() => play(!isPlaying)} disabled={at === last}>
              {isPlaying ? labels.stop : labels.play}
            </button>
            <button type="button" onClick={() => move(walkOn(stages, at, 1, pace))} disabled={at === last}>
              {labels.next}
            </button>
            <button type="button" onClick={() => move(null)}>
              {labels.end}
            </button>
            <label class="field">
              <span>{labels.pace}</span>
              <select value={pace} onChange={(event) => setPace(event.currentTarget.value as Pace)}>
                <option value="neuron">{labels.paces.neuron}</option>
                <option value="layer">{labels.paces.layer}</option>
              </select>
            </label>
            <span>{labels.position(at + 1, stages.length)}</span>
          </div>
          <div class="walk" aria-live="polite">
            {observation !== null && (
              <StageText
                labels={labels}
                settings={settings}
                observation={observation}
                stage={stages[at]!}
                looked={looked}
              />
            )}
          </div>
        </>
      )}
    </section>
  );
}

interface StageProps {
  readonly labels: Labels;
  readonly settings: Settings;
  readonly observation: Observation;
  readonly stage: Stage;
  readonly looked: At;
}

function StageText({ labels, settings, observation, stage, looked }: StageProps) {
  const { short, factor } = useNumbers();
  const { layers, x, inputs, target, output } = observation;
  const lastLayer = layers.length - 1;
  switch (stage.kind) {
    case "input":
      return (
        <>
          <p>{labels.walkInput(x.map(short).join(", "), short(target))}</p>
          <InputDetail settings={settings} observation={observation} />
        </>
      );
    case "forward": {
      const { layer, neuron } = stage;
      return (
        <>
          <p>{layer === lastLayer ? labels.walkOutput : labels.walkForward(labels.neuron(layer + 1, neuron + 1))}</p>
          <NeuronDetail settings={settings} observation={observation} layer={layer} neuron={neuron} shows="forward" />
        </>
      );
    }
    case "loss":
      return (
        <>
          <p>{labels.walkLoss(labels.losses[settings.loss], short(output), short(target))}</p>
          <LossDetail settings={settings} observation={observation} shows="loss" />
        </>
      );
    case "residual": {
      const { layer, neuron } = stage;
      return (
        <>
          <p>
            <Prose
              text={
                layer === lastLayer
                  ? labels.walkFirstResidual
                  : labels.walkResidual(labels.neuron(layer + 1, neuron + 1))
              }
            />
          </p>
          <NeuronDetail settings={settings} observation={observation} layer={layer} neuron={neuron} shows="residual" />
        </>
      );
    }
    case "gradient": {
      const { layer } = stage;
      const here = layers[layer];
      if (here === undefined) return null;
      const incoming = layer === 0 ? inputs : layers[layer - 1]!.a;
      return (
        <>
          <p>{labels.walkGradient(layer === lastLayer ? labels.outputNeuron : labels.hiddenLayer(layer + 1))}</p>
          <div class="formulas">
            <p>
              ∂L/∂w₁₁ = δ₁ · a₁ = {factor(here.residual[0]!)} · {factor(incoming[0]!)} ={" "}
              {short(here.weightGradient[0]![0]!)}
              <br />
              ∂L/∂b₁ = δ₁ = {short(here.residual[0]!)}
            </p>
          </div>
        </>
      );
    }
    case "update": {
      // An input, the loss or the target has no weights: the output's are shown.
      const layer = looked.column >= 1 && looked.column <= layers.length ? looked.column - 1 : lastLayer;
      const neuron = layer === looked.column - 1 ? looked.row : 0;
      const name = layer === lastLayer ? labels.outputNeuron : labels.neuron(layer + 1, neuron + 1);
      const { optimizer, lr, batch } = settings;
      return (
        <>
          <p>{labels.walkUpdate(labels.optimizers[optimizer], String(lr), batch)}</p>
          <p>{labels.walkUpdateOf(name)}</p>
          <UpdateTable labels={labels} settings={settings} observation={observation} layer={layer} neuron={neuron} />
        </>
      );
    }
  }
}
