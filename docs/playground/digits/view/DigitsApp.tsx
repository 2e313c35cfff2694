import { useEffect, useState } from "preact/hooks";
import type { Language } from "../../labels.ts";
import { Choice } from "../../view/Choice.tsx";
import { Curves } from "../../view/Curves.tsx";
import { Header } from "../../view/Header.tsx";
import { Notices } from "../../view/Notices.tsx";
import { NumberField, whole } from "../../view/NumberField.tsx";
import { Transport } from "../../view/Transport.tsx";
import { useTheme } from "../../view/theme.ts";
import { digitLabelsOf } from "../labels.ts";
import { type DigitAddress, exampleCount, formatAddress, type Subject } from "../model/address.ts";
import { batchSizes, optimizers, rates } from "../model/settings.ts";
import { Answer } from "./Answer.tsx";
import { Board } from "./Board.tsx";
import { Born } from "./Born.tsx";
import { DigitsStatus } from "./DigitsStatus.tsx";
import { useDigitTraining } from "./digitTraining.ts";
import { Layers } from "./Layers.tsx";
import { Seen } from "./Seen.tsx";

/** The page of digits. Its state is in the address, so that a link leads to what is seen. */
export function DigitsApp({ opened, refused }: { readonly opened: DigitAddress; readonly refused: readonly string[] }) {
  const [settings, setSettings] = useState(opened.settings);
  const [subject, setSubject] = useState<Subject>(opened.subject);
  const [target, setTarget] = useState(opened.target);
  const [speed, setSpeed] = useState(opened.speed);
  const [rests, setRests] = useState(true);
  const [chosenLanguage, setLanguage] = useState<Language | null>(opened.language);
  const language = chosenLanguage ?? (navigator.language.startsWith("zh") ? "zh" : "en");
  const labels = digitLabelsOf[language];
  const theme = useTheme();
  const training = useDigitTraining(settings, opened.step, subject, target);
  const { frame } = training;
  const observation = frame?.observation ?? null;
  const isRunning = frame?.isRunning ?? false;
  const step = frame?.step ?? opened.step;
  const example = "example" in subject ? subject.example : 0;

  useEffect(() => {
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    document.title = `${labels.title} · tinygrad-ts`;
  }, [language]);
  useEffect(() => {
    // While it runs, or is drawn on, the state changes all the time: the address says where it rests.
    if (isRunning || !rests || frame === null) return;
    const { embed } = opened;
    const hash = formatAddress({ settings, step, subject, target, speed, language: chosenLanguage, embed });
    history.replaceState(null, "", hash === "" ? location.pathname + location.search : `#${hash}`);
  }, [settings, step, subject, target, speed, chosenLanguage, isRunning, rests, frame === null]);

  const show = (next: Subject): void => {
    // The target was another picture's, unless more is drawn in the same drawing.
    if (!("strokes" in next && "strokes" in subject && next.strokes.length > 0)) setTarget(null);
    setSubject(next);
  };
  const names = [labels.hiddenLayer(1), labels.hiddenLayer(2), labels.outputNeuron];
  return (
    <div class={opened.embed ? "page digits embed" : "page digits"}>
      <Header
        labels={labels}
        language={language}
        setLanguage={setLanguage}
        theme={theme}
        other={{ page: "../playground/index.html", name: labels.otherPlayground }}
      />
      <main>
        <Notices labels={labels} refused={refused} failure={training.failure} frame={null} />
        <Transport
          labels={labels}
          training={training}
          speed={speed}
          setSpeed={setSpeed}
          startOver={() => training.reset()}
        />
        <section class="panel live" aria-label={labels.live}>
          <Choice
            label={labels.lr}
            value={settings.lr}
            options={rates}
            name={String}
            choose={(lr) => setSettings({ ...settings, lr })}
          />
          <Choice
            label={labels.optimizer}
            value={settings.optimizer}
            options={optimizers}
            name={(name) => labels.optimizers[name]}
            choose={(optimizer) => setSettings({ ...settings, optimizer })}
          />
          <Choice
            label={labels.pictures}
            value={settings.batch}
            options={batchSizes}
            name={String}
            choose={(batch) => setSettings({ ...settings, batch })}
          />
          <p class="help">{labels.trainingHelp}</p>
        </section>
        {frame === null || observation === null ? (
          <p class="panel">{opened.step > 0 ? labels.catchingUp(opened.step) : labels.loading}</p>
        ) : (
          <div class="panels">
            <div class="column">
              <section class="panel drawn" aria-label={labels.board}>
                <h2>{labels.board}</h2>
                <p class="help">{labels.boardHelp}</p>
                <Board
                  labels={labels}
                  subject={subject}
                  observation={observation}
                  draw={(strokes, isAtRest) => {
                    setRests(isAtRest);
                    show({ strokes });
                  }}
                />
                <div class="buttons">
                  <button type="button" onClick={() => show({ strokes: [] })}>
                    {labels.clear}
                  </button>
                  <button
                    type="button"
                    disabled={!("strokes" in subject) || subject.strokes.length === 0}
                    onClick={() => "strokes" in subject && show({ strokes: subject.strokes.slice(0, -1) })}
                  >
                    {labels.undo}
                  </button>
                </div>
                <div class="buttons">
                  <button
                    type="button"
                    aria-label={labels.previousExample}
                    disabled={example === 0}
                    onClick={() => show({ example: example - 1 })}
                  >
                    ←
                  </button>
                  <NumberField
                    label={labels.example}
                    value={example}
                    fits={whole(0, exampleCount - 1)}
                    refuse={(text) => labels.notWhole(text, 0, exampleCount - 1)}
                    choose={(next) => show({ example: next })}
                  />
                  <button
                    type="button"
                    aria-label={labels.nextExample}
                    disabled={example === exampleCount - 1}
                    onClick={() => show({ example: example + 1 })}
                  >
                    →
                  </button>
                </div>
                <Seen labels={labels} pixels={observation.pixels} />
              </section>
            </div>
            <div class="column side">
              <Answer
                labels={labels}
                observation={observation}
                target={target ?? observation.target}
                isRunning={isRunning}
                choose={setTarget}
              />
              <DigitsStatus labels={labels} frame={frame} />
            </div>
            <div class="column middle">
              <Layers labels={labels} layers={observation.layers} isDark={theme.isDark} />
              <Born labels={labels} observation={observation} />
            </div>
          </div>
        )}
        <Curves labels={labels} history={training.history} steps={step} names={names} isDark={theme.isDark} />
        <p class="help">
          {labels.source} <a href="https://creativecommons.org/licenses/by/4.0/">{labels.licence}</a>
        </p>
      </main>
    </div>
  );
}
