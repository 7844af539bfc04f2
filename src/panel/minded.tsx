import * as React from 'react';
import { hasEnded, type ICluster } from '../api/contract';
import { Advice } from '../ui/advice';
import { usePanel, withoutFigures } from './context';

/** What to mind of a cluster's options: in sight while it comes, calmly once it runs. */
export const Minded = withoutFigures(function Minded(props: {
  cluster: ICluster;
}): JSX.Element | null {
  const { phase, warnings } = props.cluster;
  const { trans } = usePanel();
  if (hasEnded(phase) || warnings.length === 0) {
    return null;
  }
  const all = <Advice advice={warnings} label={trans.__('To mind')} trans={trans} />;
  if (phase !== 'running') {
    return all;
  }
  return (
    <details className="dasklab-Minded">
      <summary>{trans._n('%1 thing to mind', '%1 things to mind', warnings.length)}</summary>
      {all}
    </details>
  );
});
