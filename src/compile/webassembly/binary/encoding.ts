/** Appends an unsigned integer, seven bits a byte (LEB128). */
export function encodeU32(out: number[], value: number): void {
  let rest = value >>> 0;
  while (rest >= 0x80) {
    out.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  out.push(rest);
}

/** Appends a signed integer of 32 bits, seven bits a byte. */
export function encodeI32(out: number[], value: number): void {
  let rest = value | 0;
  for (;;) {
    const byte = rest & 0x7f;
    rest >>= 7;
    if ((rest === 0 && (byte & 0x40) === 0) || (rest === -1 && (byte & 0x40) !== 0)) {
      out.push(byte);
      return;
    }
    out.push(byte | 0x80);
  }
}

/** Appends an integer of 64 bits, read as a signed one, seven bits a byte. */
export function encodeI64(out: number[], value: bigint): void {
  let rest = BigInt.asIntN(64, value);
  for (;;) {
    const byte = Number(rest & 0x7fn);
    rest >>= 7n;
    if (rest === (byte & 0x40 ? -1n : 0n)) {
      out.push(byte);
      return;
    }
    out.push(byte | 0x80);
  }
}

/** Appends the eight bytes of a float64, lowest first. */
export function encodeF64(out: number[], value: number): void {
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setFloat64(0, value, true);
  for (let i = 0; i < 8; i++) out.push(bytes.getUint8(i));
}

/** Appends the four bytes of a float32, lowest first. */
export function encodeF32(out: number[], value: number): void {
  const bytes = new DataView(new ArrayBuffer(4));
  bytes.setFloat32(0, value, true);
  for (let i = 0; i < 4; i++) out.push(bytes.getUint8(i));
}

/** Appends a name in UTF-8 (here: ASCII), by its length. */
export function encodeName(out: number[], name: string): void {
  encodeU32(out, name.length);
  for (const letter of name) out.push(letter.charCodeAt(0));
}
