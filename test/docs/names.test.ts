import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { entries, root } from "./extract.ts";

// In the table that stands side by side with another library's, our column names nothing that there is not. (That beside PyTorch's is run: comingFromPytorch.test.ts.)

const modules = await Promise.all(
  Object.keys(entries)
    .filter((name) => !/vitest|jest/.test(name))
    .map((name) => import(/* @vite-ignore */ name) as Promise<Record<string, unknown>>),
);
const exported = new Map(modules.flatMap((module) => Object.entries(module)));
const methods = new Set(
  [...exported.values()]
    .filter((value): value is { prototype: object } => typeof value === "function" && Boolean(value.prototype))
    .flatMap(({ prototype }) => [prototype, Object.getPrototypeOf(prototype) ?? {}])
    .flatMap((prototype) => Object.getOwnPropertyNames(prototype)),
);

test("coming-from-tensorflowjs.md names what there is", () => {
  const text = readFileSync(join(root, "docs/guide/coming-from-tensorflowjs.md"), "utf8");
  const ours = [...text.matchAll(/^\|.*\|(.*)\|$/gm)].flatMap(([, cell]) =>
    [...cell!.matchAll(/`([^`]+)`/g)].map(([, code]) => code!),
  );
  expect(ours.length).toBeGreaterThan(30);
  for (const code of ours) {
    for (const [, method, name] of code.matchAll(/(?:\.([a-z]\w*)|\b([a-z]\w*))\(/gi)) {
      if (method !== undefined) expect(methods, `${method}() in ${code}`).toContain(method);
      else if (name !== "for" && name !== "of") expect(exported.has(name!), `${name} in ${code}`).toBe(true);
    }
  }
});
