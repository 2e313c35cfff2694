import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import {
  bundledLanguages,
  bundledThemes,
  codeToTokensWithThemes,
  createOnigurumaEngine,
  createShikiInternal,
  loadBuiltinWasm,
} from "@gerrit0/mini-shiki";
import { type Application, type Context, Converter, DeclarationReflection, SignatureReflection } from "typedoc";

// The reference links to the sources within the site, so that it needs neither network nor a repository on it.

/** Keeps links to our own sources, and no others. */
export function sources(app: Application, root: string): void {
  app.converter.on(
    Converter.EVENT_RESOLVE_BEGIN,
    ({ project }: Context) => {
      for (const reflection of Object.values(project.reflections)) {
        if (!(reflection instanceof DeclarationReflection || reflection instanceof SignatureReflection)) continue;
        const own = reflection.sources?.filter(({ fullFileName }) => relative(root, fullFileName).startsWith("src/"));
        if (own === undefined || own.length === 0) delete reflection.sources;
        else reflection.sources = own;
      }
    },
    -100,
  );
}

/** Writes a page for each source file, `source/src/….ts.html` with an anchor for each line. */
export async function writeSources(root: string, site: string): Promise<void> {
  await loadBuiltinWasm();
  const themes = { light: "light-plus", dark: "dark-plus" } as const;
  const shiki = await createShikiInternal({
    engine: await createOnigurumaEngine(),
    langs: [bundledLanguages.ts],
    themes: Object.values(themes).map((name) => bundledThemes[name]),
  });
  const colours = new Map<string, string>();
  const classOf = (light: string, dark: string): string => {
    const pair = `color: light-dark(${light}, ${dark})`;
    if (!colours.has(pair)) colours.set(pair, `k${colours.size}`);
    return colours.get(pair)!;
  };
  for (const file of readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".ts")) continue;
    const path = `src/${file.replaceAll("\\", "/")}`;
    const lines = codeToTokensWithThemes(shiki, readFileSync(join(root, path), "utf8").trimEnd(), {
      lang: "ts",
      themes,
    });
    const code = lines.map((tokens, i) => {
      const line = tokens.map(({ content, variants }) =>
        content.trim() === ""
          ? content
          : `<span class="${classOf(variants["light"]!.color!, variants["dark"]!.color!)}">${escapeHtml(content)}</span>`,
      );
      return `<a id="L${i + 1}" href="#L${i + 1}">${i + 1}</a>${line.join("")}`;
    });
    const target = join(site, "source", `${path}.html`);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, page(path, code.join("\n")));
  }
  const rules = [...colours].map(([colour, name]) => `.${name} { ${colour} }`);
  writeFileSync(join(site, "source/source.css"), `${style}${rules.join("\n")}\n`);
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function page(path: string, code: string): string {
  const up = "../".repeat(path.split("/").length);
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${path} | tinygrad-ts</title>
<link rel="icon" href="${up}assets/favicon.svg">
<link rel="stylesheet" href="${up}source/source.css">
<script>
try { document.documentElement.dataset.theme = localStorage.getItem("tsd-theme") ?? "os"; } catch { /* a page without storage */ }
</script>
</head>
<body>
<header><a href="${up}index.html">tinygrad-ts</a> <h1>${path}</h1></header>
<main><pre tabindex="0" aria-label="${path}">
${code}
</pre></main>
</body>
</html>
`;
}

const style = `:root { color-scheme: light dark; background: light-dark(#fff, #1e1e1e); color: light-dark(#1f1f1f, #d4d4d4); font-family: system-ui, sans-serif }
:root[data-theme="light"] { color-scheme: light }
:root[data-theme="dark"] { color-scheme: dark }
body { margin: 0 }
header { display: flex; gap: 1rem; align-items: baseline; padding: 0.75rem 1rem; border-bottom: 1px solid light-dark(#ccc, #444) }
header a { color: light-dark(#0757ba, #79b8ff) }
h1 { font-size: 1rem; margin: 0; overflow-wrap: anywhere }
pre { margin: 0; padding: 1rem; overflow-x: auto; font: 0.8125rem / 1.5 ui-monospace, Menlo, Consolas, monospace; tab-size: 2 }
pre a { display: inline-block; width: 4ch; margin-right: 2ch; text-align: right; text-decoration: none; color: light-dark(#6b6b6b, #9a9a9a); user-select: none; scroll-margin-top: 4rem }
pre a:target { background: light-dark(#ffe08a, #6b5300); color: inherit; font-weight: bold }
`;
