import type { Contestant } from "../libraries.ts";
import type { Outcome } from "../results.ts";
import type { Spec } from "../spec.ts";
import { start } from "./child.ts";

/** From the start of a program to its first result, in a fresh process each time; in milliseconds. */
export async function coldStart(contestant: Contestant, spec: Spec, runs: number): Promise<Outcome> {
  const us: number[] = [];
  try {
    for (let i = 0; i < runs; i++) us.push(await once(contestant, spec));
  } catch (error) {
    return { failed: (error as Error).message };
  }
  return { us };
}

function once(contestant: Contestant, spec: Spec): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = start(contestant, [JSON.stringify(spec)]);
    let output = "";
    child.stdout!.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    child.stderr!.resume();
    child.on("error", reject);
    child.on("close", (code) => {
      const ms = /^\{"ms": ?([\d.]+)\}$/m.exec(output)?.[1];
      if (ms === undefined) reject(new Error(`the process ended with ${code} and without a result`));
      else resolve(Number(ms));
    });
  });
}
