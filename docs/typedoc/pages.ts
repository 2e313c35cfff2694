import {
  type Application,
  type Context,
  Converter,
  type DocumentReflection,
  PageEvent,
  Renderer,
  type RendererEvent,
} from "typedoc";
import { attentionPasses } from "../figures/attentionPasses.ts";
import { forwardAndBackward } from "../figures/forwardAndBackward.ts";
import { type Stills, stillStyle } from "../playground/stills.ts";
import { guides } from "./categories.ts";

/** The guides, each after the one that a reader who reads them all comes from: those in Chinese by themselves. */
const readingOrder = (["中文", null] as const).map((chinese) =>
  Object.entries(guides)
    .filter(([category]) => (category === "中文") === (chinese !== null))
    .flatMap(([, files]) => files.map(nameOf)),
);

/**
 * Gives the guides short addresses, names them in the navigation as their headings do, marks the language of those in
 * Chinese, leads from each to the one before and the next, and lets the header's links work from every folder.
 */
export function pages(app: Application, stills: Stills): void {
  let titles: ReadonlyMap<string, string> = new Map();
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }: Context) => {
    for (const document of project.documents ?? []) {
      document.name = document.name.replace(/^docs\/(guide\/)?/, "");
      document.frontmatter["file"] = document.name;
    }
  });
  app.renderer.on(Renderer.EVENT_BEGIN, ({ project }: RendererEvent) => {
    // Not before: addresses come of the names.
    for (const document of project.documents ?? []) document.name = titleOf(document);
    titles = new Map(
      (project.documents ?? []).map((document) => [document.frontmatter["file"] as string, document.name]),
    );
  });
  app.renderer.on(PageEvent.END, (page: PageEvent) => {
    const up = "../".repeat(page.url.split("/").length - 1);
    page.contents = page.contents!.replaceAll(/ href="(playground|digits)\//g, ` href="${up}$1/`);
    page.contents = page.contents.replaceAll(
      /<p>(<img src="[^"]*?([\w-]+?)(?:-\d+)?\.svg"[^>]*>)<\/p>/g,
      (_, image: string, name: string) => `<div class="figure" tabindex="0">${figureOf(name, page.url) ?? image}</div>`,
    );
    // The landing page stands above the others.
    if (page.url === "index.html")
      page.contents = page.contents.replaceAll(/href="..\/(playground|digits)\//g, 'href="$1/');
    page.contents = page.contents.replaceAll(
      /<p><a href="([^"]*)" title="([^"]*)" class="live">(.*?)<\/a><\/p>/g,
      (_, href: string, title: string, text: string) => live(stills, href, title, text),
    );
    if (page.contents.includes('<figure class="live'))
      page.contents = page.contents.replace("</head>", `${withStills(up)}</head>`);
    const [, name] = /^documents\/(.*)\.html$/.exec(page.url) ?? [];
    const neighbours = name === undefined ? "" : neighboursOf(name.replace("zh-CN_", "zh-CN/"), titles);
    page.contents = page.contents.replace(
      '</div></div>\n<div class="col-sidebar">',
      `</div>${neighbours}</div>\n<div class="col-sidebar">`,
    );
    if (page.url.includes("zh-CN")) page.contents = page.contents.replace(/(<html[^>]*) lang="en"/, '$1 lang="zh-CN"');
  });
}

/** The figures that stand within their pages: there they have the page's theme. */
const figures = { "forward-and-backward": forwardAndBackward, "attention-passes": attentionPasses } as const;

function figureOf(name: string, url: string): string | undefined {
  return figures[name as keyof typeof figures]?.(url.includes("zh-CN") ? "zh" : "en");
}

/**
 * The playground in a frame, in the state that a link leads to, with the link below it. It is loaded when it comes in sight. Where there are no scripts, and on paper, a still
 * of it stands there.
 */
function live(stills: Stills, href: string, title: string, text: string): string {
  const [, page, hash] = /(\w+)\/index\.html#?(.*)$/.exec(href)!;
  const still = stills.of(page!, hash!.replaceAll("&amp;", "&"));
  const source = `${href}${href.includes("#") ? "&amp;" : "#"}embed=1`;
  return `<figure class="live${href.includes("/figures/") ? " small" : ""}"><iframe src="${source}" title="${title}" loading="lazy"></iframe><div class="still">${still}</div><figcaption><a href="${href}">${text}</a></figcaption></figure>`;
}

/** What a page with live figures has in its head. */
function withStills(up: string): string {
  const instead = "figure.live iframe{display:none}figure.live .still{display:block}";
  return `<link rel="stylesheet" href="${up}assets/${stillStyle}"/><noscript><style>${instead}</style></noscript>`;
}

/** Links to the guide before, and to the next. */
function neighboursOf(name: string, titles: ReadonlyMap<string, string>): string {
  const order = readingOrder.find((names) => names.includes(name)) ?? [];
  const at = order.indexOf(name);
  const link = (rel: "prev" | "next", other: string | undefined): string => {
    if (at === -1 || other === undefined) return "<span></span>";
    const arrow = rel === "prev" ? ["← ", ""] : ["", " →"];
    return `<a rel="${rel}" href="${other.replace("/", "_")}.html">${arrow[0]}${titles.get(other) ?? other}${arrow[1]}</a>`;
  };
  const label = readingOrder[0]!.includes(name) ? "上一页、下一页" : "Previous and next";
  return `<nav class="neighbours" aria-label="${label}">${link("prev", order[at - 1])}${link("next", order[at + 1])}</nav>`;
}

/** `docs/guide/training-well.md` → `training-well`. */
function nameOf(file: string): string {
  return file.replace(/^docs\/(guide\/)?/, "").replace(/\.md$/, "");
}

/** A document's heading; the README, whose heading is the library's name, is the overview. */
function titleOf({ content, name }: DocumentReflection): string {
  if (name === "README") return "Overview";
  const text = content.map((part) => part.text).join("");
  return /^# (.*)$/m.exec(text)?.[1] ?? name;
}
