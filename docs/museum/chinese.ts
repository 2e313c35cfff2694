import { readFileSync } from "node:fs";

/** What the Chinese page says of an exhibit. */
export interface Told {
  readonly title: string;
  readonly story: string;
}

/** What `chinese.md` says, by the exhibits' names, which stand in parentheses behind the titles. */
export const chinese: ReadonlyMap<string, Told> = new Map(
  readFileSync(new URL("chinese.md", import.meta.url), "utf8")
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const [, title, name, story] = /^(.*) \((\w+)\)\n([\s\S]*)$/.exec(section)!;
      return [name!, { title: title!, story: story!.trim() }] as const;
    }),
);
