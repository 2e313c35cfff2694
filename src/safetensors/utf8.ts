// TextEncoder and TextDecoder are everywhere that this library runs, but not in ECMAScript's own types.
interface Platform {
  readonly TextEncoder: new () => { encode(text: string): Uint8Array };
  readonly TextDecoder: new (
    label: string,
    options: { readonly fatal: boolean; readonly ignoreBOM: boolean },
  ) => { decode(bytes: Uint8Array): string };
}

/** A text as UTF-8. */
export function toUtf8(text: string): Uint8Array {
  return new (globalThis as unknown as Platform).TextEncoder().encode(text);
}

/** UTF-8 as a text, a byte-order mark included. Throws a TypeError for other bytes. */
export function fromUtf8(bytes: Uint8Array): string {
  return new (globalThis as unknown as Platform).TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

/** Whether UTF-8 can say a text: there is no half of a surrogate pair. */
export function isWellFormed(text: string): boolean {
  return !/[\ud800-\udfff]/u.test(text);
}
