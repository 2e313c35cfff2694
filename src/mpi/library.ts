import { type Koffi, type Loaded, loadFirst, loadKoffi } from "../koffi.ts";
import type { Communicator, Numbers, Sendable } from "./communicator.ts";
import { MpiError } from "./errors.ts";

/** An MPI library that this process was started for. */
export interface Library extends Communicator {
  /** What it says of itself. */
  readonly version: string;
  /** Ends it; nothing can be sent afterwards. All ranks must come. */
  finalize(): void;
  /** Ends the whole job. */
  abort(code: number): void;
}

/** What an implementation of MPI calls what is used here: each has its own binary interface. */
interface Handles {
  readonly world: number;
  readonly float: number;
  readonly double: number;
  readonly int: number;
  readonly byte: number;
  readonly sum: number;
  readonly max: number;
  readonly inPlace: number;
  /** The C type of handles. */
  readonly type: string;
}

/** MPICH's, Intel MPI's and MVAPICH's: integers that never change. */
const mpichHandles: Handles = {
  world: 0x44000000,
  float: 0x4c00040a,
  double: 0x4c00080b,
  int: 0x4c000405,
  byte: 0x4c00010d,
  sum: 0x58000003,
  max: 0x58000001,
  inPlace: -1,
  type: "int",
};

/** Open MPI's: addresses of what it exports. */
function openHandles(loaded: Loaded): Handles {
  const at = (name: string): number => Number(loaded.symbol(`ompi_mpi_${name}`));
  return {
    world: at("comm_world"),
    float: at("float"),
    double: at("double"),
    int: at("int"),
    byte: at("byte"),
    sum: at("op_sum"),
    max: at("op_max"),
    inPlace: 1,
    type: "size_t",
  };
}

const openNames = ["libmpi.so.40", "libmpi.so.80", "libmpi.so"];
const mpichNames = ["libmpich.so.12", "libmpi.so.12", "libmpich.so", "libmpi_intel.so"];
const macNames = ["/opt/homebrew/lib/libmpi.dylib", "/usr/local/lib/libmpi.dylib", "libmpi.dylib"];

const install =
  "install Open MPI: apt install openmpi-bin (Debian, Ubuntu), dnf install openmpi (Fedora), brew install open-mpi (macOS); or MPICH; or pass the path of the library that belongs to your mpirun: mpi({ library })";

/** Loads the MPI library, and begins. */
export async function loadLibrary(name: string | undefined, isMpich: boolean, isMac: boolean): Promise<Library> {
  const koffi = await loadKoffi("mpi", MpiError, "MPI");
  const ordered = isMac ? macNames : isMpich ? [...mpichNames, ...openNames] : [...openNames, ...mpichNames];
  // Its plugins look for what it exports.
  const found = loadFirst(koffi, name === undefined ? ordered : [name], { global: true });
  if ("loaded" in found) return bind(koffi, found.loaded, found.name);
  throw new MpiError("mpi", "needs an MPI library", `none: ${found.reasons.join("; ")}`, install);
}

function bind(koffi: Koffi, loaded: Loaded, name: string): Library {
  const isOpen = hasSymbol(loaded, "ompi_mpi_comm_world");
  const own = isOpen ? openHandles(loaded) : mpichHandles;
  const { type } = own;
  const func = (prototype: string): ((...args: unknown[]) => unknown) => {
    try {
      return loaded.func(prototype);
    } catch (error) {
      throw new MpiError("mpi", "the library must be one of MPI", `${name}: ${(error as Error).message}`, install);
    }
  };
  const begun = func("int MPI_Initialized(int *flag)");
  const init = func("int MPI_Init(void *argc, void *argv)");
  const say = func("int MPI_Get_library_version(uint8_t *text, int *length)");
  const rankOf = func(`int MPI_Comm_rank(${type} comm, int *rank)`);
  const sizeOf = func(`int MPI_Comm_size(${type} comm, int *size)`);
  const allReduce = func(
    `int MPI_Allreduce(intptr_t from, intptr_t into, int count, ${type} datatype, ${type} op, ${type} comm)`,
  );
  const broadcast = func(`int MPI_Bcast(intptr_t values, int count, ${type} datatype, int root, ${type} comm)`);
  const gather = func(
    `int MPI_Allgather(intptr_t from, int count, ${type} datatype, intptr_t into, int each, ${type} other, ${type} comm)`,
  );
  const barrier = func(`int MPI_Barrier(${type} comm)`);
  const finalize = func("int MPI_Finalize()");
  const abort = func(`int MPI_Abort(${type} comm, int code)`);

  const flag = new Int32Array(1);
  expectNone(begun(flag), "MPI_Initialized");
  if (flag[0] !== 0) {
    const hint = "call mpi() in the main thread, and give workers what it gives";
    throw new MpiError("mpi", "one copy of the package may speak for a process", "MPI that has begun already", hint);
  }
  expectNone(init(null, null), "MPI_Init");
  const number = (call: (...args: unknown[]) => unknown): number => {
    const found = new Int32Array(1);
    expectNone(call(own.world, found), "MPI_Comm_size");
    return found[0]!;
  };
  const text = new Uint8Array(8192);
  say(text, new Int32Array(1));
  const version = String.fromCharCode(...text.subarray(0, text.indexOf(0))).split("\n")[0]!;
  const at = (values: Sendable): number => Number(koffi.address(values));
  const datatypeOf = (values: Numbers): number =>
    values instanceof Float32Array ? own.float : values instanceof Float64Array ? own.double : own.int;
  return {
    version,
    rank: number(rankOf),
    size: number(sizeOf),
    allReduce(into, op, from = into) {
      const source = from === into ? own.inPlace : at(from);
      const how = op === "sum" ? own.sum : own.max;
      expectNone(allReduce(source, at(into), into.length, datatypeOf(into), how, own.world), "MPI_Allreduce");
    },
    broadcast: (values, root) =>
      expectNone(broadcast(at(values), values.byteLength, own.byte, root, own.world), "MPI_Bcast"),
    gather(from, into) {
      const bytes = from.byteLength;
      expectNone(gather(at(from), bytes, own.byte, at(into), bytes, own.byte, own.world), "MPI_Allgather");
    },
    barrier: () => expectNone(barrier(own.world), "MPI_Barrier"),
    finalize: () => void finalize(),
    abort: (code) => void abort(own.world, code),
  };
}

function hasSymbol(loaded: Loaded, name: string): boolean {
  try {
    loaded.symbol(name);
    return true;
  } catch {
    return false; // it is another implementation
  }
}

/** MPI ends the job on most errors by itself. */
function expectNone(code: unknown, name: string): void {
  if (code !== 0) throw new MpiError(name, "the call must succeed", `error ${String(code)}`);
}
