/** What to do where ranks have come for different things, if that says why. */
export function adviceFor(all: readonly string[]): string {
  const areAll = (start: RegExp): boolean => all.every((text) => start.test(text));
  const batches = new Set(all.map((text) => text.split(" samples")[0]));
  if (areAll(/^(a step|an evaluation) on /) && batches.size === 1) {
    return "a step must use the same parameters on all ranks, whatever its samples are: compute all branches, and choose between their results by where; or write reproducible: 8, which adds up by parameter";
  }
  if (areAll(/^(a step|an evaluation|after step|the end of fit)\b/)) {
    return "pass the same data on all ranks, as many batches of as many samples: each takes its rows of every batch by itself";
  }
  if (areAll(/^compile\b/)) {
    return "pass as many samples on each rank, and call as many functions; what cannot be divided evenly can be left out, or trained on by fit, which weighs shares";
  }
  return "";
}
