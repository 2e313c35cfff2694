import { useLayoutEffect, useRef } from "preact/hooks";
import type { Labels } from "../labels.ts";
import { type Frame, gridSide, type PointArrays, reachOf } from "../model/protocol.ts";
import { isRegression as isRegressionOn, type Settings } from "../model/settings.ts";
import { readColour } from "./colours.ts";
import { drawMaps } from "./drawMap.ts";
import { percent } from "./numbers.ts";
import { paletteOf } from "./palette.ts";

interface Props {
  readonly labels: Labels;
  readonly settings: Settings;
  readonly frame: Frame | null;
  readonly points: Frame["points"];
  readonly isDark: boolean;
  /** Whose map it is: a neuron's name; null for the network's output. */
  readonly neuron: string | null;
  choose(point: number): void;
}

/** Pixels on a side; shown smaller, so that it is sharp on fine screens too. */
const side = 560;

/** The model's output over the plane, and the points. */
export function BoundaryView({ labels, settings, frame, points, isDark, neuron, choose }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const isRegression = isRegressionOn(settings.data);
  const reach = reachOf(settings.data);
  // The points stay from frame to frame, so they are drawn once.
  const drawn = useRef<OffscreenCanvas | null>(null);
  useLayoutEffect(() => {
    if (points === null) return;
    drawn.current ??= new OffscreenCanvas(side, side);
    const context = drawn.current.getContext("2d")!;
    context.clearRect(0, 0, side, side);
    drawPoints(context, points.test, isRegression, reach, "ring");
    drawPoints(context, points.train, isRegression, reach, "disc");
  }, [points, isDark, isRegression, reach]);
  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (context === null || context === undefined || frame === null || drawn.current === null) return;
    const palette = paletteOf(isDark);
    drawMaps(context, gridSide, [{ values: frame.grid, to: { x: 0, y: 0, side, corner: 0 } }], palette);
    context.drawImage(drawn.current, 0, 0);
    const { x } = frame.observation;
    context.beginPath();
    context.arc(across(x[0]!, reach), down(x[1]!, reach), 13, 0, 2 * Math.PI);
    context.lineWidth = 4;
    context.strokeStyle = palette.text;
    context.stroke();
  }, [frame, points, isDark, isRegression, reach]);

  const pick = (event: MouseEvent): void => {
    if (points === null) return;
    const box = canvas.current!.getBoundingClientRect();
    const at = [
      ((event.clientX - box.left) / box.width) * side,
      ((event.clientY - box.top) / box.height) * side,
    ] as const;
    choose(nearest(points.train, reach, at));
  };
  const quality = frame === null ? "" : percent(frame.test.quality);
  const says = labels.boundaryLabel(`${isRegression ? labels.testR2 : labels.testQuality} ${quality}`);
  const title = isRegression ? labels.surface : labels.boundary;
  return (
    <section class="panel" aria-label={title}>
      <h2>{neuron === null ? title : labels.mapOf(neuron)}</h2>
      <canvas ref={canvas} class="boundary" width={side} height={side} role="img" aria-label={says} onClick={pick} />
      <p class="help">{labels.boundaryHelp}</p>
    </section>
  );
}

function across(x: number, reach: number): number {
  return ((x + reach) / (2 * reach)) * side;
}

function down(y: number, reach: number): number {
  return ((reach - y) / (2 * reach)) * side;
}

function nearest({ x }: PointArrays, reach: number, [left, top]: readonly [number, number]): number {
  const distances = Array.from({ length: x.length / 2 }, (_, i) =>
    Math.hypot(across(x[2 * i]!, reach) - left, down(x[2 * i + 1]!, reach) - top),
  );
  return distances.indexOf(Math.min(...distances));
}

function drawPoints(
  context: OffscreenCanvasRenderingContext2D,
  { x, y }: PointArrays,
  isRegression: boolean,
  reach: number,
  look: "disc" | "ring",
): void {
  const [negative, positive, edge] = [
    readColour("negative-strong"),
    readColour("positive-strong"),
    readColour("surface"),
  ];
  for (const [i, value] of y.entries()) {
    context.beginPath();
    context.arc(across(x[2 * i]!, reach), down(x[2 * i + 1]!, reach), look === "disc" ? 6.5 : 4.5, 0, 2 * Math.PI);
    const colour = value > (isRegression ? 0 : 0.5) ? positive : negative;
    context.globalAlpha = isRegression ? 0.25 + 0.75 * Math.min(Math.abs(value), 1) : 1;
    context.lineWidth = look === "disc" ? 1.5 : 2;
    context.fillStyle = colour;
    context.strokeStyle = look === "disc" ? edge : colour;
    if (look === "disc") context.fill();
    context.stroke();
  }
  context.globalAlpha = 1;
}
