// Written out: TextEncoder and TextDecoder are missing where tests run in jsdom.

/** A well-formed text as UTF-8. */
export function toUtf8(text: string): Uint8Array {
  const bytes = new Uint8Array(3 * text.length);
  let size = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    const more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    bytes[size++] = (more && (0xff00 >> (more + 1)) & 0xff) | (code >> (6 * more));
    for (let k = more - 1; k >= 0; k--) bytes[size++] = 0x80 | ((code >> (6 * k)) & 0x3f);
  }
  return bytes.slice(0, size);
}

/** The least code that takes so many bytes after the first: what is below has been made longer than it is. */
const least = [0, 0x80, 0x800, 0x10000];

/** UTF-8 as a text, a byte-order mark included; null for other bytes. */
export function fromUtf8(bytes: Uint8Array): string | null {
  let text = "";
  let codes: number[] = [];
  for (let i = 0; i < bytes.length; ) {
    const lead = bytes[i++]!;
    const more = lead < 0x80 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    let code = more === 0 ? lead : lead & (0x3f >> more);
    for (let k = 0; k < more; k++) {
      const next = bytes[i++] ?? 0;
      if (next >> 6 !== 2) return null;
      code = (code << 6) | (next & 0x3f);
    }
    const isSurrogate = code >= 0xd800 && code <= 0xdfff;
    const isLead = lead < 0x80 || (lead >= 0xc0 && lead < 0xf8);
    if (!isLead || code < least[more]! || code > 0x10ffff || isSurrogate) return null;
    codes.push(code);
    if (codes.length === 4096 || i === bytes.length) {
      text += String.fromCodePoint(...codes);
      codes = [];
    }
  }
  return text;
}

/** Whether UTF-8 can say a text: there is no half of a surrogate pair. */
export function isWellFormed(text: string): boolean {
  return !/[\ud800-\udfff]/u.test(text);
}
