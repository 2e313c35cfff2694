import type { Product, Products } from "../../core/products.ts";
import { bytesOf } from "../ir/kind.ts";
import type { MatmulNode } from "../ir.ts";
import { partsOf, type Step, type WindowOperand, type WindowOperands } from "../windowOperand.ts";
import { greatestCommonDivisor } from "./emit/windowPacking.ts";

// How a product with a window is one of matrices as a BLAS library takes them. Of the window's axes, some are side by side in memory; all others would be rows, and each row a
// copy: nine of an image, for windows of 3 × 3. But one axis of the window, its taps along the images' rows, only moves the beginning. So a panel has a row for each of
// the others, three for each channel, and the product is the sum of one for each of those taps, which read the panel from different places.

/** Bytes of a panel: it stays in the caches. */
const mostBytes = 256 << 10;
/** Bytes of an operand that is copied whole, as a weight is. */
const mostCopied = 4 << 20;
/** What a call costs, in elements that could be copied in that time. */
const callCost = 500;

/** A tap along the axis that is not copied for each: where the rows that it reads are. */
export interface Tap {
  /** Which of the phases, and how many rows after its first. */
  readonly phase: number;
  readonly shift: number;
}

/** Rows of images that some taps read, one after the other; with strides, not all do. */
export interface Phase {
  /** Where the first one begins, in elements of the array. */
  readonly offset: number;
  /** How many there are beside those of one tap. */
  readonly more: number;
}

/** A product with a window, panel by panel. */
export interface Layout {
  /** The operand that is a window, and how both lie in their arrays. */
  readonly side: "a" | "b";
  readonly window: WindowOperand;
  readonly other: WindowOperand;
  /** Whether products are added up along what lies side by side, as for a weight's gradient; else they are along the panel's rows. */
  readonly isSummed: boolean;
  /** Axes before those of a panel: there is one panel for each of their elements, or several. */
  readonly outer: readonly Step[];
  /** The outermost axis of what lies side by side, so many elements of it in a panel, and the axes inside of it. */
  readonly axis: Step;
  readonly chunk: number;
  readonly rest: readonly Step[];
  /** The axes that are rows of a panel. */
  readonly rows: readonly Step[];
  /** Where in the list of the window's other axes the taps are; −1 if there is but one tap. */
  readonly tapsAt: number;
  readonly taps: readonly Tap[];
  readonly phases: readonly Phase[];
  /** Elements from one row to the next, where a panel lies in the array as it is to lie; else null, and it is copied. */
  readonly direct: number | null;
  /** The other operand's axes, cut as the window's. */
  readonly otherParts: readonly (readonly Step[])[];
}

export const sizeOfSteps = (steps: readonly Step[]): number => steps.reduce((size, step) => size * step.size, 1);

/** The best layout for a product, if it is faster so; null otherwise. */
export function layoutOf(products: Products, node: MatmulNode, windows: WindowOperands): Layout | null {
  let best: Layout | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const layout of layoutsOf(node, windows)) {
    const { calls, copied } = costOf(node, layout);
    const cost = copied + callCost * calls;
    if (cost >= least) continue;
    const { m, k, n } = sizesOf(node, layout, layout.chunk);
    const product: Product = { dtype: node.dtype, batch: calls, m, k, n, transposeA: false, transposeB: false };
    if (!products.takes({ ...product, copied })) continue;
    best = layout;
    least = cost;
  }
  return best;
}

/** The sizes of the product of a panel and one tap. */
export function sizesOf(
  node: MatmulNode,
  { side, isSummed, rest, rows }: Layout,
  count: number,
): { readonly m: number; readonly k: number; readonly n: number } {
  const [long, short] = [count * sizeOfSteps(rest), sizeOfSteps(rows)];
  const lanes = side === "a" ? node.n : node.m;
  if (isSummed) return { m: short, k: long, n: lanes }; // transposed, which is faster where lanes are few
  return side === "a" ? { m: long, k: short, n: lanes } : { m: lanes, k: short, n: long };
}

/** Rows of images in a panel of so many. */
export const heightOf = ({ phases }: Pick<Layout, "phases">, count: number): number =>
  phases.reduce((sum, { more }) => sum + count + more, 0);

function costOf(node: MatmulNode, layout: Layout): { readonly calls: number; readonly copied: number } {
  const { outer, axis, chunk, rest, rows, taps, direct } = layout;
  const panels = node.batch * sizeOfSteps(outer) * Math.ceil(axis.size / chunk);
  const elements = heightOf(layout, chunk) * sizeOfSteps(rest) * sizeOfSteps(rows);
  const once = layout.isSummed ? node.m * node.n : otherElements(layout);
  return { calls: panels * taps.length, copied: once + (direct === null ? panels * elements : 0) };
}

function* layoutsOf(node: MatmulNode, { a, b }: WindowOperands): Generator<Layout> {
  const left = a ?? denseOf(node, "a");
  const right = b ?? denseOf(node, "b");
  for (const side of ["b", "a"] as const) {
    const [window, other] = side === "a" ? [left, right] : [right, left];
    for (const isSummed of side === "b" ? [false, true] : [false]) {
      const across = isSummed ? window.inner : window.lanes;
      const along = isSummed ? window.lanes : window.inner;
      for (let at = 0; at < Math.max(1, across.length); at++) {
        for (let tapsAt = -1; tapsAt < along.length; tapsAt++) {
          const layout = layoutAt(node, { side, window, other, isSummed }, across, along, at, tapsAt);
          if (layout !== null) yield layout;
        }
      }
    }
  }
}

