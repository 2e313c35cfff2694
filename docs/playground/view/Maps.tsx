import { useEffect, useRef } from "preact/hooks";
import { mapSide } from "../model/protocol.ts";
import type { Known } from "../model/walk.ts";
import { drawMap } from "./drawMap.ts";
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
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (context === null || context === undefined) return;
    context.setTransform(fine, 0, 0, fine, 0, 0);
    context.clearRect(0, 0, width, height);
    for (const [layer, neurons] of (maps ?? []).entries()) {
      for (const [row, map] of neurons.entries()) {
        const place = columns[layer + 1]?.[row];
        if (place === undefined || (known !== null && known.activations[layer]! <= row)) continue;
        const { half } = spacing;
        context.save();
        context.beginPath();
        context.roundRect(place.x - half, place.y - half, 2 * half, 2 * half, 6);
        context.clip();
        drawMap(context, map, mapSide, { x: place.x - half, y: place.y - half, side: 2 * half });
        context.restore();
      }
    }
  });
  return <canvas ref={canvas} class={isDark ? "maps dark" : "maps"} width={fine * width} height={fine * height} />;
}
