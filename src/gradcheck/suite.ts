import { isTinygradError, textOf, ValueError } from "../core/errors.ts";
import { hintFor } from "../core/options.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import type { UserFunction } from "./check.ts";
import { type GradientResult, gradientTask } from "./gradient.ts";
import { GradientError } from "./gradientError.ts";
import { hessianTask } from "./hessian.ts";
import { hvpTask } from "./hvp.ts";
import { jacobianTask } from "./jacobian.ts";
import { jvpTask } from "./jvp.ts";
import { type CheckOptions, type Like, requireOptions } from "./options.ts";
import type { GradientReport } from "./report.ts";
import { SuiteReport, type SuiteResult } from "./suiteReport.ts";
import { type MaybePromise, run, type Task } from "./task.ts";
import { gradcheck, gradgradcheck, type TensorFunction } from "./tensors.ts";
import { vjpTask } from "./vjp.ts";

/** A row of a suite: a function of numbers with its derivatives, at one point. Each derivative is checked. */
export interface FunctionRow<X> {
  /** What the row is called in the report. */
  readonly name: string;
  /** The function. */
  readonly f: (x: X, out: never) => unknown;
  /** The point. */
  readonly x: X;
  /** See {@link checkGradient}. */
  readonly gradient?: (x: X, out: X) => MaybePromise<GradientResult<X>>;
  /** See {@link checkJacobian}. */
  readonly jacobian?: (x: X) => unknown;
  /** See {@link checkVjp}; with `jvp` beside it, both are also held against each other. */
  readonly vjp?: (x: X, cotangent: never, out: X) => MaybePromise<Like<X> | void>;
  /** See {@link checkJvp}. */
  readonly jvp?: (x: X, tangent: X, out: never) => unknown;
  /** See {@link checkHessian}. */
  readonly hessian?: (x: X) => unknown;
  /** See {@link checkHvp}. */
  readonly hvp?: (x: X, v: X, out: X) => MaybePromise<Like<X> | void>;
  /** Options of this row's checks, over those of the suite. */
  readonly options?: CheckOptions<X>;
}

/** A row of a suite: a function of this library's tensors. Its first and second derivatives are checked. */
export interface TensorRow {
  /** What the row is called in the report. */
  readonly name: string;
  /** The function; see {@link gradcheck}. */
  readonly fn: TensorFunction;
  /** What to call it with; float64, some of it requiring a gradient. */
  readonly inputs: readonly Tensor[];
  /** 1: first derivatives only; 2 (default): second ones too. */
  readonly order?: 1 | 2;
  /** Options of this row's checks, over those of the suite. */
  readonly options?: CheckOptions;
}

type Row = FunctionRow<never> | TensorRow;

/** A table of rows, each with a point of its own form. */
export type Rows<Xs extends readonly unknown[]> = { readonly [K in keyof Xs]: FunctionRow<Xs[K]> | TensorRow };

type Check = (
  op: string,
  f: UserFunction,
  claim: UserFunction,
  x: unknown,
  options: CheckOptions,
) => Task<GradientReport>;

const checks: readonly (readonly [key: keyof FunctionRow<unknown>, op: string, check: Check])[] = [
  ["gradient", "checkGradient", gradientTask],
  ["jacobian", "checkJacobian", jacobianTask],
  ["vjp", "checkVjp", vjpTask],
  ["jvp", "checkJvp", jvpTask],
  ["hessian", "checkHessian", hessianTask],
  ["hvp", "checkHvp", hvpTask],
];

/** The parts that a row may have. */
const keysOf = (row: Row): string[] =>
  "fn" in row
    ? ["name", "fn", "inputs", "order", "options"]
    : ["name", "f", "x", "options", ...checks.map(([key]) => key)];

/** @param op - who asks, for errors. */
function* suiteTask(op: string, rows: readonly Row[], common: CheckOptions): Task<SuiteReport> {
  if (!Array.isArray(rows) || rows.length === 0) {
    throw new ValueError(op, "rows must be an array that is not empty", textOf(rows));
  }
  requireOptions(op, common);
  const results: SuiteResult[] = [];
  for (const [i, row] of rows.entries()) {
    const name: unknown = row?.name;
    if (typeof name !== "string") throw new ValueError(op, "each row must have a name", `${textOf(name)} in row ${i}`);
    if (row.options !== undefined) requireOptions(`${op}, row ${name}`, row.options);
    try {
      for (const report of yield* rowTask(op, row, common)) results.push({ name, report });
    } catch (error) {
      throw isTinygradError(error) && error.op !== op ? error.within(`${op}, row ${name}`) : error;
    }
  }
  return new SuiteReport(results);
}

