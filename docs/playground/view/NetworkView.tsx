import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { Labels } from "../labels.ts";
import type { At } from "../model/address.ts";
import type { Observation } from "../model/observe.ts";
import type { Frame } from "../model/protocol.ts";
import type { Settings } from "../model/settings.ts";
import type { Known, Stage } from "../model/walk.ts";
import { signColour, tint } from "./colours.ts";
import { symbolOf } from "./features.ts";
import { Maps } from "./Maps.tsx";
import { useNumbers } from "./numbers.ts";
import { type Place, placesOf, spacing } from "./places.ts";
import { steady } from "./steady.tsx";

interface Props {
  readonly labels: Labels;
  readonly settings: Settings;
  /** The numbers that are shown, and what tells of dead neurons. Null while there are none. */
  readonly numbers: Pick<Frame, "observation" | "survey"> | null;
  /** What each neuron responds to; null while that is not known. */
  readonly maps: Frame["maps"] | null;
  /** Where the walk is; null if nobody walks. */
  readonly stage: Stage | null;
  /** What is known there; null for everything. */
  readonly known: Known | null;
  /** The neuron that is looked at; null for none. */
  readonly looked: At | null;
  readonly isDark: boolean;
  look(at: At): void;
  /** The pointer is over a neuron; null: over none. */
  hover(at: At | null): void;
  readonly children: ComponentChildren;
}

/** The network, with what each neuron responds to, and with the activations and residuals of the point that is followed. */
export function NetworkView(props: Props) {
  const { labels, settings, numbers, maps, stage, known, looked, isDark, look, hover, children } = props;
  const { features, layers } = settings;
  const sizes = useMemo(() => [features.length, ...layers, 1], [features, layers]);
  const layout = useMemo(() => placesOf(sizes), [sizes]);
  const { width, height, columns } = layout;
  // While a new network is on its way from the worker, the old one's numbers do not fit.
  const fitting = numbers !== null && fits(numbers.observation, sizes) ? numbers : null;
  const current = placeOfStage(stage, sizes.length);
  // Where the whole does not fit, the walk's place is in sight.
  const scroller = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const box = scroller.current;
    if (box === null || current === null) return;
    box.scrollLeft = (columns[current.column]![current.row]!.x / width) * box.scrollWidth - box.clientWidth / 2;
  }, [current?.column, current?.row, columns]);
  return (
    <section class="panel network" aria-label={labels.network}>
      <h2>{labels.network}</h2>
      <p class="help">{labels.networkHelp}</p>
      <div class="scrolls" ref={scroller}>
        <div class="drawing" style={{ maxWidth: `${1.3 * width}px`, "--least": `${0.75 * width}px` }}>
          <Maps
            maps={fitting === null ? null : maps}
            columns={columns}
            width={width}
            height={height}
            known={known}
            isDark={isDark}
          />
          <Drawing
            labels={labels}
            settings={settings}
            sizes={sizes}
            layout={layout}
            observation={fitting?.observation ?? null}
            survey={fitting?.survey ?? null}
            stage={stage}
            known={known}
            looked={looked}
            look={look}
            hover={hover}
          />
        </div>
      </div>
      {children}
    </section>
  );
}

interface DrawingProps extends Pick<Props, "labels" | "settings" | "stage" | "known" | "looked" | "look" | "hover"> {
  /** Of all layers, the inputs first. */
  readonly sizes: readonly number[];
  readonly layout: ReturnType<typeof placesOf>;
  /** Null while there is none. */
  readonly observation: Observation | null;
  readonly survey: Frame["survey"] | null;
}

