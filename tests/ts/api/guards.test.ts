import { describe, expect, it } from 'vitest';
import {
  readCluster,
  readCode,
  readEvent,
  readListing,
  readLogs,
  readPages,
  readProblem,
  readView
} from '../../../src/api/guards';
import { readDiscovery } from '../../../src/api/discovery-guards';
import { wireCluster } from '../builders';

describe('readCluster', () => {
  it('reads what the server sends', () => {
    const cluster = readCluster(wireCluster());
    expect(cluster).toMatchObject({
      id: 'c1',
      name: 'local-1',
      phase: 'running',
      environment: 'Python 3 (ipykernel)',
      schedulerId: 'Scheduler-1',
      workers: { wanted: 2, running: 2, minimum: null, maximum: null },
      lease: { noClient: 1200, maxAge: 604800, deadline: null }
    });
    expect(cluster?.can.has('restart')).toBe(true);
  });

  it('reads why workers are missing, and drops what says nothing', () => {
    const cluster = readCluster(
      wireCluster({
        warnings: [{ code: 'w', message: 'No wall time.' }, 7],
        advice: [
          { message: 'No node.', hint: 'Ask for less.', severity: 'loud', evidence: ['a', 3] },
          { code: 'x', message: '' },
          'x'
        ],
        jobs: [{ id: '17', state: 'odd', reason: 'Priority', expected: 'soon' }, { state: 'ended' }]
      })
    );
    expect(cluster?.advice).toEqual([
      {
        code: '',
        message: 'No node.',
        hint: 'Ask for less.',
        severity: 'warning',
        evidence: ['a', ''],
        again: false
      }
    ]);
    expect(cluster?.warnings.map(found => found.message)).toEqual(['No wall time.']);
    expect(cluster?.jobs).toEqual([
      { id: '17', state: 'pending', text: 'Priority', node: '', expected: 0 }
    ]);
  });

  it('fills what is missing', () => {
    expect(readCluster({ id: 'x' })).toMatchObject({
      name: 'x',
      phase: 'waiting',
      reason: null,
      workers: { wanted: 0, running: 0, minimum: null, maximum: null, groups: {} },
      memory: { used: 0, limit: 0 },
      lease: { pinned: false, deadline: null }
    });
  });

  it.each([undefined, null, 3, 'x', [], {}, { id: '' }, { id: 7 }, { id: '../x' }, { id: '..' }])(
    'refuses what cannot be addressed: %j',
    value => {
      expect(readCluster(value)).toBeNull();
    }
  );

  it.each([NaN, Infinity, -1, '7', null, true, {}, 2.9])('tolerates %j as a number', value => {
    const cluster = readCluster(
      wireCluster({ cores: value, memory: { used: value, limit: value } })
    );
    expect(cluster?.cores).toBe(value === 2.9 ? 2 : 0);
    expect(Number.isFinite(cluster?.memory.used)).toBe(true);
  });

  it('takes a phase that it does not know for one that lives', () => {
    // To forget a living cluster would be to stop it.
    expect(readCluster(wireCluster({ phase: 'hibernating' }))?.phase).toBe('waiting');
  });

  it('shortens and cleans hostile names', () => {
    const name = '\u001b[31mred\u001b[0m\u202e\u200b line\nbreak ' + 'x'.repeat(1e6);
    const cluster = readCluster(wireCluster({ name }));
    expect(cluster?.name).toMatch(/^red line break x+…$/);
    expect(cluster?.name).toHaveLength(200);
  });

  it('knows only abilities that exist', () => {
    const cluster = readCluster(wireCluster({ can: ['stop', 'explode', 7, null] }));
    expect([...(cluster?.can ?? [])]).toEqual(['stop']);
  });

  it('keeps times within what a date can hold', () => {
    const cluster = readCluster(wireCluster({ created: 1e300, lease: { deadline: 1e300 } }));
    expect(() => new Date((cluster?.created ?? 0) * 1000).toISOString()).not.toThrow();
    expect(cluster?.lease.deadline).toBe(0);
  });
});

describe('readListing', () => {
  it('drops what is no cluster and keeps the rest', () => {
    const listing = readListing({ clusters: [wireCluster(), 'x', null], problems: [{}] });
    expect(listing.clusters.map(cluster => cluster.id)).toEqual(['c1']);
    expect(listing.problems).toHaveLength(1);
  });

  it.each([null, 'x', [], { clusters: {} }])('reads %j as nothing', value => {
    expect(readListing(value)).toEqual({ clusters: [], problems: [] });
  });
});

describe('readEvent', () => {
  it('reads both actions', () => {
    expect(readEvent({ action: 'changed', cluster: wireCluster() })).toMatchObject({
      action: 'changed',
      cluster: { id: 'c1' }
    });
    expect(readEvent({ action: 'forgotten', id: 'c1' })).toEqual({ action: 'forgotten', id: 'c1' });
  });

  it.each([null, {}, { action: 'changed' }, { action: 'forgotten', id: 1 }, { action: 'burnt' }])(
    'ignores %j',
    value => {
      expect(readEvent(value)).toBeNull();
    }
  );
});

describe('readView', () => {
  const base = 'http://host.example/user/alice/';

  it('takes a path of our own', () => {
    const view = readView({ url: '/user/alice/dasklab/view/cap/status', expires: 5 }, base);
    expect(view).toEqual({
      url: 'http://host.example/user/alice/dasklab/view/cap/status',
      expires: 5
    });
  });

  it.each([
    'https://evil.example/user/alice/dasklab/view/x',
    '//evil.example/user/alice/dasklab/view/x',
    'javascript:alert(1)',
    'data:text/html,x',
    '/user/alice/lab',
    '/user/alice/dasklab/view/../../lab',
    7,
    null
  ])('refuses %j', url => {
    expect(readView({ url, expires: 5 }, base)).toBeNull();
  });
});

describe('the small readers', () => {
  it('read problems with whatever is there', () => {
    expect(readProblem({ message: 'm', hint: 3 })).toEqual({
      code: 'internal',
      message: 'm',
      hint: '',
      details: {}
    });
  });

  it('read what was found, and drop what cannot be attached to', () => {
    const found = [
      { deployment: 'gateway', name: 'a\u202e', text: 5, options: { cluster: 'a' }, label: 'g-a' },
      { deployment: 'gateway' },
      { name: 'b' },
      null
    ];
    expect(readDiscovery({ found, silent: [{ message: 'It is silent.' }] })).toEqual({
      found: [
        {
          deployment: 'gateway',
          name: 'a',
          source: 'gateway',
          text: '',
          label: 'g-a',
          options: { cluster: 'a' }
        }
      ],
      silent: [{ code: 'internal', message: 'It is silent.', hint: '', details: {} }]
    });
    expect(readDiscovery('nonsense')).toEqual({ found: [], silent: [] });
  });

  it('read logs, pages and code', () => {
    expect(readLogs({ lines: [{ text: 'a\u001b[1mb', at: 1, level: 'INFO' }, 5] })).toEqual([
      { source: '', at: 1, level: 'INFO', text: 'ab' },
      { source: '', at: null, level: '', text: '' }
    ]);
    expect(readPages({ pages: [{ name: 'status' }, {}] })).toEqual([
      { name: 'status', title: 'status' }
    ]);
    expect(readCode({ connect: 'a\nb' })).toEqual({ connect: 'a\nb', plain: '' });
  });
});
