/**
 * A recording as it lies in a notebook: frames, each behind its length, compressed, as base64.
 * Whoever sent the notebook made it up, so its sizes are bounded before anything is decoded.
 */
import { decodeFrame, FrameError, type IFrame } from './decode';

/** Characters of base64, and bytes when it is unpacked. */
const PACKED = 24_000_000;
const UNPACKED = 64_000_000;

/** The frames of a recording; throws a {@link FrameError} if it is none, or too large. */
export async function unpackRecording(data: string): Promise<ReadonlyArray<IFrame>> {
  if (data.length > PACKED) {
    throw new FrameError('A recording is too large.');
  }
  const bytes = await inflate(fromBase64(data));
  const view = new DataView(bytes.buffer);
  const frames: IFrame[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const begin = offset + 4;
    const end = begin + (begin > bytes.length ? 0 : view.getUint32(offset, true));
    if (begin > bytes.length || end > bytes.length) {
      throw new FrameError('A recording ends before its last frame.');
    }
    // A copy: columns have to lie at multiples of eight.
    frames.push(decodeFrame(bytes.buffer.slice(begin, end)));
    offset = end;
  }
  if (frames.length === 0) {
    throw new FrameError('A recording is empty.');
  }
  return frames;
}

function fromBase64(data: string): Uint8Array<ArrayBuffer> {
  try {
    const text = atob(data);
    const bytes = new Uint8Array(text.length);
    for (let index = 0; index < text.length; index++) {
      bytes[index] = text.charCodeAt(index);
    }
    return bytes;
  } catch {
    throw new FrameError('A recording is not base64.');
  }
}

async function inflate(packed: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new DecompressionStream('deflate');
  const writer = stream.writable.getWriter();
  // What fails here is told to the reader as well.
  void writer.write(packed).catch(() => undefined);
  void writer.close().catch(() => undefined);
  const reader = stream.readable.getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        break;
      }
      length += value.length;
      if (length > UNPACKED) {
        void reader.cancel().catch(() => undefined);
        throw new FrameError('A recording is too large.');
      }
      parts.push(value);
    }
  } catch (error) {
    throw error instanceof FrameError ? error : new FrameError('A recording is damaged.');
  }
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
