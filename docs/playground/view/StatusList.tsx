/** How far a training is, and how well it does: numbers with what they are. Read out when it rests, not while it runs. */
export function StatusList({
  label,
  isRunning,
  rows,
}: {
  readonly label: string;
  readonly isRunning: boolean;
  readonly rows: readonly (readonly [id: string, label: string, value: string])[];
}) {
  return (
    <section class="panel" aria-label={label}>
      <dl class="status" aria-live={isRunning ? "off" : "polite"} aria-atomic="true">
        {rows.map(([id, label, value]) => (
          <div key={id}>
            <dt>{label}</dt>
            <dd id={id}>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
