import { useEffect, useRef } from "preact/hooks";
import type { Labels } from "../labels.ts";
import { type Frame, gridSide, type PointArrays, reach } from "../model/protocol.ts";
import type { Settings } from "../model/settings.ts";
import { readColour, rgb } from "./colours.ts";
import { percent } from "./numbers.ts";

interface Props {
  readonly labels: Labels;
  readonly settings: Settings;
  readonly frame: Frame | null;
  readonly points: Frame["points"];
  readonly isDark: boolean;
  choose(point: number): void;
}

/** Pixels on a side; shown smaller, so that it is sharp on fine screens too. */
const side = 560;

/** The model's output over the plane, and the points. */
export function BoundaryView({ labels, settings, frame, points, isDark, choose }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const isRegression = settings.data === "regression";
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (context === null || context === undefined || frame === null || points === null) return;
    drawGround(context, frame.grid);
    drawPoints(context, points.test, isRegression, "ring");
    drawPoints(context, points.train, isRegression, "disc");
    const { x } = frame.observation;
    context.beginPath();
    context.arc(across(x[0]!), down(x[1]!), 13, 0, 2 * Math.PI);
    context.lineWidth = 4;
    context.strokeStyle = readColour("text");
    context.stroke();
  }, [frame, points, isDark, isRegression]);

  const pick = (event: MouseEvent): void => {
    if (points === null) return;
    const box = canvas.current!.getBoundingClientRect();
    const at = [
      ((event.clientX - box.left) / box.width) * side,
      ((event.clientY - box.top) / box.height) * side,
    ] as const;
    choose(nearest(points.train, at));
  };
  const quality = frame === null ? "" : percent(frame.test.quality);
  const says = labels.boundaryLabel(`${isRegression ? labels.testR2 : labels.testQuality} ${quality}`);
  return (
    <section class="panel" aria-label={labels.boundary}>
      <h2>{labels.boundary}</h2>
      <canvas ref={canvas} class="boundary" width={side} height={side} role="img" aria-label={says} onClick={pick} />
      <p class="help">{labels.boundaryHelp}</p>
    </section>
  );
}

function across(x: number): number {
  return ((x + reach) / (2 * reach)) * side;
}

function down(y: number): number {
  return ((reach - y) / (2 * reach)) * side;
}

function nearest({ x }: PointArrays, [left, top]: readonly [number, number]): number {
  const distances = Array.from({ length: x.length / 2 }, (_, i) =>
    Math.hypot(across(x[2 * i]!) - left, down(x[2 * i + 1]!) - top),
  );
  return distances.indexOf(Math.min(...distances));
}

function drawGround(context: CanvasRenderingContext2D, grid: Float32Array): void {
  const [negative, surface, positive] = [
    rgb(readColour("negative")),
    rgb(readColour("surface")),
    rgb(readColour("positive")),
  ];
  const image = new ImageData(gridSide, gridSide);
  for (const [i, v] of grid.entries()) {
    const [share, end] = [0.62 * Math.abs(v), v < 0 ? negative : positive];
    for (let c = 0; c < 3; c++) image.data[4 * i + c] = surface[c]! + share * (end[c]! - surface[c]!);
    image.data[4 * i + 3] = 255;
  }
  const small = new OffscreenCanvas(gridSide, gridSide);
  small.getContext("2d")!.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = true;
  context.drawImage(small, 0, 0, side, side);
}

function drawPoints(
  context: CanvasRenderingContext2D,
  { x, y }: PointArrays,
  isRegression: boolean,
  look: "disc" | "ring",
): void {
  const [negative, positive, edge] = [
    readColour("negative-strong"),
    readColour("positive-strong"),
    readColour("surface"),
  ];
  for (const [i, value] of y.entries()) {
    context.beginPath();
    context.arc(across(x[2 * i]!), down(x[2 * i + 1]!), look === "disc" ? 6.5 : 4.5, 0, 2 * Math.PI);
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
