import { type ParseArgsConfig, parseArgs } from "node:util";

/** Something that whoever started the program can put right: told in one line, without a stack trace. */
export class InputError extends Error {
  override name = "InputError";
}

/**
 * Reads the options `--name VALUE` and runs an example with them. `--help` prints the usage instead; an {@link InputError}, or an
 * option that there is not, ends the program with a message and exit status 1.
 *
 * @param defaults - the options that there are, each with its default; null for one that must be given.
 */
export async function runExample<Name extends string>(
  usage: string,
  defaults: Readonly<Record<Name, string | null>>,
  main: (options: Readonly<Record<Name, string>>) => Promise<void>,
): Promise<void> {
  try {
    const options = readOptions(defaults);
    if (options === "help") console.log(usage.trim());
    else await main(options);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    console.error(`error: ${error.message}`);
    process.exitCode = 1;
  }
}

/** A whole number from the text of an option. */
export function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text);
  const most = 2 ** 32 - 1;
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new InputError(`--${name} must be a whole number from ${least} to ${most}, got "${text}"; see --help`);
}

function readOptions<Name extends string>(defaults: Readonly<Record<Name, string | null>>) {
  const names = Object.keys(defaults) as Name[];
  const given = parse(names);
  if (given["help"] === true) return "help";
  const options: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const value = given[name] ?? defaults[name];
    if (typeof value !== "string" || value === "") throw new InputError(`--${name} must be given; see --help`);
    options[name] = value;
  }
  return options as Record<Name, string>;
}

function parse(names: readonly string[]): Record<string, unknown> {
  const options: NonNullable<ParseArgsConfig["options"]> = { help: { type: "boolean", short: "h" } };
  for (const name of names) options[name] = { type: "string" };
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    // Node's first sentence says what is wrong; the others explain a syntax that is not needed here.
    const [sentence] = (error as Error).message.split(/\.\s|\n/);
    throw new InputError(`${sentence}; see --help`);
  }
}
