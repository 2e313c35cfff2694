import type { Labels, Language } from "../labels.ts";
import { Prose } from "./Prose.tsx";
import { steady } from "./steady.tsx";
import type { Theme, useTheme } from "./theme.ts";

interface Props {
  readonly labels: Labels;
  readonly language: Language;
  setLanguage(language: Language): void;
  readonly theme: ReturnType<typeof useTheme>;
  /** The other playground. */
  readonly other: { readonly page: string; readonly name: string };
}

/** Title, what the page is about, and what it can be seen as. */
export const Header = steady(({ labels, language, setLanguage, theme, other }: Props) => {
  const otherLanguage = language === "en" ? "zh" : "en";
  const lesson = `${language === "zh" ? "zh-CN_" : ""}forward-pass-and-residuals`;
  return (
    <header>
      <nav>
        <a href="../index.html">tinygrad-ts</a>
        <a href={`../documents/${lesson}.html`}>{labels.toLesson}</a>
        <a href={`${other.page}${language === "zh" ? "#lang=zh" : ""}`}>{other.name}</a>
        <span class="choices">
          <label>
            {labels.theme}{" "}
            <select value={theme.theme} onChange={(event) => theme.setTheme(event.currentTarget.value as Theme)}>
              {Object.entries(labels.themes).map(([value, name]) => (
                <option key={value} value={value}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          <button
            type="button"
            lang={otherLanguage === "zh" ? "zh-CN" : "en"}
            onClick={() => setLanguage(otherLanguage)}
          >
            {labels.otherLanguage}
          </button>
        </span>
      </nav>
      <h1>{labels.title}</h1>
      <p class="lead">
        <Prose text={labels.lead} />
      </p>
    </header>
  );
});
