import { useMemo, useRef, useState } from "preact/hooks";
import type { Labels } from "../labels.ts";
import type { Observation } from "../model/observe.ts";
import type { Settings } from "../model/settings.ts";
import type { Known, Stage } from "../model/walk.ts";
import { signColour, tint } from "./colours.ts";
import { NeuronDetail } from "./NeuronDetail.tsx";
import { short } from "./numbers.ts";
import { type Place, placesOf, spacing } from "./places.ts";

interface Props {
  readonly labels: Labels;
  readonly settings: Settings;
  readonly observation: Observation | null;
  /** Where the walk is; null if nobody walks. */
  readonly stage: Stage | null;
  /** What is known there; null for everything. */
  readonly known: Known | null;
}

/** The network, with the activations and residuals of the point that is followed. */
export function NetworkView({ labels, settings, observation, stage, known }: Props) {
  const sizes = useMemo(() => [2, ...settings.layers, 1], [settings.layers]);
  const { width, height, columns } = useMemo(() => placesOf(sizes), [sizes]);
  const [looked, look] = useState<{ readonly column: number; readonly row: number }>({ column: 0, row: 0 });
  const svg = useRef<SVGSVGElement>(null);
  const seen = observation?.layers.length === sizes.length - 1 ? observation : null;
  // While a new network is on its way from the worker, the old one's numbers do not fit.
  const fits = seen?.layers.every((layer, i) => layer.z.length === sizes[i + 1]) ? seen : null;

  const nameOf = ({ column, row }: { readonly column: number; readonly row: number }): string => {
    if (column === 0) return labels.input(row === 0 ? "x₁" : "x₂");
    return column === sizes.length - 1 ? labels.outputNeuron : labels.neuron(column, row + 1);
  };
  const go = (event: KeyboardEvent, { column, row }: Place): void => {
    const [columnBy, rowBy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[
      event.key
    ] ?? [0, 0];
    if (columnBy === 0 && rowBy === 0) return;
    event.preventDefault();
    const next = columns[column + columnBy!];
    if (next === undefined) return;
    const at = { column: column + columnBy!, row: Math.min(Math.max(row + rowBy!, 0), next.length - 1) };
    look(at);
    svg.current?.querySelector<SVGGElement>(`[data-at="${at.column}-${at.row}"]`)?.focus();
  };

  const lookedHere = { column: Math.min(looked.column, sizes.length - 1), row: 0 };
  lookedHere.row = Math.min(looked.row, sizes[lookedHere.column]! - 1);
  const walked = stage !== null && "neuron" in stage ? { column: stage.layer + 1, row: stage.neuron } : null;
  const layers = columns.map((column) => column.length).join(" – ");

  return (
    <section class="panel" aria-label={labels.network}>
      <h2>{labels.network}</h2>
      <p class="help">{labels.networkHelp}</p>
      <div class="drawing">
        {/* biome-ignore lint/a11y/useSemanticElements: there is no element for a group within a drawing */}
        <svg
          ref={svg}
          role="group"
          viewBox={`0 0 ${width} ${height}`}
          style={{ maxWidth: `${1.25 * width}px` }}
          aria-label={labels.networkLabel(layers)}
        >
          {columns.slice(1).map((column, i) => (
            <Edges
              key={i}
              from={columns[i]!}
              to={column}
              weight={fits?.layers[i]?.weight ?? null}
              look={edgeLook(stage, i)}
            />
          ))}
          {columns.map((column, i) => (
            <text key={i} class="column" x={column[0]!.x} y={14}>
              {i === 0 ? labels.inputs : i === columns.length - 1 ? labels.outputNeuron : labels.hiddenLayer(i)}
            </text>
          ))}
          {columns.flat().map((place) => {
            const { column, row } = place;
            const layer = fits?.layers[column - 1];
            const isForward = known === null || column === 0 || known.activations[column - 1]! > row;
            const isBack = column > 0 && (known === null || known.residuals[column - 1]! > row);
            const a = !isForward ? null : column === 0 ? (fits?.x[row] ?? null) : (layer?.a[row] ?? null);
            const residual = isBack ? (layer?.residual[row] ?? null) : null;
            const says = [nameOf(place)];
            if (a !== null) says.push(labels.activationIs(short(a)));
            if (residual !== null) says.push(labels.residualIs(short(residual)));
            return (
              <Neuron
                key={`${column}-${row}`}
                place={place}
                a={a}
                residual={residual}
                says={says.join(", ")}
                isCurrent={walked?.column === column && walked.row === row}
                canFocus={lookedHere.column === column && lookedHere.row === row}
                look={() => look({ column, row })}
                go={(event) => go(event, place)}
              />
            );
          })}
        </svg>
      </div>
      {stage === null && fits !== null && lookedHere.column > 0 && (
        <div class="detail">
          <strong>{nameOf(lookedHere)}</strong>
          <NeuronDetail
            settings={settings}
            observation={fits}
            layer={lookedHere.column - 1}
            neuron={lookedHere.row}
            shows="both"
          />
        </div>
      )}
    </section>
  );
}

/** Which edges a stage is about: null for as usual, else those into one neuron, those out of one, or none. */
type EdgeLook = { readonly into?: number; readonly outOf?: number; readonly all?: boolean } | null;

function edgeLook(stage: Stage | null, layer: number): EdgeLook {
  if (stage === null || stage.kind === "update") return null;
  if (stage.kind === "forward" && stage.layer === layer) return { into: stage.neuron };
  if (stage.kind === "residual" && stage.layer + 1 === layer) return { outOf: stage.neuron };
  if (stage.kind === "gradient" && stage.layer === layer) return { all: true };
  return {};
}

interface EdgesProps {
  readonly from: readonly Place[];
  readonly to: readonly Place[];
  readonly weight: readonly (readonly number[])[] | null;
  readonly look: EdgeLook;
}

function Edges({ from, to, weight, look }: EdgesProps) {
  const isBright = (j: number, i: number): boolean =>
    look === null || look.all === true || look.into === j || look.outOf === i;
  return (
    <g>
      {to.flatMap((end, j) =>
        from.map((start, i) => {
          const w = weight?.[j]?.[i] ?? 0;
          return (
            <line
              key={`${i}-${j}`}
              x1={start.x}
              y1={start.y}
              x2={end.x}
              y2={end.y}
              stroke={signColour(w)}
              stroke-width={0.4 + 3 * Math.tanh(Math.abs(w) / 2)}
              opacity={isBright(j, i) ? 0.75 : 0.12}
            />
          );
        }),
      )}
    </g>
  );
}

interface NeuronProps {
  readonly place: Place;
  readonly a: number | null;
  readonly residual: number | null;
  readonly says: string;
  readonly isCurrent: boolean;
  readonly canFocus: boolean;
  look(): void;
  go(event: KeyboardEvent): void;
}

function Neuron({ place, a, residual, says, isCurrent, canFocus, look, go }: NeuronProps) {
  const { column, row, x, y } = place;
  return (
    // biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: its numbers are read out when arrow keys come by
    <g
      class={isCurrent ? "neuron current" : "neuron"}
      data-at={`${column}-${row}`}
      role="img"
      aria-label={says}
      tabindex={canFocus ? 0 : -1}
      onFocus={look}
      onPointerDown={look}
      onKeyDown={go}
    >
      <circle cx={x} cy={y} r={spacing.radius} style={{ fill: a === null ? "var(--surface)" : tint(a) }} />
      {residual !== null && (
        <circle class="ring" cx={x} cy={y} r={spacing.radius + 3} style={{ stroke: tint(Math.cbrt(residual)) }} />
      )}
      <text x={x} y={y + 4}>
        {a === null ? "" : short(a)}
      </text>
      <text class="residual" x={x} y={y + spacing.radius + 13}>
        {residual === null ? "" : short(residual)}
      </text>
    </g>
  );
}
