/**
 * Telemetry by way of the kernel: the frames of the websocket over the comm of a widget. A kernel
 * that is busy hears nothing, so frames come unasked as well, each time from a beginning that
 * stands for itself: `python/dasklab/widgets/relay.py` says when.
 */
import type { ITelemetryDoor } from '../plots/session';
import type { ISocket } from '../telemetry/source';
import { isObject } from '../telemetry/values';
import type { IModel } from './model';

/** What is waited for. */
interface IQuestion {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class KernelDoor implements ITelemetryDoor {
  constructor(model: IModel) {
    this._model = model;
    model.on('msg:custom', (message, buffers) => this._hear(message, buffers));
  }

  open(): ISocket {
    this._socket = new KernelSocket(this._model);
    return this._socket;
  }

  async keys(_cluster: string, from: number, rows: number): Promise<ReadonlyArray<string>> {
    const answer = await this._ask('keys', { from, rows });
    const keys: unknown = isObject(answer) ? answer.keys : null;
    return Array.isArray(keys) ? keys.filter(key => typeof key === 'string') : [];
  }

  profile(_cluster: string, since: number | null, until: number | null): Promise<unknown> {
    return this._ask('profile', { since, until });
  }

  graph(_cluster: string, known: string | null): Promise<unknown> {
    return this._ask('graph', { known });
  }

  /** Nobody is there any more. */
  close(): void {
    this._socket?.close();
    this._questions.forEach(({ reject }) => reject(new Error('The output is gone.')));
    this._questions.clear();
  }

  private _ask(ask: string, body: object): Promise<unknown> {
    const number = ++this._asked;
    this._model.send({ ask, number, body });
    return new Promise((resolve, reject) => this._questions.set(number, { resolve, reject }));
  }

  private _hear(message: unknown, buffers: ReadonlyArray<DataView>): void {
    if (!isObject(message)) {
      return;
    }
    const question = this._questions.get(Number(message.answer));
    if (question !== undefined) {
      this._questions.delete(Number(message.answer));
      if (typeof message.error === 'string') {
        question.reject(new Error(message.error));
      } else {
        question.resolve(message.value);
      }
    } else if (buffers.length === 1 && typeof message.stream === 'number') {
      this._socket?.take(message.stream, message.first === true, buffers[0]);
    } else if (typeof message.closed === 'number') {
      this._socket?.end(message.closed);
    }
  }

  private readonly _model: IModel;
  private readonly _questions = new Map<number, IQuestion>();
  private _asked = 0;
  private _socket: KernelSocket | null = null;
}

/** One connection, as the source knows them. */
class KernelSocket implements ISocket {
  constructor(model: IModel) {
    this._model = model;
    queueMicrotask(() => this.onopen?.(new Event('open')));
  }

  binaryType: BinaryType = 'arraybuffer';
  onopen: ((event: Event) => void) | null = null;
  onmessage: ((event: MessageEvent) => void) | null = null;
  onclose: ((event: CloseEvent) => void) | null = null;

  /** The source's own words; credit is for the stream that was taken from. */
  send(text: string): void {
    const said: unknown = JSON.parse(text);
    const credit = isObject(said) && 'credit' in said;
    this._model.send(credit ? { credit: this._stream } : said);
  }

  close(): void {
    this._closed = true;
    this._model.send({ close: true });
  }

  /** A frame of a stream; those of a stream whose beginning was missed fit nowhere. */
  take(stream: number, first: boolean, { buffer, byteOffset, byteLength }: DataView): void {
    if (first) {
      this._stream = stream;
    }
    if (stream === this._stream && !this._closed) {
      const data = buffer.slice(byteOffset, byteOffset + byteLength);
      this.onmessage?.(new MessageEvent('message', { data }));
    }
  }

  end(code: number): void {
    if (!this._closed) {
      this._closed = true;
      this.onclose?.(new CloseEvent('close', { code }));
    }
  }

  private readonly _model: IModel;
  private _stream = -1;
  private _closed = false;
}
