// What a gradient check costs beside the user's own functions: `npm run speed:gradcheck`; with `-- --write`, the table goes into the guide.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { checkGradient } from "../src/gradcheck/index.ts";

interface Form {
  readonly name: string;
  readonly point: (size: number) => unknown;
  readonly f: (x: never) => number;
  readonly gradient: (x: never) => unknown;
}

const entry = (i: number): number => 2 * Math.sin(i + 1);

function meanSquare(x: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i]! * x[i]!;
  return sum / x.length;
}

function meanSquareOfRows(rows: readonly (readonly number[])[]): number {
  let [sum, count] = [0, 0];
  for (const row of rows) {
    for (let i = 0; i < row.length; i++) sum += row[i]! * row[i]!;
    count += row.length;
  }
  return sum / count;
}

const forms: readonly Form[] = [
  {
    name: "`Float64Array`",
    point: (size) => Float64Array.from({ length: size }, (_, i) => entry(i)),
    f: meanSquare,
    gradient: (x: Float64Array) => x.map((v) => (2 * v) / x.length),
  },
  {
    name: "`Float32Array`",
    point: (size) => Float32Array.from({ length: size }, (_, i) => entry(i)),
    f: meanSquare,
    gradient: (x: Float32Array) => x.map((v) => (2 * v) / x.length),
  },
  {
    name: "nested rows",
    point: (size) => {
      const n = Math.round(Math.sqrt(size));
      return Array.from({ length: n }, (_, r) => Array.from({ length: n }, (_, c) => entry(r * n + c)));
    },
    f: meanSquareOfRows,
    gradient: (x: number[][]) => x.map((row) => row.map((v) => (2 * v) / x.length / row.length)),
  },
];

/** One check: milliseconds in all, and those inside of the two functions. */
function measure({ point, f, gradient }: Form, size: number, effort: "default" | "fast") {
  let own = 0;
  const timed =
    <R>(call: (x: never) => R) =>
    (x: never): R => {
      const start = performance.now();
      const result = call(x);
      own += performance.now() - start;
      return result;
    };
  const x = point(size) as never;
  const start = performance.now();
  const report = checkGradient(timed(f), timed(gradient) as () => never, x, { effort });
  const all = performance.now() - start;
  if (!report.ok) throw new Error(String(report));
  return { all, own, calls: report.calls.f };
}

const lines = [
  "| input | numbers | effort | calls of `f` | in all | `f`'s own | in all / own |",
  "| --- | ---: | --- | ---: | ---: | ---: | ---: |",
];
for (const form of forms) {
  for (const size of [100_000, 1_000_000]) {
    for (const effort of ["default", "fast"] as const) {
      // The best of three, by their ratio: what else the machine does falls on either part by chance.
      const runs = [1, 2, 3].map(() => measure(form, size, effort)).sort((a, b) => a.all / a.own - b.all / b.own);
      const { all, own, calls } = runs[0]!;
      const cells = [form.name, size.toLocaleString("en-US"), effort, calls.toLocaleString("en-US")];
      lines.push(`| ${[...cells, seconds(all), seconds(own), (all / own).toFixed(1)].join(" | ")} |`);
      console.log(lines.at(-1));
    }
  }
}
const table = lines.join("\n");
if (process.argv.includes("--write")) {
  const page = fileURLToPath(new URL("../docs/guide/how-gradient-checking-works.md", import.meta.url));
  const text = readFileSync(page, "utf8");
  writeFileSync(
    page,
    text.replace(/(<!-- speed -->\n)[\s\S]*?(<!-- \/speed -->)/, (_, head, tail) => `${head}${table}\n\n${tail}`),
  );
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toPrecision(2)} s`;
}
