import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { bundled, type Ended, hasMpi, runJob, runWorkers } from "./job.ts";

// A rank that is killed ends the job; started again, it goes on from the last checkpoint, and comes to the same bits. `FAULTS=10 npx vitest run test/mpi/faults` kills at so many steps, drawn at random.

const folder = mkdtempSync(join(tmpdir(), "faults-"));
afterAll(() => rmSync(folder, { recursive: true }));

const file = hasMpi ? await bundled("faults") : "";
/** All steps at which one can be killed, in an order that is drawn. */
const drawn = Array.from({ length: 19 }, (_, i) => ({ step: i + 1, at: Math.random() })).sort((a, b) => a.at - b.at);
const steps = process.env["FAULTS"] === undefined ? [5] : drawn.slice(0, Number(process.env["FAULTS"])).map(({ step }) => step); // biome-ignore format: one line

/** A job that saves under a name. */
const run = (name: string, dying = 0): Promise<Ended> => {
  const heartbeat = join(folder, `${name}.heartbeat`);
  return runJob(file, 2, [join(folder, name), String(dying)], { MPI_OPTIONS: JSON.stringify({ heartbeat }) });
};

interface Line {
  readonly begun: number;
  readonly steps: number;
  readonly weights: readonly number[];
}
const lineOf = (job: Ended): Line => job.printed[0]![0] as Line;

describe.skipIf(!hasMpi)("a rank that is killed", () => {
  test.each(steps)(
    "at step %i ends the job, is named, and makes no difference once it was started again",
    async (dying) => {
      const whole = await runWorkers(file, 2, [join(folder, `whole ${dying}`), "0"]);
      const name = `killed at ${dying}`;
      const killed = await run(name, dying);
      expect(killed.code).not.toBe(0);
      expect(killed.printed).toEqual([[], []]);
      const places = readFileSync(join(folder, `${name}.heartbeat`), "utf8");
      expect(places).toMatch(/^rank 0: step \d+ +\nrank 1: step \d+ +\n$/);
      expect(Number(/rank 1: step (\d+)/.exec(places)![1])).toBe(dying - 1);
      const again = await run(name);
      expect(again.code).toBe(0);
      expect(again.errors).toMatch(
        new RegExp(`fit: the last job ended during its work, at rank 0: step \\d+, rank 1: step ${dying - 1}\n`),
      ); // biome-ignore format: one line
      // The others may have saved at that step, or not yet.
      expect([dying - 1, dying].map((step) => step - (step % 3))).toContain(lineOf(again).begun);
      expect([lineOf(again).steps, lineOf(again).weights]).toEqual([lineOf(whole).steps, lineOf(whole).weights]);
      expect(readFileSync(join(folder, `${name}.heartbeat`), "utf8")).toMatch(/^rank 0: ended +\nrank 1: ended +\n$/);
    },
  );
});
