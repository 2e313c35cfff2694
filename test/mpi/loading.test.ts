import { afterEach, expect, test, vi } from "vitest";
import { blas, useBlas } from "../../src/blas/index.ts";
import { compile } from "../../src/compile/index.ts";
import { grad, gradients, ones, type Tensor, ValueError } from "../../src/index.ts";
import { groupOf, type MpiError, mpi, threadGroup, threadSeats } from "../../src/mpi/index.ts";

// What is refused when a group is made. Libraries are played by a koffi of ours.

afterEach(() => {
  vi.doUnmock("koffi");
  vi.resetModules();
  vi.unstubAllGlobals();
});

/** What `mpi()` throws where koffi is what is given, in a process that was started with some environment. */
async function refusalWith(koffi: () => object, env: Readonly<Record<string, string>>): Promise<string> {
  vi.resetModules();
  vi.doMock("koffi", koffi);
  vi.stubGlobal("process", { ...process, platform: "linux", env, on: () => undefined });
  const fresh = await import("../../src/mpi/index.ts");
  const error: unknown = await fresh.mpi().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(fresh.MpiError);
  return (error as MpiError).message;
}

/** A koffi whose every library is an MPICH that sees one process. */
const mpich =
  (loaded: string[] = []) =>
  () => ({
    default: {
      address: () => 0n,
      load: (name: string) => {
        loaded.push(name);
        return {
          symbol: () => {
            throw new Error("there is none");
          },
          func: (prototype: string) => (_comm: unknown, into?: Int32Array) => {
            if (prototype.includes("MPI_Comm_size")) into![0] = 1;
            return 0;
          },
        };
      },
    },
  });

test("without mpirun, there is one process, and no library is needed", async () => {
  const group = await mpi();
  expect([String(group), group.rank, group.size]).toEqual(["Group(rank 0 of 1)", 0, 1]);
  expect(await mpi()).toBe(group);
});

test("without koffi, it says how to get it", async () => {
  const absent = () => {
    throw Object.assign(new Error("Cannot find package 'koffi'"), { code: "ERR_MODULE_NOT_FOUND" });
  };
  expect(await refusalWith(absent, { OMPI_COMM_WORLD_SIZE: "2" })).toMatch(
    /^mpi: needs the package koffi, in Node, Deno or Bun, got /,
  );
});

test("without a library, it names each that was not there, and says what to install", async () => {
  const load = () => {
    throw new Error("no such file");
  };
  const message = await refusalWith(() => ({ default: { load, address: () => 0n } }), { PMI_SIZE: "2" });
  expect(message).toMatch(
    /^mpi: needs an MPI library, got none: libmpich\.so\.12: no such file; .*libmpi\.so\.40: no such file; .*; install Open MPI: apt install openmpi-bin/,
  );
});

test.each([
  [{ OMPI_COMM_WORLD_SIZE: "4" }, "libmpi.so.40"],
  [{ PMI_SIZE: "4" }, "libmpich.so.12"],
])("started by %j, with a library that sees one process, it refuses to be one of four jobs", async (env, first) => {
  const loaded: string[] = [];
  expect(await refusalWith(mpich(loaded), env)).toMatch(
    /^mpi: the library must see the 4 processes that mpirun has started, got 1; it belongs to another mpirun/,
  );
  expect(loaded).toEqual([first]);
});

test.each([
  [{ library: "" }, 'mpi: library must be a path, got "", a string; of a URL, write fileURLToPath(url)'],
  [{ heartbeat: 3 }, "mpi: heartbeat must be a path, got 3; of a URL, write fileURLToPath(url)"],
  [{ lib: "x" }, /^mpi: there is no option lib/],
])("options %j are refused", async (options, message) => {
  const error: unknown = await mpi(options as never).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ValueError);
  if (typeof message === "string") expect((error as Error).message).toBe(message);
});

test("what is no communicator, seat or count is refused", () => {
  expect(() => groupOf({ rank: 2, size: 2 } as never)).toThrow(/^groupOf: needs a communicator, got no allReduce in /);
  const nothing = (): void => undefined;
  const silent = { allReduce: nothing, broadcast: nothing, gather: nothing, barrier: nothing };
  expect(() => groupOf({ rank: 2, size: 2, ...silent })).toThrow("got rank 2 of 2");
  expect(() => threadSeats(0)).toThrow("threadSeats: needs how many workers there are, got 0; write threadSeats(2)");
  expect(() => threadGroup({} as never)).toThrow(/^threadGroup: needs a seat/);
});

test("a communicator that returns before it is done is refused", () => {
  const later = async (): Promise<void> => undefined;
  const nothing = (): void => undefined;
  const group = groupOf({
    rank: 0,
    size: 2,
    allReduce: nothing,
    broadcast: later,
    gather: nothing,
    barrier: later,
  } as never);
  expect(() => group.broadcast(Float32Array.of(1))).toThrow(ValueError);
  const all = groupOf({ rank: 0, size: 2, allReduce: later, broadcast: later, gather: later, barrier: later } as never);
  expect(() => all.allReduce(Float32Array.of(1))).toThrow(
    "groupOf: allReduce must be synchronous, got a promise; wait inside of it, as Atomics.wait does",
  );
});

