import { readFileSync, writeFileSync } from "node:fs";
import { type Application, PageEvent } from "typedoc";

// What keeps somebody out of TypeDoc's pages, and is mended here: no landmarks around what a page is about and around its contents, two navigations without names, links within the
// heads of sections that fold, which are buttons already, landmarks within landmarks, printed tables that no key scrolls, and headings that are two levels below the one that they stand under.

/** Mends the pages. */
export function access(app: Application): void {
  app.renderer.on(PageEvent.END, (page: PageEvent) => {
    page.contents = accessible(page.contents!, page.url.includes("zh-CN"));
  });
}

/** A page with landmarks around all of it, with names for its navigations, without links in heads that fold, and with headings of which each is one level below another. */
export function accessible(html: string, isChinese: boolean): string {
  const [links, contents] = isChinese ? ["演练场", "本页目录"] : ["Playgrounds", "On this page"];
  const mended = html
    .replace('<div class="col-content">', '<div class="col-content" role="main">')
    .replace('<div class="page-menu">', `<div class="page-menu" role="complementary" aria-label="${contents}">`)
    .replace('<nav id="tsd-sidebar-links"', `<nav id="tsd-sidebar-links" aria-label="${links}"`)
    .replaceAll(/<aside class="tsd-sources">([\s\S]*?)<\/aside>/g, '<div class="tsd-sources">$1</div>')
    .replaceAll('<pre><code class="text">', '<pre tabindex="0"><code class="text">')
    .replaceAll(/<summary[\s\S]*?<\/summary>/g, (head) =>
      head.replaceAll(/<a [^>]*class="tsd-anchor-icon"[\s\S]*?<\/a>/g, ""),
    );
  return isChinese ? inChinese(withLevels(mended)) : withLevels(mended);
}

/** Says the level of a heading where its tag says another: an h4 right under an h1 is of level 2. The look stays. */
function withLevels(html: string): string {
  const above: { tag: number; level: number }[] = [];
  return html.replaceAll(/<h([1-6])(?=[ >])/g, (start, digit: string) => {
    const tag = Number(digit);
    while (above.length > 0 && above.at(-1)!.tag >= tag) above.pop();
    const level = (above.at(-1)?.level ?? 0) + 1;
    above.push({ tag, level });
    return level === tag ? start : `${start} aria-level="${level}"`;
  });
}

/** What TypeDoc writes around a guide. */
const chinese = {
  Settings: "设置",
  "On This Page": "本页目录",
  "Member Visibility": "显示的成员",
  Protected: "受保护的",
  Inherited: "继承的",
  External: "外部的",
  Theme: "配色",
  OS: "跟随系统",
  Light: "浅色",
  Dark: "深色",
} as const;

const playgrounds = { Playground: "演练场", Digits: "手写数字" } as const;

/** A page whose menu is in Chinese as its text is, and whose links at the top lead to playgrounds in Chinese. */
function inChinese(html: string): string {
  const links = html.replaceAll(
    /(<a href="[^"]*\/(?:playground|digits)\/index\.html)("[^>]*>)(Playground|Digits)</g,
    (_, start: string, end: string, name: keyof typeof playgrounds) => `${start}#lang=zh${end}${playgrounds[name]}<`,
  );
  const at = links.indexOf('<div class="page-menu"');
  const words = new RegExp(`>(${Object.keys(chinese).join("|")})<`, "g");
  return (
    links.slice(0, at) + links.slice(at).replaceAll(words, (_, word: keyof typeof chinese) => `>${chinese[word]}<`)
  );
}

/** Mends the script that writes the navigation: the page of an entry that folds is the first one in it, and no link in its head. */
export function mendNavigation(site: string): void {
  const file = `${site}assets/main.js`;
  const code = readFileSync(file, "utf8");
  const pattern =
    /\b(\w+)\((\w+),(\w+)\);(let (\w+)=\w+\.appendChild\(document\.createElement\("div"\)\);\5\.className="tsd-accordion-details";let (\w+)=\5\.appendChild\(document\.createElement\("ul"\)\);\6\.className="tsd-nested-navigation";)/;
  if (!pattern.test(code)) throw new Error(`${file}: the navigation is not the one that this mends`);
  writeFileSync(
    file,
    code.replace(
      pattern,
      (_, link: string, entry: string, head: string, list: string, __, inside: string) =>
        `${link}({...${entry},path:void 0},${head});${list}${entry}.path&&${link}({...${entry},text:"Overview"},${inside}.appendChild(document.createElement("li")),${entry}.class);`,
    ),
  );
}
