import { useEffect, useRef } from "preact/hooks";
import { useNumbers } from "../../view/numbers.ts";
import { Prose } from "../../view/Prose.tsx";
import { imageOf, type Palette, paletteOf } from "../../view/palette.ts";
import type { DigitLabels } from "../labels.ts";
import type { LayerMaps } from "../model/observe.ts";

interface Props {
  readonly labels: DigitLabels;
  readonly layers: readonly LayerMaps[];
  readonly isDark: boolean;
}

/** Each layer's units as small maps: the activation above, the residual below. */
export function Layers({ labels, layers, isDark }: Props) {
  return (
    <section class="panel layers" aria-label={labels.layers}>
      <h2>{labels.layers}</h2>
      <p class="help">
        <Prose text={labels.layersHelp} />
      </p>
      {layers.map((layer, i) => (
        <LayerView key={i} labels={labels} number={i + 1} layer={layer} isDark={isDark} />
      ))}
    </section>
  );
}

interface LayerProps extends Omit<Props, "layers"> {
  readonly number: number;
  readonly layer: LayerMaps;
}

function LayerView({ labels, number, layer, isDark }: LayerProps) {
  const { short } = useNumbers();
  const units = useRef<HTMLDivElement>(null);
  const { side, activations, residuals } = layer;
  const [mostActive, mostResidual] = [largest(activations), largest(residuals ?? [])];
  useEffect(() => {
    const palette = paletteOf(isDark);
    const canvases = units.current!.querySelectorAll("canvas");
    for (let i = 0; i < activations.length; i++) {
      draw(canvases[2 * i]!, activations[i]!, mostActive, palette);
      if (residuals !== null) draw(canvases[2 * i + 1]!, residuals[i]!, mostResidual, palette);
    }
  }, [layer, isDark]);
  const what = labels.layerIs(number, activations.length, side);
  const scales = labels.scales(short(mostActive), residuals === null ? null : short(mostResidual));
  return (
    <figure>
      <figcaption>
        <span>{what}</span>
        <span>{scales}</span>
      </figcaption>
      <div ref={units} class="units" role="img" aria-label={`${what}; ${scales}`}>
        {activations.map((_, i) => (
          <div key={i} class="unit">
            <canvas width={side} height={side} />
            <canvas width={side} height={side} class={residuals === null ? "none" : "residual"} />
          </div>
        ))}
      </div>
    </figure>
  );
}

function draw(canvas: HTMLCanvasElement, map: Float32Array, most: number, palette: Palette): void {
  const shares = map.map((v) => (most === 0 ? 0 : v / most));
  canvas.getContext("2d")!.putImageData(imageOf([shares], canvas.width, palette), 0, 0);
}

function largest(maps: readonly Float32Array[]): number {
  return Math.max(0, ...maps.flatMap((map) => Array.from(map, Math.abs)));
}
