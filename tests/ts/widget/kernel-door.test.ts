import { beforeEach, describe, expect, it, vi } from 'vitest';
import { PlotSession } from '../../../src/plots/session';
import { Attention } from '../../../src/telemetry/attention';
import { KernelDoor } from '../../../src/widget/kernel-door';
import type { IModel } from '../../../src/widget/model';
import { dictionaries, encodeFrame } from '../telemetry/frames';

type Heard = (message: unknown, buffers: ReadonlyArray<DataView>) => void;

/** anywidget's model, whose kernel is the test. */
class ModelDouble implements IModel {
  readonly sent: unknown[] = [];
  get = (): unknown => null;
  on = (_event: string, call: Heard): void => {
    this._heard = call;
  };
  send = (message: unknown): void => {
    this.sent.push(message);
  };

  say(message: unknown, ...buffers: ReadonlyArray<DataView>): void {
    this._heard(message, buffers);
  }

  /** A frame with a task for each time, in a buffer that begins with something else. */
  frame(stream: number, first: boolean, times: number[], cursor: number = 0): void {
    const rows = times.map(time => [time, 1, 1, 0, 0, 0]);
    const header = { dictionaries: dictionaries(1, 1, ['sum']) };
    const frame = encodeFrame(header, { tasks: { rows, cursor } });
    const all = new Uint8Array(frame.byteLength + 16);
    all.set(new Uint8Array(frame), 16);
    this.say({ stream, first }, new DataView(all.buffer, 16));
  }

  private _heard: Heard = () => {};
}

const words = { __: (text: string) => text, _n: (one: string) => one };

describe('the door to a kernel', () => {
  let model: ModelDouble;
  let door: KernelDoor;
  let session: PlotSession;

  beforeEach(async () => {
    model = new ModelDouble();
    door = new KernelDoor(model);
    session = new PlotSession('c', door, words, new Attention());
    session.source.watch();
    await Promise.resolve();
  });

  it('asks, takes frames and gives credit for their stream', () => {
    expect(model.sent).toEqual([{ hello: expect.objectContaining({ since: null }) }]);
    model.frame(3, true, [1, 2]);
    model.frame(3, false, [3], 2);
    expect(session.store.tasks.rows).toBe(3);
    expect(model.sent.slice(1)).toEqual([{ credit: 3 }, { credit: 3 }]);
    expect(session.source.connection).toBe('open');
  });

  it('leaves out what has no beginning, and counts nothing twice', () => {
    model.frame(1, false, [7], 9);
    expect(session.store.tasks.rows).toBe(0);
    model.frame(2, true, [1, 2]);
    model.frame(1, false, [8], 10);
    model.frame(3, true, [1, 2, 3]);
    expect(session.store.tasks.rows).toBe(3);
    expect(session.store.dropped).toBe(0);
  });

  it('is told of an end, and tries again where the connection broke', async () => {
    vi.useFakeTimers();
    model.say({ closed: 1006 });
    expect(session.source.connection).toBe('broken');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(model.sent).toHaveLength(2);
    model.say({ closed: 4410 });
    expect(session.source.connection).toBe('ended');
    vi.useRealTimers();
  });

  it('gets answers to questions, and says when there are none', async () => {
    const key = session.keyOf(5);
    expect(model.sent.at(-1)).toEqual({ ask: 'keys', number: 1, body: { from: 5, rows: 1 } });
    model.say({ answer: 1, value: { keys: ['sum-1'] } });
    expect(await key).toBe('sum-1');
    const profile = door.profile('c', 1, null);
    model.say({ answer: 2, error: 'The host is busy.' });
    await expect(profile).rejects.toThrow('The host is busy.');
    const graph = door.graph('c', null);
    door.close();
    await expect(graph).rejects.toThrow('gone');
    expect(model.sent.at(-1)).toEqual({ close: true });
  });

  it('takes no harm from what is no message', () => {
    for (const message of [null, 3, {}, { answer: 99 }, { stream: 'x' }, { closed: 'y' }]) {
      model.say(message);
    }
    model.say({ stream: 1, first: true }, new DataView(new ArrayBuffer(3)));
    expect(session.source.connection).toBe('broken');
  });
});
