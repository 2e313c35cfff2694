import { textOf, ValueError } from "../core/errors.ts";
import { checkOptions } from "../core/options.ts";
import { refuseMore } from "../core/surplus.ts";
import { alone } from "./communicator.ts";
import { MpiError } from "./errors.ts";
import { type Group, groupWith } from "./group.ts";
import { openHeartbeat } from "./heartbeat.ts";
import { loadLibrary } from "./library.ts";

/** Options of {@link mpi}. */
export interface MpiOptions {
  /** The library's name, as the system's loader finds it, or its path: that of the `mpirun` which starts the job. By default, Open MPI or MPICH, whichever `mpirun` is of. */
  readonly library?: string;
  /** Where each rank notes the step that it is at: a file, in a folder that all ranks see. None by default. */
  readonly heartbeat?: string;
}

/** What is used of Node's `process`, which Deno and Bun have, too. */
interface Host {
  readonly platform: string;
  readonly env: { readonly [name: string]: string | undefined };
  on(event: "exit", listener: (code: number) => void): void;
}

let known: { readonly group: Promise<Group>; readonly options: MpiOptions } | undefined;

/**
 * The processes that `mpirun` has started, as a group, for Node, Deno and Bun: through Open MPI or MPICH, by the package [koffi](https://koffi.dev), which you install beside this one. Give it to `fit` as `group`, or to `compile`
 * as `average`. A program that was started without `mpirun` is a group of one, and needs neither.
 *
 * When the process ends, it waits for the others to end; with an error, it ends the whole job.
 *
 * @param options - {@link MpiOptions}.
 * @returns the group; the same one each time.
 * @throws `ValueError` for other options than those of the first call; {@link MpiError} if there is no koffi or no library, and if the library sees another number of processes than `mpirun` has started: it belongs to another `mpirun`, and would give so many jobs of one.
 * @example
 * import { mpi } from "tinygrad-ts/mpi";
 * const group = await mpi();
 * [group.rank, group.size]; // → [0, 1]
 */
export async function mpi(options: MpiOptions = {}): Promise<Group> {
  refuseMore("mpi", arguments, 1);
  const { library, heartbeat } = checkOptions("mpi", options, { library: "any", heartbeat: "any" });
  for (const [name, value] of Object.entries({ library, heartbeat })) {
    if (value === undefined || (typeof value === "string" && value !== "" && !value.startsWith("file:"))) continue;
    throw new ValueError("mpi", `${name} must be a path`, textOf(value), "of a URL, write fileURLToPath(url)");
  }
  if (known === undefined) {
    const group = begin(library, heartbeat).catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    known = { group, options: { ...options } };
  } else expectSame(known.options, { library, heartbeat });
  return await known.group;
}

/** The group is made once: what is asked for later must be what it was made with. */
function expectSame(first: MpiOptions, later: { readonly [K in keyof MpiOptions]: MpiOptions[K] | undefined }): void {
  for (const name of ["library", "heartbeat"] as const) {
    if (later[name] === undefined || later[name] === first[name]) continue;
    const got = `${textOf(later[name])}, after ${first[name] === undefined ? "none" : textOf(first[name])}`;
    throw new ValueError("mpi", `${name} must be that of the first call, which has made the group`, got, "pass the options in the first call, and none later"); // biome-ignore format: one line
  }
}

async function begin(library: string | undefined, heartbeat: string | undefined): Promise<Group> {
  const { process } = globalThis as { readonly process?: Host };
  const { isLaunched, isMpich, size } = startedBy(process);
  if (!isLaunched && library === undefined) return groupWith(alone(), await openHeartbeat(heartbeat, 0, 1));
  const own = await loadLibrary(library, isMpich, process?.platform === "darwin");
  if (size !== undefined && own.size !== size) {
    const hint = `it belongs to another mpirun (${own.version}): pass the one of yours, mpi({ library: "/…/libmpi.so" })`;
    throw new MpiError(
      "mpi",
      `the library must see the ${size} processes that mpirun has started`,
      `${own.size}`,
      hint,
    );
  }
  const group = groupWith(own, await openHeartbeat(heartbeat, own.rank, own.size));
  process?.on("exit", (code) => {
    // With an error, mpirun ends the others by itself; here is no place for it, since the error is still to be printed.
    if (code !== 0) return;
    if (group.leave()) own.finalize();
    else own.abort(1);
  });
  return group;
}

/** What the environment says of who has started the process. */
function startedBy(process: Host | undefined): { isLaunched: boolean; isMpich: boolean; size: number | undefined } {
  const read = (name: string): string | undefined => {
    try {
      return process?.env[name];
    } catch (error) {
      const hint = "Deno needs --allow-env --allow-ffi --allow-read";
      throw new MpiError("mpi", "must be allowed to read the environment", (error as Error).message, hint);
    }
  };
  const [open, other] = [read("OMPI_COMM_WORLD_SIZE"), read("PMI_SIZE")];
  const isLaunched = (open ?? other ?? read("PMI_RANK") ?? read("PMIX_RANK")) !== undefined;
  const size = open ?? other;
  return {
    isLaunched,
    isMpich: open === undefined && other !== undefined,
    size: size === undefined ? size : Number(size),
  };
}
