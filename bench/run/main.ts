// A process that measures one library, on orders: a line of JSON each way. The arguments are the library's module and a mode for it; and
// for a cold start, a spec: then it times the way from here to the first result, and ends.
import type { Spec } from "../spec.ts";
import type { Library, Task } from "./task.ts";

const begun = performance.now();
const [module, mode, coldSpec] = process.argv.slice(2) as [string, string, string?];
const say = (message: object): void => void process.stdout.write(`${JSON.stringify(message)}\n`);
console.log = console.error; // what libraries print must not get in between
console.info = console.error;

const { load } = (await import(module)) as { load: (mode: string) => Library | Promise<Library> };
const library = await load(mode);

if (coldSpec !== undefined) {
  await library.task(JSON.parse(coldSpec) as Spec).run();
  say({ ms: performance.now() - begun });
  process.exit(0);
}

const { createInterface } = await import("node:readline");
const { serve } = await import("./serve.ts");
const tasks = new Map<string, Task>();
say({ version: library.version, runtime: `Node ${process.versions.node}`, departs: library.departs });
for await (const line of createInterface({ input: process.stdin })) {
  try {
    say(await serve(JSON.parse(line), library, tasks));
  } catch (error) {
    say({ error: String(error).split("\n")[0] });
  }
}