/** Neurons and edges, over the maps. */
const Drawing = steady((props: DrawingProps) => {
  const { labels, settings, sizes, layout, observation, survey, stage, known, looked, look, hover } = props;
  const { short } = useNumbers();
  const { features } = settings;
  const { width, height, columns } = layout;
  const svg = useRef<SVGSVGElement>(null);
  const go = (event: KeyboardEvent, { column, row }: Place): void => {
    const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    const next = by === undefined ? undefined : columns[column + by[0]!];
    if (next === undefined) return;
    event.preventDefault();
    const at = { column: column + by![0]!, row: Math.min(Math.max(row + by![1]!, 0), next.length - 1) };
    look(at);
    svg.current?.querySelector<SVGGElement>(`[data-at="${at.column}-${at.row}"]`)?.focus();
  };
  const current = placeOfStage(stage, sizes.length);
  const places = columns.flat().map((place): NodeProps => {
    const { column, row } = place;
    const common = {
      place,
      isCurrent: current?.column === column && current.row === row,
      isLooked: looked?.column === column && looked.row === row,
      look: () => look({ column, row }),
      hover: (over: boolean) => hover(over ? { column, row } : null),
      go: (event: KeyboardEvent) => go(event, place),
    };
    if (column === sizes.length) {
      const value = row === 1 ? observation?.target : known?.loss === false ? undefined : observation?.loss;
      const name = row === 0 ? labels.lossNode : labels.targetNode;
      const text = value === undefined ? "" : short(value);
      return {
        ...common,
        kind: row === 0 ? "loss" : "target",
        above: text,
        below: "",
        says: `${name} ${text}`,
        tint: 0,
      };
    }
    const layer = observation?.layers[column - 1];
    const isForward = known === null || column === 0 || known.activations[column - 1]! > row;
    const isBack = column > 0 && (known === null || known.residuals[column - 1]! > row);
    const a = !isForward ? undefined : column === 0 ? observation?.inputs[row] : layer?.a[row];
    const residual = isBack ? layer?.residual[row] : undefined;
    const isDead = survey?.[column - 1]?.dead[row] === true && isBack;
    const says = [nameOfNeuron(labels, settings, place)];
    if (a !== undefined) says.push(labels.activationIs(short(a)));
    if (residual !== undefined) says.push(labels.residualIs(short(residual)));
    if (isDead) says.push(labels.deadNeuron);
    return {
      ...common,
      kind: isDead ? "dead" : column === 0 ? "input" : "neuron",
      ...(column === 0 ? { symbol: symbolOf[features[row]!] } : {}),
      above: a === undefined ? "" : short(a),
      below: residual === undefined ? "" : `δ ${short(residual)}`,
      says: says.join(", "),
      tint: a ?? 0,
      ring: residual,
    };
  });
  return (
    // biome-ignore lint/a11y/useSemanticElements: there is no element for a group within a drawing
    <svg ref={svg} role="group" viewBox={`0 0 ${width} ${height}`} aria-label={labels.networkLabel(sizes.join(" – "))}>
      {columns.slice(1, -1).map((column, i) => (
        <Edges
          key={i}
          from={columns[i]!}
          to={column}
          weight={observation?.layers[i]?.weight ?? null}
          look={edgeLook(stage, i)}
        />
      ))}
      <Edges
        from={columns.at(-2)!}
        to={columns.at(-1)!.slice(0, 1)}
        weight={null}
        look={lossLook(stage, sizes.length - 2)}
      />
      <Edges
        from={columns.at(-1)!.slice(1)}
        to={columns.at(-1)!.slice(0, 1)}
        weight={null}
        look={lossLook(stage, sizes.length - 2)}
      />
      {columns.map((column, i) => (
        <text key={i} class="column" x={column[0]!.x} y={14}>
          {i === 0 ? labels.inputs : nameOfLayer(labels, columns.length - 1, i)}
        </text>
      ))}
      {places.map((node) => (
        <Node key={`${node.place.column}-${node.place.row}`} {...node} />
      ))}
    </svg>
  );
});

function fits({ inputs, layers }: Observation, sizes: readonly number[]): boolean {
  const isGiven = inputs.length === sizes[0];
  return isGiven && layers.length === sizes.length - 1 && layers.every((layer, i) => layer.z.length === sizes[i + 1]);
}

/** The name of what stands at a place. */
export function nameOfNeuron(labels: Labels, settings: Settings, { column, row }: At): string {
  const layers = settings.layers.length + 2;
  if (column === 0) return labels.input(symbolOf[settings.features[row]!]);
  if (column === layers) return row === 0 ? labels.lossNode : labels.targetNode;
  return column === layers - 1 ? labels.outputNeuron : labels.neuron(column, row + 1);
}

function nameOfLayer(labels: Labels, layers: number, column: number): string {
  if (column === layers) return labels.lossNode;
  return column === layers - 1 ? labels.outputNeuron : labels.hiddenLayer(column);
}

/** Where a stage of the walk takes place, in a network of so many layers with the inputs. */
function placeOfStage(stage: Stage | null, layers: number): At | null {
  if (stage === null) return null;
  if (stage.kind === "loss") return { column: layers, row: 0 };
  return "neuron" in stage ? { column: stage.layer + 1, row: stage.neuron } : null;
}

/** Which edges a stage is about: null for as usual, else those into one neuron, those out of one, or none; on the way back they are drawn as such. */
type EdgeLook = {
  readonly into?: number;
  readonly outOf?: number;
  readonly all?: boolean;
  readonly isBack?: boolean;
} | null;

function edgeLook(stage: Stage | null, layer: number): EdgeLook {
  if (stage === null || stage.kind === "update") return null;
  if (stage.kind === "forward" && stage.layer === layer) return { into: stage.neuron };
  if (stage.kind === "residual" && stage.layer + 1 === layer) return { outOf: stage.neuron, isBack: true };
  if (stage.kind === "gradient" && stage.layer === layer) return { all: true };
  return {};
}

/** The same for the edges into the loss, from which the first residual comes back to the last layer. */
function lossLook(stage: Stage | null, lastLayer: number): EdgeLook {
  if (stage === null || stage.kind === "update") return null;
  if (stage.kind === "residual" && stage.layer === lastLayer) return { all: true, isBack: true };
  return stage.kind === "loss" ? { all: true } : {};
}

interface EdgesProps {
  readonly from: readonly Place[];
  readonly to: readonly Place[];
  /** Null: they have none. */
  readonly weight: readonly (readonly number[])[] | null;
  readonly look: EdgeLook;
}

