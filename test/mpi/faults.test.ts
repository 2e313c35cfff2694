import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Generator, permutation, randint } from "../../src/index.ts";
import { bundled, type Ended, hasMpi, runJob, runWorkers } from "./job.ts";

// A rank that is killed ends the job; started again, it goes on from the last checkpoint, and comes to the same bits. `FAULTS=10 npx vitest run test/mpi/faults` kills at so many steps, drawn at random (CI at 4); `FAULTS_SEED=3` draws those again.

const folder = mkdtempSync(join(tmpdir(), "faults-"));
afterAll(() => rmSync(folder, { recursive: true }));

const file = hasMpi ? await bundled("faults") : "";
// In CI what has passed is to pass again, so the seed is fixed there.
const isCI = process.env["CI"] === "true";
const seed = Number(process.env["FAULTS_SEED"] ?? (isCI ? 1 : Date.now() % 1e6));
const generator = new Generator(seed);
/** A step at which one can be killed, and who: all steps, in an order that is drawn. */
const ranks = randint(0, 2, [19], { generator }).data;
const drawn = [...permutation(19, { generator }).data].map((step, i) => [step + 1, ranks[i]!] as const);
const faults = drawn.slice(0, Number(process.env["FAULTS"] ?? (isCI ? 4 : 1)));

/** A job that saves under a name. */
const run = (name: string, dying = 0, who = 0): Promise<Ended> => {
  const heartbeat = join(folder, `${name}.heartbeat`);
  return runJob(file, 2, [join(folder, name), String(dying), String(who)], {
    MPI_OPTIONS: JSON.stringify({ heartbeat }),
  });
};

interface Line {
  readonly begun: number;
  readonly steps: number;
  readonly weights: readonly number[];
}
const lineOf = (job: Ended): Line => job.printed[0]![0] as Line;

describe.skipIf(!hasMpi)(`a rank that is killed, with the seed ${seed}`, () => {
  let whole: Ended;
  beforeAll(async () => {
    whole = await runWorkers(file, 2, [join(folder, "whole"), "0"]);
  });

  test.each(faults)(
    "at step %i, rank %i, ends the job, is named, and makes no difference once it was started again",
    async (dying, who) => {
      const name = `killed at ${dying}`;
      const begun = performance.now();
      const killed = await run(name, dying, who);
      expect(performance.now() - begun).toBeLessThan(60_000); // about 2 s with all that was before; a job that hangs does not end
      expect(killed.code).not.toBe(0);
      expect(killed.printed).toEqual([[], []]);
      const places = readFileSync(join(folder, `${name}.heartbeat`), "utf8");
      expect(places).toMatch(/^rank 0: step \d+ +\nrank 1: step \d+ +\n$/);
      expect(Number(new RegExp(`rank ${who}: step (\\d+)`).exec(places)![1])).toBe(dying - 1);
      const again = await run(name);
      expect(again.code).toBe(0);
      expect(again.errors).toMatch(/fit: the last job ended during its work, at rank 0: step \d+, rank 1: step \d+\n/);
      expect(again.errors).toContain(`rank ${who}: step ${dying - 1}`);
      // The others may have saved at that step, or not yet.
      expect([dying - 1, dying].map((step) => step - (step % 3))).toContain(lineOf(again).begun);
      expect([lineOf(again).steps, lineOf(again).weights]).toEqual([lineOf(whole).steps, lineOf(whole).weights]);
      expect(readFileSync(join(folder, `${name}.heartbeat`), "utf8")).toMatch(/^rank 0: ended +\nrank 1: ended +\n$/);
    },
  );
});