/** The reports on one row. */
function* rowTask(op: string, row: Row, common: CheckOptions): Task<GradientReport[]> {
  const { name } = row;
  const keys = keysOf(row);
  const surplus = Object.keys(row).find((key) => !keys.includes(key));
  if (surplus !== undefined) {
    throw new ValueError(op, `row ${name} has no such part`, surplus, hintFor(surplus, keys));
  }
  const options = { ...common, ...row.options } as CheckOptions;
  if ("fn" in row) {
    const { fn, inputs, order = 2 } = row;
    if (order !== 1 && order !== 2) throw new ValueError(op, `order of row ${name} must be 1 or 2`, textOf(order));
    const first = gradcheck(fn, inputs, options);
    return order === 1 ? [first] : [first, gradgradcheck(fn, inputs, options)];
  }
  const given = checks.filter(([key]) => row[key] !== undefined);
  if (given.length === 0) {
    const derivatives = checks.map(([key]) => key).join(", ");
    throw new ValueError(op, `each row must have one of ${derivatives}, or fn with inputs`, `none in row ${name}`);
  }
  const reports: GradientReport[] = [];
  for (const [key, check, task] of given) {
    const other = key === "vjp" && row.jvp !== undefined ? { ...options, jvp: row.jvp } : options;
    reports.push(yield* task(check, row.f as UserFunction, row[key] as UserFunction, row.x, other as CheckOptions));
  }
  return reports;
}

/**
 * Checks a table of functions, each with its derivatives, at its point; or functions of this library's tensors.
 * A wrong row does not prevent the check of the others. One whose functions throw at their point does.
 *
 * @param rows - {@link FunctionRow}s and {@link TensorRow}s.
 * @param options - {@link CheckOptions} for all rows.
 * @returns one report for each check.
 * @throws {@link ValueError} for a row that cannot be checked, or with functions; what f throws comes out as it is that return promises: {@link checkSuiteAsync} takes those.
 * @example
 * import { sin, tensor } from "tinygrad-ts";
 * import { checkSuite } from "tinygrad-ts/gradcheck";
 * const report = checkSuite([
 *   { name: "square", f: (x) => x[0]! ** 2, gradient: (x) => [2 * x[0]!], x: [3] },
 *   { name: "exp", f: Math.exp, gradient: Math.exp, hessian: Math.exp, x: 1 },
 *   { name: "sin", fn: sin, inputs: [tensor([1, 2], { dtype: "float64", requiresGrad: true })] },
 * ]);
 * report.ok; // → true
 * report.results.length; // → 5
 */
export function checkSuite<Xs extends readonly unknown[] | []>(
  rows: Rows<Xs>,
  options: CheckOptions = {},
): SuiteReport {
  refuseMore("checkSuite", arguments, 2);
  return suiteNow("checkSuite", rows as readonly Row[], options);
}

function suiteNow(op: string, rows: readonly Row[], options: CheckOptions): SuiteReport {
  const report = run(suiteTask(op, rows, options));
  if (report instanceof SuiteReport) return report;
  report.catch(() => undefined); // nobody will look at it
  throw new ValueError(op, "functions must not return promises", "one that does", "use checkSuiteAsync");
}

/**
 * As {@link checkSuite}, for tables in which functions return promises.
 *
 * @example
 * import { checkSuiteAsync } from "tinygrad-ts/gradcheck";
 * const rows = [{ name: "remote", f: async (x: number) => x * x, gradient: async (x: number) => 2 * x, x: 3 }] as const;
 * (await checkSuiteAsync(rows)).ok; // → true
 */
export async function checkSuiteAsync<Xs extends readonly unknown[] | []>(
  rows: Rows<Xs>,
  options: CheckOptions = {},
): Promise<SuiteReport> {
  refuseMore("checkSuiteAsync", arguments, 2);
  return await run(suiteTask("checkSuiteAsync", rows as readonly Row[], options));
}

/**
 * As {@link checkSuite}, but throws if a derivative is wrong.
 *
 * @throws {@link GradientError} with the {@link SuiteReport}, unless all are right.
 * @example
 * import { assertSuite } from "tinygrad-ts/gradcheck";
 * assertSuite([{ name: "cube", f: (x) => x ** 3, gradient: (x) => 3 * x ** 2, hessian: (x) => 6 * x, x: 2 }]);
 */
export function assertSuite<Xs extends readonly unknown[] | []>(rows: Rows<Xs>, options: CheckOptions = {}): void {
  refuseMore("assertSuite", arguments, 2);
  const report = suiteNow("assertSuite", rows as readonly Row[], options);
  if (!report.ok) throw new GradientError(report);
}
