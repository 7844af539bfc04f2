/**
 * MD5, because Dask chooses the colour of a name by it. Nothing rests on it but colours: browsers
 * offer no MD5 of their own, and a name has some ten bytes.
 */

const SHIFTS = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];

const SINES = Uint32Array.from({ length: 64 }, (_, index) =>
  Math.floor(Math.abs(Math.sin(index + 1)) * 2 ** 32)
);

/** The first 32 bits of the MD5 of a text, as its hexadecimal form begins. */
export function md5Head(text: string): number {
  const bytes = new TextEncoder().encode(text);
  const padded = new Uint8Array(Math.ceil((bytes.length + 9) / 64) * 64);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, bytes.length * 8, true);
  const state = Uint32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);
  for (let block = 0; block < padded.length; block += 64) {
    mix(state, view, block);
  }
  const head = new DataView(new ArrayBuffer(4));
  head.setUint32(0, state[0], true);
  return head.getUint32(0);
}

function mix(state: Uint32Array, view: DataView, block: number): void {
  let [a, b, c, d] = state;
  for (let step = 0; step < 64; step++) {
    const round = step >> 4;
    let f: number;
    let word: number;
    if (round === 0) {
      f = (b & c) | (~b & d);
      word = step;
    } else if (round === 1) {
      f = (d & b) | (~d & c);
      word = (5 * step + 1) % 16;
    } else if (round === 2) {
      f = b ^ c ^ d;
      word = (3 * step + 5) % 16;
    } else {
      f = c ^ (b | ~d);
      word = (7 * step) % 16;
    }
    const sum = (a + f + SINES[step] + view.getUint32(block + 4 * word, true)) | 0;
    const shift = SHIFTS[4 * round + (step % 4)];
    a = d;
    d = c;
    c = b;
    b = (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
}
