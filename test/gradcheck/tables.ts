import type { Case } from "./catalogue.ts";
import { type Outcome, outcomeOf } from "./outcomes.ts";
import { rightGradients } from "./right-gradients/index.ts";
import { wrongGradients } from "./wrong-gradients/index.ts";

/** Seeds for each case of a catalogue, where the case does not have fewer. */
export const seeds = { right: 1000, wrong: 20 };

/** What became of a catalogue, by family. */
export type Outcomes = ReadonlyMap<string, readonly Outcome[]>;

export const rightOutcomes = (atMost = seeds.right): Promise<Outcomes> => outcomesOf(rightGradients, true, atMost);
export const wrongOutcomes = (atMost = seeds.wrong): Promise<Outcomes> => outcomesOf(wrongGradients, false, atMost);

async function outcomesOf(catalogue: Readonly<Record<string, readonly Case[]>>, isRight: boolean, atMost: number) {
  const outcomes = new Map<string, Outcome[]>();
  for (const [family, cases] of Object.entries(catalogue)) {
    const found: Outcome[] = [];
    for (const one of cases) found.push(await outcomeOf(one, isRight, atMost));
    outcomes.set(family, found);
  }
  return outcomes;
}

/** The table of wrong gradients, as Markdown. */
export function wrongTable(outcomes: Outcomes): string {
  const head = ["wrong gradient", "seeds", "caught", "right hint", "caught by central differences"];
  const rows = [...outcomes].flatMap(([family, found]) => [
    [`**${family}**`, "", "", "", ""],
    ...found.map(({ name, seeds: n, ok, hinted, hasHint, central }) => {
      return [
        name,
        String(n),
        String(n - ok),
        hasHint ? String(hinted) : "·",
        central === null ? "·" : String(n - central),
      ];
    }),
  ]);
  const all = [...outcomes.values()].flat();
  const compared = all.filter(({ central }) => central !== null);
  const total = [
    `**all ${all.length}**`,
    String(sum(all, "seeds")),
    String(sum(all, "seeds") - sum(all, "ok")),
    `${sum(all, "hinted")} of ${sum(
      all.filter(({ hasHint }) => hasHint),
      "seeds",
    )}`,
    `${sum(compared, "seeds") - sum(compared, "central")} of ${sum(compared, "seeds")}`,
  ];
  return markdown([head, ...rows, total]);
}

/** The table of right gradients, as Markdown. */
export function rightTable(outcomes: Outcomes): string {
  const head = [
    "right gradient",
    "seeds",
    "called wrong",
    "passed",
    "undecided",
    "called wrong by central differences",
  ];
  const rows = [...outcomes].flatMap(([family, found]) => [
    [`**${family}**`, "", "", "", "", ""],
    ...found.map(({ name, seeds: n, wrong, ok, undecided, central }) => {
      return [
        name,
        String(n),
        String(wrong),
        String(ok),
        String(undecided),
        central === null ? "·" : String(n - central),
      ];
    }),
  ]);
  const all = [...outcomes.values()].flat();
  const compared = all.filter(({ central }) => central !== null);
  const total = [
    `**all ${all.length}**`,
    ...(["seeds", "wrong", "ok", "undecided"] as const).map((key) => String(sum(all, key))),
    `${sum(compared, "seeds") - sum(compared, "central")} of ${sum(compared, "seeds")}`,
  ];
  return markdown([head, ...rows, total]);
}

function sum(outcomes: readonly Outcome[], key: "seeds" | "ok" | "wrong" | "undecided" | "hinted" | "central"): number {
  return outcomes.reduce((total, outcome) => total + (outcome[key] ?? 0), 0);
}

function markdown([head, ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head!), line(head!.map((_, k) => (k === 0 ? "---" : "---:"))), ...rows.map(line)].join("\n");
}
