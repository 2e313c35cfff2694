// What a step costs on many ranks, from what it costs on two: milliseconds.

/** What was measured on one machine. */
export interface Measured {
  /** Milliseconds of a step on so many samples, without any talk. */
  readonly whole: { readonly samples: number; readonly time: number };
  readonly half: { readonly samples: number; readonly time: number };
  /** Bytes of all gradients. */
  readonly bytes: number;
}

/** A network: bits a second, and the milliseconds that the smallest message takes. */
export interface Network {
  readonly name: string;
  readonly bits: number;
  readonly latency: number;
}

export const networks: readonly Network[] = [
  { name: "10 Gbit/s, TCP", bits: 1e10, latency: 0.025 },
  { name: "100 Gbit/s, RDMA", bits: 1e11, latency: 0.002 },
];

/**
 * A step of some ranks. Computing is a part for each sample and one for each step, which is the update. All-reduce sends and receives each byte about twice, whatever the number of ranks, and has twice as many stages as the number has
 * binary digits; a roll call, and what `fit` asks after each step, are stages alone.
 */
export function stepTime(
  { whole, half, bytes }: Measured,
  ranks: number,
  samples: number,
  { bits, latency }: Network,
): { compute: number; talk: number } {
  const each = (whole.time - half.time) / (whole.samples - half.samples);
  const fixed = Math.max(0, half.time - each * half.samples);
  const stages = 2 * Math.ceil(Math.log2(ranks));
  const sent = (2 * (ranks - 1) * bytes) / ranks;
  return { compute: fixed + each * samples, talk: (8000 * sent) / bits + 3 * stages * latency };
}

/** Rows of a table: for each number of ranks, the share of the ideal speed on each network. */
export function efficiencies(measured: Measured, samplesOf: (ranks: number) => number): string[] {
  return [2, 8, 32, 128, 1024].map((ranks) => {
    const cells = networks.map((network) => {
      const { compute, talk } = stepTime(measured, ranks, samplesOf(ranks), network);
      const alone = stepTime(measured, 1, samplesOf(ranks) * ranks, network).compute;
      return `${(compute + talk).toFixed(1)} ms, ${(alone / (compute + talk)).toFixed(1)} ×`;
    });
    return `| ${ranks} | ${samplesOf(ranks)} | ${cells.join(" | ")} |`;
  });
}