/** How a matrix lies in memory that is not a window. */
function denseOf({ batch, m, k, n, transposeA, transposeB }: MatmulNode, side: "a" | "b"): WindowOperand {
  const [lanes, isAcross] = side === "a" ? [m, transposeA] : [n, !transposeB];
  const steps = (size: number, stride: number): Step[] => (size === 1 ? [] : [{ size, stride }]);
  return {
    offset: 0,
    batch: steps(batch, lanes * k),
    lanes: steps(lanes, isAcross ? 1 : k),
    inner: steps(k, isAcross ? lanes : 1),
  };
}

function layoutAt(
  node: MatmulNode,
  operands: Pick<Layout, "side" | "window" | "other" | "isSummed">,
  across: readonly Step[],
  along: readonly Step[],
  at: number,
  tapsAt: number,
): Layout | null {
  const { other, isSummed, window } = operands;
  const axis = across[at] ?? { size: 1, stride: 1 };
  const [outer, rest] = [across.slice(0, at), across.slice(at + 1)];
  const rows = along.filter((_, d) => d !== tapsAt);
  const own = along[tapsAt];
  if (own !== undefined && (own.stride < 1 || axis.stride < 1)) return null;
  const { taps, phases } = tapsOf(axis, own);
  if (heightOf({ phases }, axis.size) >= axis.size * taps.length && tapsAt >= 0) return null; // they share nothing
  const direct = phases.length === 1 ? strideOf(rows, [axis, ...rest]) : null;
  const perElement = sizeOfSteps(rest) * sizeOfSteps(rows) * bytesOf[node.dtype];
  const more = phases.reduce((sum, phase) => sum + phase.more, 0);
  const most = direct === null ? Math.floor((mostBytes / perElement - more) / phases.length) : axis.size;
  if (most < 1) return null;
  const chunk = Math.ceil(axis.size / Math.ceil(axis.size / most));
  const otherParts = partsOf(
    other.inner,
    window.inner.map(({ size }) => size),
  );
  if (otherParts === null) return null;
  const layout: Layout = { ...operands, outer, axis, chunk, rest, rows, tapsAt, taps, phases, direct, otherParts };
  // The other operand is read where it is, panel by panel, or copied once for all of the batch.
  if (isSummed) return stridesOfOther(layout) === null ? null : layout;
  return isWindowless(other) && otherElements(layout) * bytesOf[node.dtype] <= mostCopied ? layout : null;
}

/** Which rows of images taps read, if each reads `axis.size` of them. */
function tapsOf(axis: Step, along: Step | undefined): Pick<Layout, "taps" | "phases"> {
  if (along === undefined) return { taps: [{ phase: 0, shift: 0 }], phases: [{ offset: 0, more: 0 }] };
  const unit = greatestCommonDivisor(along.stride, axis.stride);
  const [step, stride] = [along.stride / unit, axis.stride / unit];
  const places = Array.from({ length: along.size }, (_, tap) => tap * step);
  const rests = [...new Set(places.map((place) => place % stride))];
  const taps = places.map((place) => ({ phase: rests.indexOf(place % stride), shift: Math.floor(place / stride) }));
  const phases = rests.map((rest, phase) => {
    return {
      offset: rest * unit,
      more: Math.max(...taps.filter((tap) => tap.phase === phase).map((tap) => tap.shift)),
    };
  });
  return { taps, phases };
}

/** Steps that follow each other, as few as they can be. */
function merged(steps: readonly Step[]): Step[] {
  const all: Step[] = [];
  for (const { size, stride } of steps) {
    const last = all.at(-1);
    if (size === 1) continue;
    if (last !== undefined && last.stride === stride * size) all[all.length - 1] = { size: last.size * size, stride };
    else all.push({ size, stride });
  }
  return all;
}

/** Elements from one row to the next, if rows are as a library takes them; else null. */
function strideOf(rows: readonly Step[], across: readonly Step[]): number | null {
  const [down, side] = [merged(rows), merged(across)];
  if (down.length > 1 || side.length > 1 || (side[0]?.stride ?? 1) !== 1) return null;
  const [size, stride] = [side[0]?.size ?? 1, down[0]?.stride];
  return stride === undefined ? size : stride >= size ? stride : null;
}

/** How the other operand lies for a panel that products are added up along, if a library takes it; else null. */
export function stridesOfOther({
  outer,
  other,
  otherParts,
}: Pick<Layout, "outer" | "other" | "otherParts">): { readonly isTransposed: boolean; readonly stride: number } | null {
  const inner = otherParts.slice(outer.length).flat();
  const plain = strideOf(other.lanes, inner);
  if (plain !== null) return { isTransposed: false, stride: plain };
  const turned = strideOf(inner, other.lanes);
  return turned === null ? null : { isTransposed: true, stride: turned };
}

/** Whether no two elements of an operand are the same of its array, but for those of several products of the batch. */
function isWindowless({ lanes, inner }: WindowOperand): boolean {
  const steps = [...lanes, ...inner].sort((a, b) => a.stride - b.stride);
  return steps.every(({ stride }, d) => stride > (d === 0 ? 0 : (steps[d - 1]!.size - 1) * steps[d - 1]!.stride));
}

/** Elements of the other operand, without those that are the same for several products of the batch. */
export function otherElements({ other }: Pick<Layout, "other">): number {
  return sizeOfSteps([...other.batch.filter(({ stride }) => stride !== 0), ...other.lanes, ...other.inner]);
}
