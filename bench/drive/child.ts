import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { type Contestant, commandOf } from "../libraries.ts";
import type { Request } from "../run/serve.ts";
import { root } from "./bundle.ts";

/** What a process may take before it is given up, in milliseconds. */
const longestStart = 60_000;

/** Numerical libraries are held to one thread. */
const environment = { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1", MKL_NUM_THREADS: "1" };

export interface Hello {
  readonly version: string;
  readonly runtime: string;
  readonly departs?: string;
  readonly remark?: string;
}

/** Starts a process of a contestant; `bundles` as in `commandOf`. */
export function start(contestant: Contestant, args: readonly string[] = [], bundles?: string): ChildProcess {
  const [program, ...rest] = commandOf(contestant, bundles);
  return spawn(program, [...rest, ...args], {
    env: environment,
    stdio: ["pipe", "pipe", "pipe"],
    cwd: `${root}bench`,
  });
}

/** A contestant's process. One that dies or does not answer is started anew for the next order. */
export class Child {
  readonly contestant: Contestant;
  readonly #bundles: string | undefined;
  #process: ChildProcess | undefined;
  #answer: (message: object) => void = () => undefined;
  #errors = "";

  constructor(contestant: Contestant, bundles?: string) {
    this.contestant = contestant;
    this.#bundles = bundles;
  }

  /** Starts the process if there is none. */
  async greet(): Promise<Hello> {
    const greeting = this.#next(longestStart);
    this.#start();
    return (await greeting) as Hello;
  }

  /** Has the process do something, and returns its answer; throws if it reports an error, dies, or takes too long. */
  async ask<Answer>(request: Request, longest: number): Promise<Answer> {
    if (this.#process === undefined) await this.greet();
    const answer = this.#next(longest);
    this.#process!.stdin!.write(`${JSON.stringify(request)}\n`);
    return (await answer) as Answer;
  }

  stop(): void {
    this.#process?.kill("SIGKILL");
    this.#process = undefined;
  }

  #start(): void {
    const child = start(this.contestant, [], this.#bundles);
    this.#process = child;
    this.#errors = "";
    child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.#errors = (this.#errors + text).slice(-20_000);
    });
    child.stdin!.on("error", () => undefined); // its death is noticed by "close"
    child.on("error", (error) => this.#answer({ error: error.message }));
    child.on("close", (code, signal) => {
      if (this.#process !== child) return;
      this.#process = undefined;
      this.#answer({ error: firstError(this.#errors) ?? `the process ended with ${signal ?? code}` });
    });
    createInterface({ input: child.stdout! }).on("line", (line) => {
      if (line.startsWith("{")) this.#answer(JSON.parse(line) as object);
    });
  }

  #next(longest: number): Promise<object> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.stop();
        reject(new Error(`no answer within ${longest / 1000} s`));
      }, longest);
      this.#answer = (message) => {
        clearTimeout(timer);
        if ("error" in message) reject(new Error(String(message.error)));
        else resolve(message);
      };
    });
  }
}

/** The line that says what happened, in what a dying process prints; without where this repository is. */
function firstError(text: string): string | undefined {
  const lines = text.split("\n").map((line) => line.replaceAll(root, "").trim());
  return lines.find((line) => /^\w*(Error|Exception)\b.*:/.test(line)) ?? lines.find((line) => line !== "");
}
