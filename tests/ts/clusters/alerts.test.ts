import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ClusterApi } from '../../../src/api/client';
import { Alerts } from '../../../src/clusters/alerts';
import { ClusterManager } from '../../../src/clusters/manager';
import { cluster, EPOCH, type Wire } from '../builders';
import { json, ManualFeed, ScriptedServer } from '../doubles';

let feed: ManualFeed;
let manager: ClusterManager;
let alerts: Alerts;
let raised: string[];
let updated: number;

beforeEach(async () => {
  vi.useFakeTimers({ now: EPOCH * 1_000 });
  const server = new ScriptedServer();
  server.answer = () => json(200, { clusters: [] });
  feed = new ManualFeed();
  manager = new ClusterManager(new ClusterApi(server.settings), feed);
  await manager.ready;
  alerts = new Alerts(manager);
  raised = [];
  updated = EPOCH;
  alerts.raised.connect((_, alert) => raised.push(`${alert.kind} ${alert.cluster.id}`));
});

afterEach(() => {
  alerts.dispose();
  manager.dispose();
  vi.useRealTimers();
});

function push(changes: Wire): void {
  feed.push({ action: 'changed', cluster: cluster({ updated: (updated += 1), ...changes }) });
  vi.advanceTimersByTime(100);
}

function lease(minutes: number | null): Wire {
  const deadline = minutes === null ? null : Date.now() / 1_000 + minutes * 60;
  return { lease: { deadline, cause: 'idle' } };
}

describe('Alerts', () => {
  it('tells of what ends badly under this page, once', () => {
    push({ id: 'a' });
    push({ id: 'b', phase: 'starting' });
    push({ id: 'a', phase: 'lost' });
    push({ id: 'b', phase: 'failed' });
    push({ id: 'a', phase: 'lost' });
    expect(raised).toEqual(['lost a', 'failed b']);
  });

  it('is silent about the past and about what was stopped', () => {
    push({ id: 'old', phase: 'failed' });
    push({ id: 'a' });
    push({ id: 'a', phase: 'stopped' });
    expect(raised).toEqual([]);
  });

  it('warns five minutes before a lease ends, without anything happening', () => {
    push({ id: 'a', ...lease(20) });
    vi.advanceTimersByTime(14 * 60_000);
    expect(raised).toEqual([]);
    vi.advanceTimersByTime(61_000);
    expect(raised).toEqual(['ending a']);
  });

  it('warns once, takes that back when it has become pointless, and warns anew', () => {
    push({ id: 'a', ...lease(3) });
    push({ id: 'a', ...lease(2) });
    expect(raised).toEqual(['ending a']);
    push({ id: 'a', ...lease(null) });
    push({ id: 'a', ...lease(2) });
    expect(raised).toEqual(['ending a', 'settled a', 'ending a']);
    // Also where nothing happens in between: it was used, and is idle for as long again.
    push({ id: 'a', ...lease(20) });
    vi.advanceTimersByTime(15 * 60_000 + 1_000);
    expect(raised.slice(3)).toEqual(['settled a', 'ending a']);
  });

  it('tells that a lease has ended', () => {
    const reason = { code: 'lease.idle', message: 'Its lease has ended.', hint: '' };
    push({ id: 'a', ...lease(3) });
    push({ id: 'a', phase: 'stopping', reason });
    push({ id: 'a', phase: 'stopped', reason });
    push({ id: 'a', phase: 'stopped', reason });
    expect(raised).toEqual(['ending a', 'settled a', 'ended a']);
  });

  it('tells of what failed after it had been accepted, once, and of nothing old', () => {
    const happened = (at: number, kind: string): Wire => ({ at, kind, text: `No: ${kind}.` });
    const texts: (string | undefined)[] = [];
    alerts.raised.connect((_, { event }) => texts.push(event?.text));
    const events = [happened(EPOCH - 5, 'restart-failed')];
    push({ id: 'a', events });
    push({ id: 'a', events: [...events, happened(EPOCH, 'scale')] });
    expect(raised).toEqual([]);
    events.push(happened(EPOCH, 'scale'), happened(EPOCH + 1, 'scale-failed'));
    push({ id: 'a', events });
    push({ id: 'a', events: [...events, happened(EPOCH + 2, 'restart')] });
    expect(raised).toEqual(['refused a']);
    expect(texts).toEqual(['No: scale-failed.']);
  });

  it('takes the warning back when the cluster is kept or stopped', () => {
    push({ id: 'a', ...lease(3) });
    push({ id: 'a', lease: { pinned: true, deadline: EPOCH + 60 } });
    push({ id: 'b', ...lease(3) });
    push({ id: 'b', phase: 'stopping', ...lease(3) });
    expect(raised).toEqual(['ending a', 'settled a', 'ending b', 'settled b']);
  });

  it('stands a deadline that is further away than a timer can wait', () => {
    push({ id: 'a', ...lease(60 * 24 * 60) });
    vi.advanceTimersByTime(30 * 24 * 3_600_000);
    expect(raised).toEqual([]);
  });
});