function Edges({ from, to, weight, look }: EdgesProps) {
  const group = useRef<SVGGElement>(null);
  const { into, outOf, all, isBack } = look ?? { all: true };
  // There may be hundreds, and most look as in the frame before. To compare their elements anew in each frame takes longer than all else, so weights are written into those that are there.
  const drawn = useMemo(
    () => (
      <g ref={group} class={isBack === true ? "edges back" : "edges"}>
        {to.flatMap((end, j) =>
          from.map((start, i) => {
            const look = all === true || into === j || outOf === i ? "bright" : "dim";
            const [stroke, width] = strokeOf(weight?.[j]?.[i]);
            return <path key={`${i}-${j}`} class={look} d={pathOf(start, end)} stroke={stroke} stroke-width={width} />;
          }),
        )}
      </g>
    ),
    [from, to, into, outOf, all, isBack],
  );
  useLayoutEffect(() => {
    const paths = group.current!.children;
    for (let at = 0; at < paths.length; at++) {
      const [stroke, width] = strokeOf(weight?.[Math.floor(at / from.length)]?.[at % from.length]);
      const path = paths[at]!;
      if (path.getAttribute("stroke") !== stroke) path.setAttribute("stroke", stroke);
      if (path.getAttribute("stroke-width") !== width) path.setAttribute("stroke-width", width);
    }
  });
  return drawn;
}

/** Colour and width. */
function strokeOf(w: number | undefined): readonly [stroke: string, width: string] {
  return w === undefined ? ["var(--quiet)", "1.2"] : [signColour(w), widths[widthOf(w)] ?? "0.5"];
}

/** In tenths: most edges are as in the frame before, and need no new drawing. */
function widthOf(w: number): number {
  return Math.round(5 + 40 * Math.tanh(Math.abs(w) / 2));
}

/** Those widths as the drawing has them. */
const widths = Array.from({ length: 46 }, (_, tenths) => String(tenths / 10));

/** From the right side of one to the left side of the other; from the target up to the loss. */
function pathOf(start: Place, end: Place): string {
  const { half } = spacing;
  if (start.column === end.column) return `M${start.x},${start.y - half}L${end.x},${end.y + half}`;
  const [from, to] = [start.x + half, end.x - half];
  const bend = (to - from) / 2;
  return `M${from},${start.y}C${from + bend},${start.y} ${to - bend},${end.y} ${to},${end.y}`;
}

interface NodeProps {
  readonly place: Place;
  readonly kind: "input" | "neuron" | "dead" | "loss" | "target";
  /** What stands in it: an input's name. */
  readonly symbol?: string;
  /** Beside it, in two lines: the activation, and the residual. */
  readonly above: string;
  readonly below: string;
  readonly says: string;
  /** What its ground shows. */
  readonly tint: number;
  /** The residual, by the colour of its frame. */
  readonly ring?: number | undefined;
  readonly isCurrent: boolean;
  readonly isLooked: boolean;
  look(): void;
  hover(over: boolean): void;
  go(event: KeyboardEvent): void;
}

function Node(props: NodeProps) {
  const { place, kind, symbol, above, below, says, tint: shown, ring, isCurrent, isLooked, look, hover, go } = props;
  const { column, row, x, y } = place;
  const { half } = spacing;
  const names = ["neuron", kind, isCurrent ? "current" : "", isLooked ? "looked" : ""];
  const inside = { input: symbol ?? "", loss: "L", target: "y", neuron: "", dead: "" }[kind];
  return (
    // biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: its numbers are read out when arrow keys come by
    <g
      class={names.filter((name) => name !== "").join(" ")}
      data-at={`${column}-${row}`}
      role="img"
      aria-label={says}
      tabindex={isLooked ? 0 : -1}
      onFocus={look}
      onPointerDown={look}
      onPointerEnter={() => hover(true)}
      onPointerLeave={() => hover(false)}
      onKeyDown={go}
    >
      {ring !== undefined && (
        <rect
          class="ring"
          x={x - half - 3}
          y={y - half - 3}
          width={2 * half + 6}
          height={2 * half + 6}
          rx={9}
          style={{ stroke: kind === "dead" ? "var(--quiet)" : tint(Math.cbrt(ring)) }}
        />
      )}
      <rect
        class="body"
        x={x - half}
        y={y - half}
        width={2 * half}
        height={2 * half}
        rx={kind === "loss" || kind === "target" ? half : 6}
        style={kind === "input" ? { fill: tint(shown) } : {}}
      />
      {inside !== "" && (
        <text class={inside.length > 5 ? "inside long" : "inside"} x={x} y={y + 4}>
          {inside}
        </text>
      )}
      <text class="beside" x={x + half + 8} y={below === "" ? y + 4 : y - 2}>
        {above}
      </text>
      {below !== "" && (
        <text class="beside residual" x={x + half + 8} y={y + 12}>
          {below}
        </text>
      )}
    </g>
  );
}
