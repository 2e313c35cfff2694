/** How a case went. */
export type Outcome = "passed" | "failed" | "pending";

/** Counts outcomes by op, and prints them as one table. */
export class Report {
  private readonly counts = new Map<string, Record<Outcome, number>>();
  private readonly reasons = new Map<string, string>();

  add(group: string, op: string, outcome: Outcome, reason?: string): void {
    const key = `${group}: ${op}`;
    const row = this.counts.get(key) ?? { passed: 0, failed: 0, pending: 0 };
    row[outcome]++;
    this.counts.set(key, row);
    if (reason !== undefined) this.reasons.set(key, reason);
  }

  total(): Record<Outcome, number> {
    const sum = { passed: 0, failed: 0, pending: 0 };
    for (const row of this.counts.values()) {
      for (const outcome of ["passed", "failed", "pending"] as const) sum[outcome] += row[outcome];
    }
    return sum;
  }

  /** How many cases are pending, by op and reason. */
  pending(): Record<string, number> {
    const rows = [...this.counts].filter(([, { pending }]) => pending > 0);
    return Object.fromEntries(rows.map(([key, { pending }]) => [`${key}: ${this.reasons.get(key)}`, pending]));
  }

  toString(): string {
    const rows = [...this.counts].map(([key, row]) => [key, row, this.reasons.get(key) ?? ""] as const);
    const width = rows.reduce((w, [key]) => Math.max(w, key.length), 0);
    const line = (
      name: string,
      { passed, failed, pending }: Record<Outcome, number | string>,
      reason: string,
    ): string => {
      const numbers = [passed, failed, pending].map((n) => String(n === 0 ? "·" : n).padStart(8)).join("");
      return `${name.padEnd(width)}${numbers}  ${reason}`.trimEnd();
    };
    return [
      line("conformance", { passed: "passed", failed: "failed", pending: "pending" }, "why pending"),
      ...rows.map((row) => line(...row)),
      line("total", this.total(), ""),
    ].join("\n");
  }
}
