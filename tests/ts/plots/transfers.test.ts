import { expect, it } from 'vitest';
import { pairsOf, sampleFlow } from '../../../src/plots/transfer-sums';
import { decodeFrame } from '../../../src/telemetry/decode';
import { TelemetryStore } from '../../../src/telemetry/store';
import { EPOCH } from '../builders';
import { dictionaries, encodeFrame } from '../telemetry/frames';

function filled(): TelemetryStore {
  const store = new TelemetryStore();
  const rows = [
    // Time, sender, receiver, count, bytes, busy, span.
    [EPOCH + 4, 0, 1, 2, 400, 4, 4],
    [EPOCH + 6, 0, 1, 1, 50, 1, 1],
    [EPOCH + 8, 2, 0, 1, 1_000, 0.5, 0]
  ];
  store.apply(
    decodeFrame(encodeFrame({ dictionaries: dictionaries(3, 1, []) }, { transfers: { rows } }))
  );
  return store;
}

it('transfers are summed by pair, of what reaches into the range', () => {
  const store = filled();
  expect(pairsOf(store, EPOCH, EPOCH + 10)).toEqual([
    { sender: 2, receiver: 0, count: 1, nbytes: 1_000, busy: 0.5 },
    { sender: 0, receiver: 1, count: 3, nbytes: 450, busy: 5 }
  ]);
  expect(pairsOf(store, EPOCH + 3, EPOCH + 4.5).map(pair => pair.nbytes)).toEqual([400]);
});

it('the bytes of a transfer are spread over its time, and none are lost', () => {
  const store = filled();
  const bins = new Float64Array(10);
  sampleFlow(store, 'rate')(EPOCH, EPOCH + 10, bins);
  const known = [...bins].map(value => Math.round(value));
  expect(known).toEqual([100, 100, 100, 100, 0, 50, 0, 1_000, 0, 0]);
  sampleFlow(store, 'busy')(EPOCH, EPOCH + 10, bins);
  expect([...bins.slice(0, 4)]).toEqual([1, 1, 1, 1]);
  expect(sampleFlow(new TelemetryStore(), 'rate')(0, 10, bins)).toBeUndefined();
  expect(bins.every(Number.isNaN)).toBe(true);
});
