import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";
import { common } from "./build.ts";
import type { Language } from "./labels.ts";

/** The file under `assets` with the looks of stills. */
export const stillStyle = "still.css";

/** Draws what stands for a live figure where there are no scripts, and on paper. */
export interface Stills {
  /** @param page - `figures` or `playground`. @param hash - the address's part behind `#`. */
  of(page: string, hash: string): string;
  /** The style sheet. */
  readonly style: string;
}

/** What `still/index.tsx` exports. */
interface Drawing {
  stillOfFigure(name: string, language: Language): string;
  stillOfPlayground(hash: string, language: Language): string;
}

const here = fileURLToPath(new URL(".", import.meta.url));

/** The figures' own components, built to be drawn once. */
export async function makeStills(): Promise<Stills> {
  const alias = { ...common.alias, "preact/hooks": `${here}still/hooks.ts` };
  const [{ outputFiles }, style] = await Promise.all([
    build({ ...common, alias, format: "esm", entryPoints: [`${here}still/index.tsx`], write: false }),
    styleOf(),
  ]);
  const { stillOfFigure, stillOfPlayground } = (await import(
    `data:text/javascript;base64,${Buffer.from(outputFiles[0]!.contents).toString("base64")}`
  )) as Drawing;
  const of = (page: string, hash: string): string => {
    const given = new URLSearchParams(hash);
    const language: Language = given.get("lang") === "zh" ? "zh" : "en";
    return page === "figures" ? stillOfFigure(given.get("show") ?? "", language) : stillOfPlayground(hash, language);
  };
  return { of, style };
}

/** The figures' style sheet, for stills alone: light, as paper is, and without motion. */
async function styleOf(): Promise<string> {
  const { outputFiles } = await build({ ...common, entryPoints: [`${here}figures/figures.css`], write: false });
  const rules = outputFiles[0]!.text
    .replaceAll(/@keyframes[^{]*\{(?:[^{}]*\{[^{}]*\})*\}/g, "")
    .replace(":root{", "&{")
    .replaceAll(/[^{}]*:root\[[^{}]*\{[^{}]*\}/g, "");
  const { code } = await transform(`.still{${rules}}`, {
    loader: "css",
    target: ["chrome100", "safari15"],
    minify: true,
  });
  return code;
}
