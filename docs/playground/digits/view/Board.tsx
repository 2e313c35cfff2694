import { useRef, useState } from "preact/hooks";
import { tint } from "../../view/colours.ts";
import { useNumbers } from "../../view/numbers.ts";
import { Prose } from "../../view/Prose.tsx";
import type { DigitLabels } from "../labels.ts";
import type { Subject } from "../model/address.ts";
import { side } from "../model/data.ts";
import type { Observation } from "../model/observe.ts";
import { board, type Frame, frameOf, mostSpots, type Spot, type Stroke } from "../model/strokes.ts";

interface Props {
  readonly labels: DigitLabels;
  readonly subject: Subject;
  /** What the network makes of it; null while nothing is known. */
  readonly observation: Observation | null;
  /** @param rests - false while the pen is down: more is to come. */
  draw(strokes: readonly Stroke[], rests: boolean): void;
}

/** How far the pen goes with one press of an arrow key, and how far apart spots are at least. */
const reach = 5;
const apart = 3;
const arrows: Readonly<Record<string, Spot>> = {
  ArrowLeft: [-reach, 0],
  ArrowRight: [reach, 0],
  ArrowUp: [0, -reach],
  ArrowDown: [0, reach],
};

/** The board to draw on, with the gradient of each pixel as colours below the ink. */
export function Board({ labels, subject, observation, draw }: Props) {
  const { short } = useNumbers();
  const paper = useRef<SVGSVGElement>(null);
  const [pen, setPen] = useState<Spot>([50, 50]);
  const [isDown, setDown] = useState(false);
  const strokes = "strokes" in subject ? subject.strokes : [];
  const isFull = strokes.flat().length >= mostSpots;

  const begin = (spot: Spot): void => {
    setPen(spot);
    setDown(true);
    if (!isFull) draw([...strokes, [spot]], false);
  };
  const goOn = (spot: Spot): void => {
    const last = strokes.at(-1);
    const from = last?.at(-1);
    if (last === undefined || from === undefined || isFull) return;
    if (Math.hypot(spot[0] - from[0], spot[1] - from[1]) < apart) return;
    draw([...strokes.slice(0, -1), [...last, spot]], false);
  };
  const lift = (): void => {
    setDown(false);
    if (isDown) draw(strokes, true);
  };
  const spotOf = ({ clientX, clientY }: PointerEvent): Spot => {
    const { left, top, width, height } = paper.current!.getBoundingClientRect();
    return [within(((clientX - left) / width) * board), within(((clientY - top) / height) * board)];
  };
  const press = (event: KeyboardEvent): void => {
    const arrow = arrows[event.key];
    if (event.key === " ") isDown ? lift() : begin(pen);
    else if (event.key === "Backspace") {
      setDown(false);
      draw(strokes.slice(0, -1), true);
    } else if (arrow !== undefined) {
      const spot: Spot = [within(pen[0] + arrow[0]), within(pen[1] + arrow[1])];
      setPen(spot);
      if (isDown) goOn(spot);
    } else return;
    event.preventDefault();
  };

  const frame = strokes.length === 0 ? whole : frameOf(strokes);
  const gradient = observation?.gradient ?? null;
  const most = gradient === null ? 0 : Math.max(...gradient.map(Math.abs));
  return (
    <>
      <svg
        ref={paper}
        class={isDown ? "board down" : "board"}
        viewBox={`0 0 ${board} ${board}`}
        role="application"
        aria-label={labels.boardIs(saidOf(labels, subject, observation))}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard draws on it
        tabIndex={0}
        onPointerDown={(event) => {
          if (!event.isPrimary || event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          begin(spotOf(event));
        }}
        onPointerMove={(event) => {
          if (isDown && event.currentTarget.hasPointerCapture(event.pointerId)) goOn(spotOf(event));
        }}
        onPointerUp={lift}
        onPointerCancel={lift}
        onKeyDown={press}
        onBlur={lift}
      >
        {gradient !== null && most > 0 && <Cells values={gradient} frame={frame} fill={(v) => tint(v, most)} />}
        {"example" in subject && observation !== null && (
          <g class="ink">
            <Cells values={observation.pixels} frame={whole} fill={() => "var(--text)"} opacity={(v) => v * 0.75} />
          </g>
        )}
        <g class="strokes">
          {strokes.map((stroke, i) => (
            <polyline key={i} points={[...stroke, stroke.at(-1)!].map((spot) => spot.join()).join(" ")} />
          ))}
        </g>
        <circle class="pen" cx={pen[0]} cy={pen[1]} r="3" />
      </svg>
      <p class="help">
        <Prose text={gradient === null ? labels.noHeat : labels.heat(short(most))} />
      </p>
      <p class={isFull ? "help" : "unseen"} role="status">
        {isFull ? labels.full : isDown ? labels.penDown : labels.penUp}
      </p>
    </>
  );
}

const whole: Frame = { x: 0, y: 0, size: board };

interface CellsProps {
  readonly values: Float32Array;
  readonly frame: Frame;
  fill(value: number): string;
  opacity?(value: number): number;
}

/** The network's pixels, where they lie on the board. */
function Cells({ values, frame, fill, opacity = () => 1 }: CellsProps) {
  const each = frame.size / side;
  return (
    <g shape-rendering="crispEdges">
      {Array.from(values, (v, i) => (
        <rect
          key={i}
          x={frame.x + (i % side) * each}
          y={frame.y + Math.floor(i / side) * each}
          width={each}
          height={each}
          style={{ fill: fill(v), opacity: opacity(v) }}
        />
      ))}
    </g>
  );
}

function saidOf(labels: DigitLabels, subject: Subject, observation: Observation | null): string {
  if ("example" in subject) return labels.anExample(subject.example, String(observation?.target ?? "…"));
  return subject.strokes.length === 0 ? labels.nothing : labels.aDrawing(subject.strokes.length);
}

function within(v: number): number {
  return Math.round(Math.min(Math.max(v, 0), board - 1));
}
