import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { placesOf } from "../../docs/figures/placesOf.ts";
import { root } from "./extract.ts";

// In the guides' figures, no text lies on another.

interface Written {
  readonly text: string;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The texts of a figure that ECharts drew, but for turned ones, with boxes that are a little smaller than a browser's. */
function textsOf(svg: string): Written[] {
  return Array.from(svg.matchAll(/<text ([^>]*)>([^<]*)<\/text>/g)).flatMap(([, attributes, text]) => {
    if (attributes!.includes("matrix(")) return [];
    const number = (pattern: RegExp): number => Number(pattern.exec(attributes!)?.[1] ?? 0);
    const [, right = "0", down = "0"] = /translate\(([-\d.]+)[ ,]([-\d.]+)\)/.exec(attributes!) ?? [];
    const size = number(/font-size:(\d+)px/);
    const width = 0.5 * size * text!.length;
    const anchor = /text-anchor="(\w+)"/.exec(attributes!)?.[1];
    const left =
      Number(right) + number(/ x="([-\d.]+)"/) - (anchor === "middle" ? width / 2 : anchor === "end" ? width : 0);
    const middle = Number(down) + number(/ y="([-\d.]+)"/);
    return [{ text: text!, left, right: left + width, top: middle - 0.4 * size, bottom: middle + 0.4 * size }];
  });
}

const folder = join(root, "docs/guide");
const figures = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".svg"));

test.each(figures)("%s: no text lies on another, or leaves the picture", (file) => {
  const svg = readFileSync(join(folder, file), "utf8");
  const all = textsOf(svg);
  const on = all.flatMap((a, i) =>
    all
      .slice(i + 1)
      .filter((b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
      .map((b) => `${a.text} on ${b.text}`),
  );
  expect(on).toEqual([]);
  const width = Number(/viewBox="0 0 ([\d.]+)/.exec(svg)?.[1]);
  expect(all.filter(({ left, right }) => left < 0 || right > width).map(({ text }) => text)).toEqual([]);
});

test("a name stands on the right, else on the side that is free", () => {
  const options = { radius: 4, height: 11, avoided: [] };
  const sidesOf = (dots: Parameters<typeof placesOf>[0]) =>
    placesOf(dots, options).map(({ position }) => position.join());
  expect(sidesOf([{ x: 50, y: 50, width: 30 }])).toEqual(["100%,50%"]);
  // The second dot lies where the first one's name would be.
  expect(sidesOf([{ x: 50, y: 50, width: 30 }, { x: 65, y: 50, width: 30 }])).toEqual(["0%,50%", "100%,50%"]); // biome-ignore format: two dots
  const [place] = placesOf([{ x: 50, y: 50, width: 30 }], { ...options, avoided: [{ x: 70, y: 50 }] });
  expect(place).toMatchObject({ position: ["0%", "50%"], align: "right", verticalAlign: "middle" });
});
