import type { Op } from "../../../core/op.ts";
import type { Row } from "../emission.ts";
import { records } from "../records.ts";
import { elementwise } from "./elementwise.ts";
import { movement } from "./movement.ts";
import { products } from "./products.ts";
import { reductions } from "./reductions.ts";
import type { Rows } from "./types.ts";

/** How each op is written: total, or it does not compile. */
const rows: Rows = { ...elementwise, ...reductions, ...movement, ...products };

let table: Map<Op, Row<unknown>> | undefined;

/** The row of an op; undefined for one that is not the library's. */
export function rowOf(op: Op): Row<unknown> | undefined {
  table ??= new Map(
    Object.entries(records).map(([name, record]) => [record as Op, rows[name as keyof Rows] as Row<unknown>]),
  );
  return table.get(op);
}
