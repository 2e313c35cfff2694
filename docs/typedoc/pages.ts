import {
  type Application,
  type Context,
  Converter,
  type DocumentReflection,
  PageEvent,
  Renderer,
  type RendererEvent,
} from "typedoc";

/**
 * Gives the guides short addresses, names them in the navigation as their headings do, marks the language of those in
 * Chinese, and lets the header's links work from every folder.
 */
export function pages(app: Application): void {
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }: Context) => {
    for (const document of project.documents ?? []) document.name = document.name.replace(/^docs\/(guide\/)?/, "");
  });
  app.renderer.on(Renderer.EVENT_BEGIN, ({ project }: RendererEvent) => {
    // Not before: addresses come of the names.
    for (const document of project.documents ?? []) document.name = heading(document) ?? document.name;
  });
  app.renderer.on(PageEvent.END, (page: PageEvent) => {
    const up = "../".repeat(page.url.split("/").length - 1);
    page.contents = page.contents!.replaceAll(' href="playground/', ` href="${up}playground/`);
    if (page.url.includes("zh-CN")) page.contents = page.contents.replace(/(<html[^>]*) lang="en"/, '$1 lang="zh-CN"');
  });
}

function heading({ content }: DocumentReflection): string | undefined {
  const text = content.map(({ text }) => text).join("");
  return /^# (.*)$/m.exec(text)?.[1];
}