test("the group is made once: other options later are refused", async () => {
  await mpi();
  await expect(mpi({ heartbeat: "beats" })).rejects.toThrow(
    'mpi: heartbeat must be that of the first call, which has made the group, got "beats", a string, after none; pass the options in the first call',
  );
  await expect(mpi({ library: "libmpi.so" })).rejects.toThrow(ValueError);
});

test("more workers than memory has room for are refused, and so are seats that do not fit", () => {
  expect(() => threadSeats(1e12)).toThrow(
    /^threadSeats: needs 256 KiB of memory for each worker, got 1000000000000 workers/,
  );
  const [seat] = threadSeats(2);
  for (const wrong of [
    { ...seat!, size: 3 },
    { ...seat!, rank: 0.5 },
    { ...seat!, memory: new SharedArrayBuffer(4) },
  ]) {
    expect(() => threadGroup(wrong)).toThrow(ValueError);
  }
  expect(() => threadGroup(null as never)).toThrow(/^threadGroup: needs a seat, as threadSeats makes it, got null/);
});

test("a step that averages is not called inside of another function, which would go on without", () => {
  const weight = ones([2], { requiresGrad: true });
  const step = compile((x: Tensor) => x.mul(weight).sum().backward(), { average: threadGroup(threadSeats(1)[0]!) });
  step(ones([2]));
  expect(weight.grad!.toArray()).toEqual([1, 1]);
  expect(() => compile((x: Tensor) => step(x))(ones([2]))).toThrow(/^compile: a step that averages gradients must not be called inside of another function/); // biome-ignore format: one line
  expect(() => compile(() => ones([1]), { average: Promise.resolve() as never })).toThrow(
    "compile: average must be a group, got a promise; write average: await mpi()",
  );
});

test("a function that leaves no gradients would average nothing, and is refused, also by one process", () => {
  const [weight, average] = [ones([2], { requiresGrad: true }), threadGroup(threadSeats(1)[0]!)];
  const loss = (x: Tensor): Tensor => x.mul(weight).sum();
  const update = (x: Tensor): void => {
    const [g] = gradients(loss(x), [weight]);
    weight.assign(weight.detach().sub(g!));
  };
  for (const fn of [loss, update, grad(loss)]) {
    expect(() => compile(fn, { average })(ones([2]))).toThrow(
      /^compile: average needs a step whose backward\(\) leaves gradients in grad, got .*; call loss\.backward\(\) inside of the function, before the optimizer's step, or leave average out$/,
    );
  }
  expect(weight.toArray()).toEqual([1, 1]);
});

test("calls with what cannot be sent are refused, and nothing is sent", async () => {
  const group = await mpi();
  expect(() => group.allReduce([1, 2] as never)).toThrow(/^allReduce: values must be one of Float32Array/);
  expect(() => group.allReduce(new Float32Array(1), "mean" as never)).toThrow('op must be "sum" or "max"');
  expect(() => group.broadcast(new Float32Array(1), 1)).toThrow("root must be a rank, from 0 to 0, got 1");
  expect(() => group.gather("x" as never)).toThrow(/^gather: values must be one of/);
});

test("what is too large to be counted is refused", async () => {
  const group = await mpi();
  const large = new Uint8Array(2 ** 31); // pages that nobody touches
  expect(() => group.broadcast(large)).toThrow(
    "broadcast: values must have less than 2 GiB, got 2147483648 bytes; pass parts: values.subarray(…)",
  );
  expect(() => group.gather(large)).toThrow(ValueError);
});

test("arguments that nobody asked for are refused", async () => {
  const group = await mpi();
  const values = Float32Array.of(1);
  const seat = threadSeats(1)[0]!;
  const any = group as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const [name, args] of Object.entries({
    allReduce: [values, "sum", 3],
    broadcast: [values, 0, 3],
    gather: [values, 0],
    barrier: [3],
    averageGradients: [[], 3],
  })) {
    expect(() => any[name]!(...args)).toThrow(`${name}: takes no argument ${args.length}, got `);
  }
  const surplus = (fn: unknown, ...args: unknown[]): unknown => (fn as (...all: unknown[]) => unknown)(...args);
  expect(() => surplus(threadSeats, 2, 3)).toThrow("threadSeats: takes no argument 2, got 3; leave it out");
  expect(() => surplus(threadGroup, seat, 3)).toThrow("threadGroup: takes no argument 2, got 3; leave it out");
  expect(() => surplus(groupOf, {}, 3)).toThrow("groupOf: takes no argument 2, got 3; leave it out");
  await expect(surplus(mpi, {}, 3)).rejects.toThrow("mpi: takes no argument 2, got 3; leave it out");
  await expect(surplus(blas, {}, 3)).rejects.toThrow("blas: takes no argument 2, got 3; leave it out");
  expect(() => surplus(useBlas, {}, 3)).toThrow("useBlas: takes no argument 2, got 3; leave it out");
  expect(threadSeats(2).map(threadGroup).map(String)).toEqual(["Group(rank 0 of 2)", "Group(rank 1 of 2)"]);
});
