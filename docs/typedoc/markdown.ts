import katex from "@vscode/markdown-it-katex";

/** What is used here of a token of markdown-it, the parser that TypeDoc works with. */
interface Token {
  readonly content: string;
  readonly children: readonly Token[] | null;
  attrGet(name: string): string | null;
  attrSet(name: string, value: string): void;
}

type RenderRule = (tokens: readonly Token[], index: number) => string;

/** What is used here of markdown-it. */
interface Parser {
  readonly core: { readonly ruler: { push(name: string, rule: (state: { tokens: readonly Token[] }) => void): void } };
  readonly renderer: { readonly rules: { [token: string]: RenderRule | undefined } };
  use(plugin: unknown, options?: object): Parser;
}

/** What Markdown can do beyond the usual. */
export function markdown(parser: Parser): void {
  // $…$ and $$…$$ become MathML, which needs neither style sheets nor fonts.
  parser.use(katexPlugin(), { output: "mathml", throwOnError: true });
  parser.use(formulas);
  parser.use(playgroundLinks);
  parser.use(scrollable);
}

/** In a CommonJS build the plugin is the module's property `default`. */
function katexPlugin(): unknown {
  return "default" in katex ? katex.default : katex;
}

/**
 * In guides, `playground:layers=2&walk=0` leads to the playground in that state. `[text](playground:layers=2 "live")`, alone in a paragraph, shows it there: where there are no scripts, and on
 * paper, the link stays. `digits:step=600` leads to the playground for images, and `figure:neuron` to a small figure.
 */
function playgroundLinks(parser: Parser): void {
  parser.core.ruler.push("playground", ({ tokens }) => {
    for (const { children } of tokens) {
      for (const [i, token] of (children ?? []).entries()) {
        const address = (token.attrGet("href") ?? "").replace(/^figure:/, "figures:show=");
        const [, page, state] = /^(playground|digits|figures):(.*)$/.exec(address) ?? [];
        if (state === undefined) continue;
        token.attrSet("href", `../${page}/index.html${state === "" ? "" : `#${state}`}`);
        if (token.attrGet("title") === "live") {
          token.attrSet("class", "live");
          token.attrSet("title", children![i + 1]!.content);
        }
      }
    }
  });
}

/**
 * Formulas that stand side by side, with `\qquad` between them, stand below each other where there is no room. A long one in a text may break before `=`. A formula that is too wide scrolls in a box of its own, which the keyboard can
 * reach.
 */
function formulas({ renderer: { rules } }: Parser): void {
  const [inline, block] = [rules["math_inline"]!, rules["math_block"]!];
  rules["math_inline"] = (tokens, index) =>
    atEquals(tokens[index]!.content)
      .map((part) => spaced(inline([{ ...tokens[index]!, content: part }], 0)))
      .join("<wbr>");
  rules["math_block"] = (tokens, index) => {
    const { content } = tokens[index]!;
    const parts = content.includes("\\begin") ? [content] : content.split("\\qquad");
    const drawn = parts.map((part) => spaced(block([{ ...tokens[index]!, content: part }], 0)));
    const formulas = drawn.map((html) => html.trim().replace(/^<p class="katex-block">|<\/p>$/g, ""));
    return `<p class="katex-block" tabindex="0">${formulas.join(" ")}</p>\n`;
  };
}

/** A long formula in a line of text, cut before each `=` that is in no braces, where TeX would break it too, and browsers do not. */
export function atEquals(formula: string): string[] {
  if (formula.length < 36 || /\\left|\\begin/.test(formula)) return [formula];
  const isOpen = (part: string): boolean => part.split("{").length !== part.split("}").length;
  const parts: string[] = [];
  for (const next of formula.split(/(?<= )(?== )/)) {
    if (parts.length > 0 && isOpen(parts.at(-1)!)) parts.push(parts.pop()! + next);
    else parts.push(next);
  }
  return parts;
}

/** Space that TeX sets and browsers do not: after the name of a function, and none after a sign. */
export function spaced(mathml: string): string {
  return mathml
    .replaceAll(/<mo>\u2061<\/mo>(?!<mo stretchy="false">[([])/g, '$&<mspace width="0.1667em"></mspace>')
    .replaceAll(/(<mo[^>]*>(?:[=≈≤≥⋅·,([]|&lt;|&gt;)<\/mo>)<mo>−<\/mo>/g, '$1<mo form="prefix">−</mo>');
}

/** A column without a name has no heading, but an empty cell. A table that is too wide scrolls in a box of its own, which the keyboard can reach. */
function scrollable({ renderer: { rules } }: Parser): void {
  rules["table_open"] = () => '<div class="table" tabindex="0"><table>\n';
  rules["table_close"] = () => "</table></div>\n";
  const isNamed = (tokens: readonly Token[], index: number): boolean => tokens[index]!.content !== "";
  rules["th_open"] = (tokens, index) => (isNamed(tokens, index + 1) ? "<th>" : "<td>");
  rules["th_close"] = (tokens, index) => (isNamed(tokens, index - 1) ? "</th>\n" : "</td>\n");
}
