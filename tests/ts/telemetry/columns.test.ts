import { describe, expect, it } from 'vitest';
import { Grouped, lowerBound } from '../../../src/telemetry/columns';
import { dice } from './story';

function all(table: Grouped, group: number, column: number = 0): number[] {
  return table.groups[group].blocks.flatMap(block => [
    ...block.columns[column].subarray(0, block.rows)
  ]);
}

describe('rows in blocks', () => {
  it('keeps the order of time within a group, whatever order they come in', () => {
    const table = new Grouped(['f64', 'f32', 'u16'], 1, 10_000);
    const roll = dice(3);
    const times = Array.from({ length: 2_000 }, (_, index) => index + Math.floor(roll() * 6));
    times.forEach((time, index) => table.append(2, [time, 1, index % 500]));

    const { begins, blocks, ends } = table.groups[2];
    expect(begins).toEqual(blocks.map(block => block.time[0]));
    expect(ends).toEqual(blocks.map(block => block.end));
    for (const block of blocks) {
      const rows = [...block.time.subarray(0, block.rows)];
      expect(rows).toEqual([...rows].sort((a, b) => a - b));
    }
    expect(all(table, 2).sort((a, b) => a - b)).toEqual([...times].sort((a, b) => a - b));
    expect(table.rows).toBe(2_000);
    expect(table.groups[0].rows).toBe(0);
  });

  it('keeps the columns of a row together', () => {
    const table = new Grouped(['f64', 'f32'], null, 100);
    for (const time of [5, 1, 3, 2, 4]) {
      table.append(0, [time, time * 10]);
    }

    expect(all(table, 0)).toEqual([1, 2, 3, 4, 5]);
    expect(all(table, 0, 1)).toEqual([10, 20, 30, 40, 50]);
  });

  it('finds every row that reaches into a window, also a long one', () => {
    const table = new Grouped(['f64', 'f32'], 1, 1_000);
    table.append(0, [0, 50]);
    for (let time = 1; time < 30; time++) {
      table.append(0, [time, 0.5]);
    }
    const [block] = table.groups[0].blocks;

    expect(block.end).toBe(50);
    expect(block.from(40)).toBe(0);
    expect(block.from(60)).toBe(10);
  });

  it('lets go of the oldest rows beyond its cap, of whatever group', () => {
    const table = new Grouped(['f64'], null, 100);
    for (let time = 0; time < 60; time++) {
      table.append(0, [time]);
    }
    for (let time = 60; time < 400; time++) {
      table.append(1, [time]);
    }

    expect(table.rows).toBeLessThanOrEqual(100);
    expect(table.rows + table.dropped).toBe(400);
    expect(table.groups[0].rows).toBe(0);
    expect(all(table, 1).at(-1)).toBe(399);
    expect(table.groups[1].ends).toEqual(table.groups[1].blocks.map(block => block.end));
  });

  it('takes no more than 40 bytes a task, with a thousand threads', () => {
    const table = new Grouped(['f64', 'f32', 'f32', 'u16', 'u8', 'u32'], 1, 1e6);
    const row = [0, 1, 1, 1, 1, 1];
    for (let index = 0; index < 200_000; index++) {
      row[0] = index;
      table.append(index % 1_000, row);
    }

    expect(table.bytes / table.rows).toBeLessThan(40);
  });
});

it('the lower bound is the first value that is not less', () => {
  const values = [1, 2, 2, 5];
  expect([0, 1, 2, 3, 5, 6].map(value => lowerBound(values, 4, value))).toEqual([0, 0, 1, 3, 3, 4]);
  expect(lowerBound(values, 2, 9)).toBe(2);
});
