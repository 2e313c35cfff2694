import { useEffect, useMemo, useState } from "preact/hooks";

/** What the reader chose; the reference's pages know the same word, under the same name. */
export type Theme = "os" | "light" | "dark";
const key = "tsd-theme";

/** The theme, a way to change it, and whether it is dark at present. */
export function useTheme(): { readonly theme: Theme; readonly isDark: boolean; setTheme(theme: Theme): void } {
  const [theme, choose] = useState<Theme>(() => {
    const stored = localStorage.getItem(key);
    return stored === "light" || stored === "dark" ? stored : "os";
  });
  const [systemIsDark, setSystem] = useState(() => matchMedia("(prefers-color-scheme: dark)").matches);
  useEffect(() => {
    const query = matchMedia("(prefers-color-scheme: dark)");
    const listen = (): void => setSystem(query.matches);
    query.addEventListener("change", listen);
    return () => query.removeEventListener("change", listen);
  }, []);
  const isDark = theme === "dark" || (theme === "os" && systemIsDark);
  document.documentElement.dataset["theme"] = isDark ? "dark" : "light";
  const setTheme = (chosen: Theme): void => {
    localStorage.setItem(key, chosen);
    choose(chosen);
  };
  return useMemo(() => ({ theme, isDark, setTheme }), [theme, isDark]);
}
