import { describe, expect, it } from 'vitest';
import { Connections, currentCluster } from '../../../src/clusters/connections';
import { cluster } from '../builders';

const one = cluster({ id: 'one' });
const two = cluster({ id: 'two' });
const ended = cluster({ id: 'ended', phase: 'stopped' });

describe('currentCluster', () => {
  it('is the one that was connected, else the only one that lives', () => {
    expect(currentCluster([one, two], 'two')).toBe(two);
    expect(currentCluster([one, ended], null)).toBe(one);
    expect(currentCluster([one, ended], 'ended')).toBe(one);
  });

  it('is none where it would be a guess', () => {
    expect(currentCluster([one, two], null)).toBeNull();
    expect(currentCluster([ended], null)).toBeNull();
    expect(currentCluster([], 'gone')).toBeNull();
  });
});

describe('Connections', () => {
  it('speaks of the kernel of the notebook in front, until it is restarted', () => {
    const connections = new Connections();
    let changes = 0;
    connections.changed.connect(() => (changes += 1));
    connections.connect('kernel-1', 'one');
    expect(connections.current).toBeNull();
    connections.front = 'kernel-1';
    expect(connections.current).toBe('one');
    connections.front = 'kernel-2';
    expect(connections.current).toBeNull();
    connections.front = 'kernel-1';
    connections.forget('kernel-1');
    expect(connections.current).toBeNull();
    expect(changes).toBe(5);
  });
});
