import { useEffect, useMemo, useState } from "preact/hooks";
import { type Language, labelsOf } from "../labels.ts";
import { type Address, formatAddress } from "../model/address.ts";
import { changed, type Settings } from "../model/settings.ts";
import { knownAt, stagesOf } from "../model/walk.ts";
import { BoundaryView } from "./BoundaryView.tsx";
import { Curves } from "./Curves.tsx";
import { GraphView } from "./GraphView.tsx";
import { Header } from "./Header.tsx";
import { NetworkView } from "./NetworkView.tsx";
import { NeuronTable } from "./NeuronTable.tsx";
import { PointChooser } from "./PointChooser.tsx";
import { SettingsPanel } from "./SettingsPanel.tsx";
import { Status } from "./Status.tsx";
import { Transport } from "./Transport.tsx";
import { useTheme } from "./theme.ts";
import { type Speed, useTraining } from "./training.ts";
import { WalkView } from "./WalkView.tsx";

/** The page. Its state is in the address, so that a link leads to what is seen. */
export function App({ opened, refused }: { readonly opened: Address; readonly refused: readonly string[] }) {
  const [settings, setSettings] = useState(opened.settings);
  const [point, setPoint] = useState(opened.point);
  const [walk, setWalk] = useState(opened.walk);
  const [speed, setSpeed] = useState<Speed>(null);
  const [graph, setGraph] = useState(false);
  const [chosenLanguage, setLanguage] = useState<Language | null>(opened.language);
  const language = chosenLanguage ?? (navigator.language.startsWith("zh") ? "zh" : "en");
  const labels = labelsOf[language];
  const theme = useTheme();
  const training = useTraining(settings, opened.step, point, graph);
  const { frame } = training;
  const isRunning = frame?.isRunning ?? false;

  const sizes = useMemo(() => [...settings.layers, 1], [settings.layers]);
  const stages = useMemo(() => stagesOf(sizes), [sizes]);
  const at = walk === null ? null : Math.min(walk, stages.length - 1);

  useEffect(() => {
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    document.title = `${labels.title} · tinygrad-ts`;
  }, [language]);
  const step = frame?.step ?? opened.step;
  useEffect(() => {
    // While it runs the step changes all the time: the address says where it rests.
    if (isRunning || frame === null) return;
    const hash = formatAddress({ settings, step, point, walk: at, language: chosenLanguage });
    history.replaceState(null, "", hash === "" ? location.pathname + location.search : `#${hash}`);
  }, [settings, step, point, at, chosenLanguage, isRunning]);

  const change = (part: Partial<Settings>): void => {
    setSettings(changed(settings, part));
    if (part.layers !== undefined) setWalk(null);
  };

  return (
    <div class="page">
      <Header labels={labels} language={language} setLanguage={setLanguage} theme={theme} />
      <main>
        {refused.length > 0 && <p class="notice">{labels.refused(refused.join(", "))}</p>}
        {training.failure !== null && (
          <p class="notice" role="alert">
            {labels.workerFailed(training.failure)}
          </p>
        )}
        {frame?.hasDiverged && (
          <p class="notice" role="alert">
            {labels.diverged}
          </p>
        )}
        <div class="panels">
          <div class="column">
            <Transport labels={labels} training={training} speed={speed} setSpeed={setSpeed} />
            <SettingsPanel labels={labels} settings={settings} change={change} />
          </div>
          <div class="column wide">
            <NetworkView
              labels={labels}
              settings={settings}
              observation={frame?.observation ?? null}
              stage={at === null ? null : stages[at]!}
              known={at === null ? null : knownAt(stages, at, sizes)}
            />
            <WalkView
              labels={labels}
              settings={settings}
              observation={frame?.observation ?? null}
              stages={stages}
              at={at}
              setAt={setWalk}
            />
          </div>
          <div class="column">
            <Status labels={labels} settings={settings} frame={frame} target={opened.step} />
            <BoundaryView
              labels={labels}
              settings={settings}
              frame={frame}
              points={training.points}
              isDark={theme.isDark}
              choose={setPoint}
            />
            <PointChooser labels={labels} point={point} setPoint={setPoint} frame={frame} />
          </div>
        </div>
        <Curves labels={labels} history={training.history} steps={step} sizes={sizes} isDark={theme.isDark} />
        <GraphView labels={labels} graph={frame?.graph ?? null} isOpen={graph} setOpen={setGraph} />
        <NeuronTable labels={labels} observation={frame?.observation ?? null} />
      </main>
    </div>
  );
}
