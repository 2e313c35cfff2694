import { useEffect, useMemo, useState } from "preact/hooks";
import { type Language, labelsOf } from "../labels.ts";
import { type Address, type At, formatAddress } from "../model/address.ts";
import { changed, countOf, firstStart, type Settings, type Start } from "../model/settings.ts";
import { knownAt, stagesOf } from "../model/walk.ts";
import { BoundaryView } from "./BoundaryView.tsx";
import { Curves } from "./Curves.tsx";
import { GraphView } from "./GraphView.tsx";
import { Header } from "./Header.tsx";
import { LayerBars } from "./LayerBars.tsx";
import { LookedAt } from "./LookedAt.tsx";
import { NetworkView, nameOfNeuron } from "./NetworkView.tsx";
import { NeuronTable } from "./NeuronTable.tsx";
import { Notices } from "./Notices.tsx";
import { inFour, inShort, NumbersContext } from "./numbers.ts";
import { PointChooser } from "./PointChooser.tsx";
import { useRarely } from "./rarely.ts";
import { LiveSettings, SettingsPanel } from "./SettingsPanel.tsx";
import { Status } from "./Status.tsx";
import { Transport } from "./Transport.tsx";
import { useTheme } from "./theme.ts";
import { useTraining } from "./training.ts";
import { WalkView } from "./WalkView.tsx";
import { weightsOf } from "./WeightFields.tsx";

/** Least milliseconds, while it trains, between two drawings of numbers, which nobody could read faster, and of curves, which change least. Maps change with each frame. */
const between = { numbers: 100, curves: 150 } as const;

/** The page. Its state is in the address, so that a link leads to what is seen. */
export function App({ opened, refused }: { readonly opened: Address; readonly refused: readonly string[] }) {
  const [settings, setSettings] = useState(opened.settings);
  const [point, setPoint] = useState(opened.point);
  const [walk, setWalk] = useState(opened.walk);
  const [speed, setSpeed] = useState(opened.speed);
  const [node, chooseNode] = useState(opened.graph);
  const [neuron, setNeuron] = useState(opened.neuron);
  const [hovered, hover] = useState<At | null>(null);
  const [chosenLanguage, setLanguage] = useState<Language | null>(opened.language);
  const language = chosenLanguage ?? (navigator.language.startsWith("zh") ? "zh" : "en");
  const labels = labelsOf[language];
  const theme = useTheme();
  const other = useMemo(() => ({ page: "../digits/index.html", name: labels.digits }), [labels]);
  const training = useTraining(settings, opened.step, { point, graph: node !== null, neuron: hovered });
  const { frame } = training;
  const isRunning = frame?.isRunning ?? false;
  const numbers = useRarely(frame, isRunning ? between.numbers : 0);
  const observation = numbers?.observation ?? null;

  const sizes = useMemo(() => [...settings.layers, 1], [settings.layers]);
  const stages = useMemo(() => stagesOf(sizes), [sizes]);
  const at = walk === null ? null : Math.min(walk, stages.length - 1);
  const looked = useMemo(() => neuron ?? { column: sizes.length, row: 0 }, [neuron, sizes]);
  const names = useMemo(
    () => sizes.map((_, i) => (i === sizes.length - 1 ? labels.outputNeuron : labels.hiddenLayer(i + 1))),
    [sizes, labels],
  );
  const nameOf = (place: At): string => nameOfNeuron(labels, settings, place);

  useEffect(() => {
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    document.title = `${labels.title} · tinygrad-ts`;
  }, [language]);
  const step = frame?.step ?? opened.step;
  const curvesAt = useRarely(step, isRunning ? between.curves : 0);
  useEffect(() => {
    // While it runs the step changes all the time: the address says where it rests.
    if (isRunning || frame === null) return;
    const { embed } = opened;
    const graph = node;
    const hash = formatAddress({
      settings,
      step,
      point,
      walk: at,
      neuron,
      graph,
      speed,
      language: chosenLanguage,
      embed,
    });
    history.replaceState(null, "", hash === "" ? location.pathname + location.search : `#${hash}`);
  }, [settings, step, point, at, neuron, node, speed, chosenLanguage, isRunning]);

  const begin = (part: Partial<Settings>): void => {
    const next = changed(settings, part);
    setSettings(next);
    if (part.layers !== undefined) [setWalk, setNeuron].forEach((clear) => clear(null));
    if (point >= countOf(next.data)) setPoint(0);
  };
  /** The weights that are shown, as a beginning. */
  const here = (weights: readonly number[] = weightsOf(frame!.observation.layers)): Start => ({
    step: frame!.step,
    weights,
  });
  const changeLive = (part: Partial<Settings>): void => {
    const isUntrained = frame === null || frame.hasDiverged || frame.step === (settings.start?.step ?? 0);
    setSettings(changed(settings, isUntrained ? part : { ...part, start: here() }));
  };
  const startOver = (): void => {
    if ((settings.start?.step ?? 0) > 0) setSettings({ ...settings, start: firstStart(settings) });
    else training.reset();
  };

  return (
    <NumbersContext.Provider value={settings.data === "lesson" ? inFour : inShort}>
      <div class={opened.embed ? "page embed" : "page"}>
        <Header labels={labels} language={language} setLanguage={setLanguage} theme={theme} other={other} />
        <main>
          <Notices labels={labels} refused={refused} failure={training.failure} frame={frame} />
          <Transport labels={labels} training={training} speed={speed} setSpeed={setSpeed} startOver={startOver} />
          <LiveSettings labels={labels} settings={settings} change={changeLive} />
          <div class="panels">
            <div class="column wide">
              <NetworkView
                labels={labels}
                settings={settings}
                numbers={numbers}
                maps={frame?.maps ?? null}
                stage={at === null ? null : stages[at]!}
                known={at === null ? null : knownAt(stages, at, sizes)}
                looked={looked}
                isDark={theme.isDark}
                look={setNeuron}
                hover={hover}
              >
                {at === null && observation !== null && (
                  <LookedAt
                    labels={labels}
                    settings={settings}
                    observation={observation}
                    looked={looked}
                    name={nameOf(looked)}
                    canChange={!isRunning}
                    change={(weights) => setSettings(changed(settings, { start: here(weights) }))}
                  />
                )}
              </NetworkView>
              <WalkView
                labels={labels}
                settings={settings}
                observation={observation}
                stages={stages}
                at={at}
                looked={looked}
                setAt={setWalk}
              />
              {numbers !== null && numbers.survey.length === sizes.length && (
                <LayerBars labels={labels} names={names} survey={numbers.survey} />
              )}
            </div>
            <SettingsPanel labels={labels} settings={settings} change={begin} />
            <div class="column side">
              <Status labels={labels} settings={settings} frame={frame} target={opened.step} />
              <BoundaryView
                labels={labels}
                settings={settings}
                frame={frame}
                points={training.points}
                isDark={theme.isDark}
                neuron={
                  hovered === null || hovered.column === 0 || hovered.column > sizes.length ? null : nameOf(hovered)
                }
                choose={setPoint}
              />
              <PointChooser
                labels={labels}
                point={point}
                count={countOf(settings.data)}
                setPoint={setPoint}
                frame={frame}
              />
            </div>
          </div>
          <Curves labels={labels} history={training.history} steps={curvesAt} names={names} isDark={theme.isDark} />
          <GraphView labels={labels} graph={frame?.graph ?? null} chosen={node} choose={chooseNode} />
          <NeuronTable labels={labels} observation={observation} />
        </main>
      </div>
    </NumbersContext.Provider>
  );
}
