import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Labels } from "../labels.ts";
import type { GraphNode } from "../model/graph.ts";
import { boxHeight, layoutOf, widthOf } from "./graphLayout.ts";
import { type Numbers, useNumbers } from "./numbers.ts";

interface Props {
  readonly labels: Labels;
  /** Null while it is not shown, or on its way. */
  readonly graph: readonly GraphNode[] | null;
  /** The node that is chosen; null: the graph is closed. */
  readonly chosen: number | null;
  choose(node: number | null): void;
}

/** Stands for the last node, which is the loss, before it is known how many there are. */
const last = 9999;

/** The computation graph of one point's loss. */
export function GraphView({ labels, graph, chosen, choose }: Props) {
  return (
    <section class="panel graph" aria-label={labels.graph}>
      <details
        open={chosen !== null}
        onToggle={({ currentTarget: { open } }) => open !== (chosen !== null) && choose(open ? last : null)}
      >
        <summary>
          <h2>{labels.graph}</h2>
        </summary>
        <p class="help">{labels.graphHelp}</p>
        {chosen !== null && graph !== null && <Drawing labels={labels} graph={graph} chosen={chosen} choose={choose} />}
      </details>
    </section>
  );
}

interface DrawingProps {
  readonly labels: Labels;
  readonly graph: readonly GraphNode[];
  readonly chosen: number;
  choose(node: number): void;
}

function Drawing({ labels, graph, chosen: wanted, choose }: DrawingProps) {
  const { short } = useNumbers();
  const chosen = Math.min(wanted, graph.length - 1);
  const svg = useRef<SVGSVGElement>(null);
  const structure = graph.map(({ name, inputs }) => `${name}(${inputs.map(({ id }) => id).join()})`).join();
  const node = graph[chosen]!;
  const width = Math.max(...graph.map((each) => widthOf(nameOf(labels, each))));
  const drawn = useMemo(() => layoutOf(graph, width), [structure, width]);
  // Where the whole does not fit, what is chosen is in sight: at first the loss, where the backward pass begins.
  useEffect(() => {
    const frame = svg.current?.parentElement;
    if (frame) frame.scrollLeft = drawn.nodes.get(chosen)!.x - frame.clientWidth / 2;
  }, [chosen, drawn]);

  const go = (event: KeyboardEvent, at: number): void => {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      choose(at);
    }
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const next = by === undefined ? undefined : graph[at + by];
    if (next === undefined) return;
    event.preventDefault();
    choose(next.id);
    svg.current?.querySelector<SVGGElement>(`[data-node="${next.id}"]`)?.focus();
  };
  return (
    <>
      <div class="drawing scrolls">
        {/* biome-ignore lint/a11y/useSemanticElements: there is no element for a group within a drawing */}
        <svg
          ref={svg}
          role="group"
          width={drawn.width}
          height={drawn.height}
          viewBox={`0 0 ${drawn.width} ${drawn.height}`}
          aria-label={labels.graphLabel(graph.length)}
        >
          {drawn.edges.map(({ from, to, path }, i) => (
            <path key={i} class={chosen === from || chosen === to ? "edge chosen" : "edge"} d={path} />
          ))}
          {graph.map((each) => {
            const { x, y } = drawn.nodes.get(each.id)!;
            return (
              // biome-ignore lint/a11y/useSemanticElements: there are no buttons within a drawing
              <g
                key={each.id}
                class={`node ${each.kind}${each.id === chosen ? " chosen" : ""}`}
                role="button"
                data-node={each.id}
                tabindex={each.id === chosen ? 0 : -1}
                aria-pressed={each.id === chosen}
                onClick={() => choose(each.id)}
                onFocus={() => choose(each.id)}
                onKeyDown={(event) => go(event, each.id)}
              >
                <rect
                  x={x - width / 2}
                  y={y - boxHeight / 2}
                  width={width}
                  height={boxHeight}
                  rx={each.kind === "op" ? 20 : 4}
                />
                <text x={x} y={y - 3}>{`${nameOf(labels, each)} `}</text>
                <text class="value" x={x} y={y + 13}>
                  {each.value.length === 1 ? short(each.value[0]!) : each.shape.join("×")}
                </text>
              </g>
            );
          })}
        </svg>
      </div>
      <div class="detail" aria-live="polite">
        <NodeDetail labels={labels} node={node} graph={graph} />
      </div>
    </>
  );
}

function NodeDetail({
  labels,
  node,
  graph,
}: {
  readonly labels: Labels;
  readonly node: GraphNode;
  readonly graph: readonly GraphNode[];
}) {
  const numbers = useNumbers();
  const derivatives = node.inputs.filter(({ derivative }) => derivative !== "");
  return (
    <>
      <strong>{nameOf(labels, node)}</strong> ({labels.kinds[node.kind]}
      {node.kind === "loss" && node.op !== null && `, ${node.op}`}
      {node.shape.length > 0 && `, ${node.shape.join("×")}`})
      <dl>
        <dt>{labels.value}</dt>
        <dd>{textOf(node.shape, node.value, numbers)}</dd>
        <dt>{labels.gradient}</dt>
        <dd>{node.gradient === null ? labels.noGradient : textOf(node.shape, node.gradient, numbers)}</dd>
        {derivatives.map(({ id, derivative }, i) => (
          <>
            <dt key={`${i}`}>
              {labels.derivative} {labels.byInput(nameOf(labels, graph[id]!))}
            </dt>
            <dd>{labels.derivativeIs(derivative)}</dd>
          </>
        ))}
      </dl>
    </>
  );
}

/** A node's name; constants have none of their own, and the loss is named as in the network. */
function nameOf(labels: Labels, { kind, name }: GraphNode): string {
  if (kind === "loss") return `${labels.lossNode} ${name}`;
  return kind === "constant" ? labels.kinds.constant : name;
}

/** Most numbers that are written out. */
const most = 48;

function textOf(shape: readonly number[], values: readonly number[], { short }: Numbers): string {
  if (values.length === 1) return short(values[0]!);
  const shown = values.slice(0, most).map(short);
  const row = shape.at(-1)!;
  const rows = Array.from({ length: Math.ceil(shown.length / row) }, (_, i) =>
    shown.slice(i * row, (i + 1) * row).join("  "),
  );
  return rows.join("\n") + (values.length > most ? " …" : "");
}
