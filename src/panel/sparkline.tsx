import * as React from 'react';
import { curve, type ISample, type Samples } from '../clusters/history';

interface ISparklineProps {
  samples: Samples;
  read(sample: ISample): number;
  /** The value at the top; without one, the greatest there is. */
  ceiling?: number;
}

/**
 * A small curve of the last two minutes. It is drawn when a sample is added and not before: until
 * then nothing has changed, and a level line says so. The number stands beside it in words.
 */
export const Sparkline = React.memo(function Sparkline(props: ISparklineProps): JSX.Element {
  const { samples, read, ceiling = Math.max(1, ...props.samples.map(read)) } = props;
  const line = curve(samples, read, ceiling);
  return (
    <svg
      className="dasklab-Sparkline"
      viewBox="0 0 100 16"
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {line && <polyline points={line} vectorEffect="non-scaling-stroke" />}
    </svg>
  );
});

export function readCpu(sample: ISample): number {
  return sample.cpu;
}

export function readTasks(sample: ISample): number {
  return sample.tasks;
}
