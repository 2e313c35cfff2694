/// <reference types="vite/types/importMeta.d.ts" />
import type { Op } from "../../src/core/op.ts";
import type { OpCases } from "../../src/ops/cases.ts";

/** An op record as it is exported, and the cases beside it. */
export interface OpEntry {
  /** The record's export, `reluOp`. */
  readonly exported: string;
  readonly file: string;
  readonly op: Op;
  /** Undefined if they are missing, which the suite reports. */
  readonly cases: OpCases<unknown> | undefined;
}

const files = import.meta.glob<Record<string, unknown>>("../../src/ops/*.ts", { eager: true });

function isRecord(value: unknown): value is Op {
  return typeof value === "object" && value !== null && "forward" in value && "vjp" in value && "shape" in value;
}

/** All op records under src/ops, found by their exports' names. */
export const allOps: readonly OpEntry[] = Object.entries(files).flatMap(([file, exports]) =>
  Object.entries(exports).flatMap(([exported, op]) => {
    if (!exported.endsWith("Op") || !isRecord(op)) return [];
    const cases = exports[`${exported.slice(0, -2)}Cases`] as OpCases<unknown> | undefined;
    return [{ exported, file: file.replace("../../", ""), op, cases }];
  }),
);

/** All functions that files under src/ops export, by name. */
export const opFunctions: ReadonlyMap<unknown, string> = new Map(
  Object.values(files).flatMap((exports) =>
    Object.entries(exports).flatMap(([name, value]) => (typeof value === "function" ? [[value, name] as const] : [])),
  ),
);
