import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FrameLoop } from '../../../src/plot/loop';

describe('the loop of frames', () => {
  let asked: FrameRequestCallback[];
  let loop: FrameLoop;
  const frame = (): void => asked.splice(0).forEach(call => call(0));

  beforeEach(() => {
    asked = [];
    loop = new FrameLoop();
    vi.stubGlobal('requestAnimationFrame', (call: FrameRequestCallback) => asked.push(call));
  });
  afterEach(() => vi.unstubAllGlobals());

  it('draws a plot once a frame, however often it is asked to, and then rests', () => {
    const plot = { visible: true, draw: vi.fn() };
    loop.request(plot);
    loop.request(plot);
    expect(asked).toHaveLength(1);
    frame();
    expect(plot.draw).toHaveBeenCalledOnce();
    expect(asked).toHaveLength(0);
    expect(loop.drawn).toBe(1);
  });

  it('asks for no frame for what is hidden, and draws it when it is seen', () => {
    const plot = { visible: false, draw: vi.fn() };
    loop.request(plot);
    expect(asked).toHaveLength(0);
    plot.visible = true;
    loop.request(plot);
    frame();
    expect(plot.draw).toHaveBeenCalledOnce();
  });

  it('shares one frame among all plots, and forgets those that are gone', () => {
    const [one, two] = [0, 1].map(() => ({ visible: true, draw: vi.fn() }));
    loop.request(one);
    loop.request(two);
    loop.forget(one);
    expect(asked).toHaveLength(1);
    frame();
    expect(one.draw).not.toHaveBeenCalled();
    expect(two.draw).toHaveBeenCalledOnce();
  });
});
