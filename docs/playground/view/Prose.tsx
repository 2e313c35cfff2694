/** A text in which each derivative, such as ∂L/∂z, stays in one line. */
export function Prose({ text }: { readonly text: string }) {
  const parts = text.split(/(∂\w+\/∂\w+)/);
  return <>{parts.map((part, i) => (i % 2 === 0 ? part : <span class="whole">{part}</span>))}</>;
}
