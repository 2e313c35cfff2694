import { beforeAll, describe, expect, test } from "vitest";
import { bundled, type Ended, runWorkers } from "./job.ts";

// What depends on who has which rows: numbers that are drawn, and means over weights.

interface Line {
  readonly rank: number;
  readonly [name: string]: unknown;
}

let two: Ended;
let others: Ended[];
beforeAll(async () => {
  const file = await bundled("shares");
  two = await runWorkers(file, 2);
  others = [await runWorkers(file, 1), await runWorkers(file, 4)];
}, 240_000);

const linesOf = ({ printed }: Ended, name: string): Line[] => (printed.flat() as Line[]).filter((line) => name in line);

test("all ranks end", () => {
  for (const { errors, code } of [two, ...others]) expect(code, errors).toBe(0);
});

test.each(["drawn", "pieces"])("what begins to draw in a later step draws other numbers for each row: %s", (name) => {
  for (const job of [two, ...others]) {
    const found = linesOf(job, name);
    expect(found.length % 6).toBe(0);
    expect(found.length).toBeGreaterThan(0);
    // In the first epoch, nothing is drawn, and all rows are alike.
    for (const line of found) expect(line).toMatchObject({ end: "well", kinds: [1, 8, 8] });
    const places = (own: Line): unknown =>
      found
        .filter((line) => line[name] === own[name] && line["isCompiled"] === own["isCompiled"])
        .map(({ state }) => state);
    for (const line of found) expect(places(line)).toEqual(job.printed.map(() => line["state"]));
  }
});

test("in pieces, the numbers are the same on any number of ranks", () => {
  const found = [two, ...others].flatMap((job) => linesOf(job, "pieces"));
  const of = (name: unknown): unknown[] => found.filter(({ pieces }) => pieces === name).map(({ rows }) => rows);
  for (const { pieces, rows } of found) expect(of(pieces)[0]).toEqual(rows);
});

test("a generator that is put back to where it stood draws the same again", () => {
  for (const { again, kinds } of linesOf(two, "again")) {
    expect((again as boolean[]).length).toBeGreaterThan(0);
    expect(again).not.toContain(false);
    expect(kinds).toEqual([1, 8, 8]);
  }
});

test("an optimizer that draws has the same numbers on all ranks, or is refused", () => {
  const found = linesOf(two, "noisy");
  expect(found.length).toBe(6);
  for (const { noisy, end } of found) {
    if (noisy !== "compiled") expect(end).toBe("well");
    else expect(end).toMatch(/an optimizer that draws random numbers; write compile: false/);
  }
});

test("a model that draws in evaluation leaves all ranks with the same order of the samples", () => {
  for (const { evaluated } of [two, ...others].flatMap((job) => linesOf(job, "evaluated")))
    expect(evaluated).toBe("well");
});

describe.each(["weights of classes", "targets that are ignored", "both"])("a mean over weights: %s", (name) => {
  test.each([1, 2, 4])("is that of the whole batch on %i ranks", (ranks) => {
    const job = [two, ...others].find(({ printed }) => printed.length === ranks)!;
    const found = linesOf(job, "weighed").filter(({ weighed }) => weighed === name);
    expect(found.length).toBe(2 * ranks);
    for (const line of found) {
      expect(line).toMatchObject({ end: "well", weights: true, losses: true, validation: true });
    }
  });
});

test("a mean over weights is refused in pieces, and one that is none of the library's where it shows", () => {
  const found = [two, others[1]!].flatMap((job) => linesOf(job, "refused"));
  expect(found.length).toBe(12);
  for (const { refused, end } of found) {
    const text =
      refused === "in pieces" ? /leave reproducible out, or take the mean/ : /must be a mean over the samples/;
    expect(end).toMatch(text);
  }
});
