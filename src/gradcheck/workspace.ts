import { build, type Form } from "./forms.ts";

/** A value of the user's form whose numbers are written in place, for functions that are called often. */
export interface Workspace {
  readonly value: unknown;
  /** What is in an entry. */
  get(entry: number): number;
  /** Writes one entry. */
  set(entry: number, number: number): void;
  /** Writes all of them. */
  fill(flat: Float64Array): void;
}

/** Entries that lie side by side in a row of a value, or one that is a field of it. */
interface Run {
  readonly offset: number;
  readonly size: number;
  readonly row: { [key: number | string]: number };
  readonly field: string | null;
}

/** A workspace of a form; null for one that holds parts of the user's own making, or a number alone. */
export function workspaceOf(form: Form, flat: Float64Array): Workspace | null {
  const value = build(form, flat);
  const runs: Run[] = [];
  const rows = (part: unknown, offset: number, [n, ...rest]: readonly number[]): number => {
    const isRow = rest.length === 0;
    if (isRow) runs.push({ offset, size: n!, row: part as Run["row"], field: null });
    if (isRow) return offset + n!;
    return (part as unknown[]).reduce((at: number, row) => rows(row, at, rest), offset);
  };
  const walk = (form: Form, part: unknown): boolean => {
    if (form.kind === "own") return false;
    if (form.kind === "leaf") return form.leaf.shape.length > 0 && rows(part, form.leaf.offset, form.leaf.shape) >= 0;
    return form.children.every(([key, child]) => {
      if (child.kind !== "leaf" || child.leaf.shape.length > 0)
        return walk(child, (part as Record<string, unknown>)[key]);
      return runs.push({ offset: child.leaf.offset, size: 1, row: part as Run["row"], field: key }) > 0;
    });
  };
  return walk(form, value)
    ? workspaceOfRuns(
        value,
        runs.filter(({ size }) => size > 0),
      )
    : null;
}

/** A workspace of one flat array. */
export function flatWorkspace(flat: Float64Array): Workspace {
  const row = flat.slice();
  return workspaceOfRuns(row, [{ offset: 0, size: row.length, row: row as unknown as Run["row"], field: null }]);
}

function writeRow(row: number[], flat: Float64Array, offset: number, size: number): void {
  for (let k = 0; k < size; k++) row[k] = flat[offset + k]!;
}

function workspaceOfRuns(value: unknown, runs: readonly Run[]): Workspace {
  const find = (entry: number): Run => {
    let [low, high] = [0, runs.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (runs[middle]!.offset <= entry) low = middle;
      else high = middle - 1;
    }
    return runs[low]!;
  };
  return {
    value,
    get(entry) {
      const { row, field, offset } = find(entry);
      return row[field ?? entry - offset]!;
    },
    set(entry, number) {
      const { row, field, offset } = find(entry);
      row[field ?? entry - offset] = number;
    },
    fill(flat) {
      for (const { offset, size, row, field } of runs) {
        if (field !== null) row[field] = flat[offset]!;
        else if (ArrayBuffer.isView(row)) (row as unknown as Float64Array).set(flat.subarray(offset, offset + size));
        else writeRow(row as unknown as number[], flat, offset, size);
      }
    },
  };
}
