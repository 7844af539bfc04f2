import * as React from 'react';
import { hasEnded, type ICluster, type IJob } from '../api/contract';
import { abilities } from '../api/mode';
import { presentScaling } from '../clusters/scaling';
import { Advice } from '../ui/advice';
import type { Attempt } from './card-metrics';
import { usePanel, withoutFigures } from './context';

/** Jobs that are listed one by one. */
const LISTED = 50;

/** Why there are fewer workers than wanted, and the jobs that they are to run in. */
export const Missing = withoutFigures(function Missing(props: {
  cluster: ICluster;
  attempt: Attempt;
}): JSX.Element | null {
  const { attempt, cluster } = props;
  const { advice, can, id, jobs, phase, workers } = cluster;
  const { actions, clusters, trans } = usePanel();
  const late = jobs.filter(job => job.state !== 'running');
  if (hasEnded(phase) || (advice.length === 0 && late.length === 0)) {
    return null;
  }
  return (
    <>
      <Advice
        advice={advice}
        label={trans.__('Why workers are missing')}
        trans={trans}
        onAgain={
          abilities(can, actions.mode).has('scale')
            ? () => void attempt(() => clusters.scale(id, presentScaling(workers)))
            : undefined
        }
      />
      {late.length > 0 && (
        <details className="dasklab-Jobs">
          <summary>
            {trans._n('%1 job without a worker', '%1 jobs without a worker', late.length)}
          </summary>
          <ul>
            {late.slice(0, LISTED).map(job => (
              <li key={job.id}>{jobText(job)}</li>
            ))}
            {late.length > LISTED && <li>{trans.__('… and %1 more', late.length - LISTED)}</li>}
          </ul>
        </details>
      )}
    </>
  );

  function jobText(job: IJob): string {
    const state = job.state === 'ended' ? trans.__('ended') : trans.__('pending');
    const what = job.text ? `${job.id} (${state}): ${job.text}` : `${job.id} (${state})`;
    return job.expected === null
      ? what
      : trans.__(
          '%1 Expected to start at %2.',
          what,
          new Date(job.expected * 1_000).toLocaleTimeString(
            document.documentElement.lang || undefined,
            { hour: '2-digit', minute: '2-digit' }
          )
        );
  }
});
