import { useLayoutEffect, useRef } from "preact/hooks";
import { mapSide } from "../model/protocol.ts";
import type { Known } from "../model/walk.ts";
import { drawMaps } from "./drawMap.ts";
import { paletteOf } from "./palette.ts";
import { type Place, spacing } from "./places.ts";

interface Props {
  /** For each layer and neuron; null while there are none. */
  readonly maps: readonly (readonly Float32Array[])[] | null;
  readonly columns: readonly (readonly Place[])[];
  readonly width: number;
  readonly height: number;
  /** What is known in the walk: a neuron that was not reached has no map. */
  readonly known: Known | null;
  readonly isDark: boolean;
}

/** Pixels to a unit of the drawing. */
const fine = 2;

/** Behind the drawing of the network: in each neuron a small map of what it responds to. */
export function Maps({ maps, columns, width, height, known, isDark }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (context === null || context === undefined) return;
    context.setTransform(fine, 0, 0, fine, 0, 0);
    context.clearRect(0, 0, width, height);
    const { half } = spacing;
    const seen = (maps ?? []).flatMap((neurons, layer) =>
      neurons.flatMap((values, row) => {
        const place = columns[layer + 1]?.[row];
        if (place === undefined || (known !== null && known.activations[layer]! <= row)) return [];
        return [{ values, to: { x: place.x - half, y: place.y - half, side: 2 * half, corner: 6 } }];
      }),
    );
    drawMaps(context, mapSide, seen, paletteOf(isDark));
  });
  return <canvas ref={canvas} class={isDark ? "maps dark" : "maps"} width={fine * width} height={fine * height} />;
}
