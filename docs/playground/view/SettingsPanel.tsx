import type { Labels } from "../labels.ts";
import {
  activations,
  allDatasets,
  features as allFeatures,
  batchSizes,
  decays,
  type Feature,
  limits,
  lossesFor,
  noises,
  optimizers,
  rates,
  type Settings,
} from "../model/settings.ts";
import { Choice } from "./Choice.tsx";
import { symbolOf } from "./features.ts";
import { NumberField, whole } from "./NumberField.tsx";
import { steady } from "./steady.tsx";

interface Props {
  readonly labels: Labels;
  readonly settings: Settings;
  change(part: Partial<Settings>): void;
}

/** What is trained. Whatever is changed here begins a new training. */
export const SettingsPanel = steady(({ labels, settings, change }: Props) => {
  const { features, layers, seed } = settings;
  const resize = (layer: number, size: number): void => {
    change({ layers: layers.map((old, i) => (i === layer ? size : old)) });
  };
  const choose = (feature: Feature, isChosen: boolean): void => {
    change({ features: allFeatures.filter((each) => (each === feature ? isChosen : features.includes(each))) });
  };
  return (
    <section class="panel settings" aria-label={labels.settings}>
      <details open={innerWidth > 720}>
        <summary>
          <h2>{labels.settings}</h2>
        </summary>
        <Choice
          label={labels.data}
          value={settings.data}
          options={allDatasets}
          name={(d) => labels.datasets[d]}
          choose={(data) => change({ data })}
        />
        {settings.data !== "lesson" && (
          <Choice
            label={labels.noise}
            value={settings.noise}
            options={noises}
            name={String}
            choose={(noise) => change({ noise })}
          />
        )}
        <fieldset class="features">
          <legend>{labels.features}</legend>
          {allFeatures.map((feature) => (
            <label key={feature}>
              <input
                type="checkbox"
                checked={features.includes(feature)}
                disabled={features.length === 1 && features[0] === feature}
                onChange={({ currentTarget: { checked } }) => choose(feature, checked)}
              />
              {symbolOf[feature]}
            </label>
          ))}
        </fieldset>
        <fieldset>
          <legend>{labels.hidden}</legend>
          {layers.map((size, layer) => (
            <NumberField
              key={layer}
              label={labels.neuronsIn(layer + 1)}
              value={size}
              fits={whole(1, limits.neurons)}
              refuse={(text) => labels.notWhole(text, 1, limits.neurons)}
              choose={(next) => resize(layer, next)}
            />
          ))}
          <div class="buttons">
            <button
              type="button"
              disabled={layers.length === limits.layers}
              onClick={() => change({ layers: [...layers, 4] })}
            >
              {labels.addLayer}
            </button>
            <button
              type="button"
              disabled={layers.length === 0}
              onClick={() => change({ layers: layers.slice(0, -1) })}
            >
              {labels.removeLayer}
            </button>
          </div>
        </fieldset>
        <NumberField
          label={labels.seed}
          value={seed}
          fits={whole(0, limits.seed)}
          refuse={(text) => labels.notWhole(text, 0, limits.seed)}
          choose={(next) => change({ seed: next })}
        />
      </details>
    </section>
  );
});

/** How it is trained. What is changed here is changed in the middle of the training, from the present weights on. */
export const LiveSettings = steady(({ labels, settings, change }: Props) => (
  <section class="panel live" aria-label={labels.live}>
    <Choice label={labels.lr} value={settings.lr} options={rates} name={String} choose={(lr) => change({ lr })} />
    <Choice
      label={labels.activation}
      value={settings.activation}
      options={activations}
      name={(a) => labels.activations[a]}
      choose={(activation) => change({ activation })}
    />
    <Choice
      label={labels.loss}
      value={settings.loss}
      options={lossesFor(settings.data)}
      name={(l) => labels.losses[l]}
      choose={(loss) => change({ loss })}
    />
    <Choice
      label={labels.optimizer}
      value={settings.optimizer}
      options={optimizers}
      name={(o) => labels.optimizers[o]}
      choose={(optimizer) => change({ optimizer })}
    />
    <Choice label={labels.l2} value={settings.l2} options={decays} name={String} choose={(l2) => change({ l2 })} />
    <Choice
      label={labels.batch}
      value={settings.batch}
      options={batchSizes}
      name={String}
      choose={(batch) => change({ batch })}
    />
  </section>
));
