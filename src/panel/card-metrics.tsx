import * as React from 'react';
import type { ICluster, ILease } from '../api/contract';
import { abilities } from '../api/mode';
import { leaseCause, secondsLeft, timeLeft } from '../clusters/lease';
import { IconButton } from '../ui/icon-button';
import { pinIcon } from '../ui/icons';
import { formatBytes, formatShare } from '../ui/units';
import { cpuText, workersText, workersTitle } from '../ui/words';
import { useClock, usePanel, usePanelVisible, withoutFigures } from './context';
import { readCpu, readTasks, Sparkline } from './sparkline';
import { TaskCounts } from './task-counts';

/** Runs something on the cluster and shows its failure; whether it succeeded. */
export type Attempt = (what: () => Promise<void>) => Promise<boolean>;

interface IMetricsProps {
  cluster: ICluster;
  attempt: Attempt;
}

/** Workers, CPU, memory, tasks and lease of a cluster whose scheduler is up. */
export function CardMetrics(props: IMetricsProps): JSX.Element {
  const { cluster, attempt } = props;
  const { clusters, trans } = usePanel();
  const samples = clusters.history(cluster.id);
  return (
    <dl className="dasklab-Metrics">
      <dt>{trans.__('Workers')}</dt>
      <dd>
        <span className="dasklab-Metrics-workers" title={workersTitle(cluster.workers, trans)}>
          {workersText(cluster.workers, trans)}
        </span>
      </dd>
      {cluster.cores > 0 && (
        <>
          <dt>{trans.__('CPU')}</dt>
          <dd>
            <Sparkline samples={samples} read={readCpu} ceiling={cluster.cores} />
            <span className="dasklab-Metrics-value" title={trans.__('Cores in use, of all')}>
              {cpuText(cluster, trans)}
            </span>
          </dd>
        </>
      )}
      <dt>{trans.__('Memory')}</dt>
      <dd>
        <Memory used={cluster.memory.used} limit={cluster.memory.limit} />
      </dd>
      <dt>{trans.__('Tasks')}</dt>
      <dd>
        <Sparkline samples={samples} read={readTasks} />
        <TaskCounts tasks={cluster.tasks} />
      </dd>
      <dt>{trans.__('Lease')}</dt>
      <dd>
        <Lease cluster={cluster} attempt={attempt} />
      </dd>
    </dl>
  );
}

function Memory(props: { used: number; limit: number }): JSX.Element {
  const { used, limit } = props;
  const { trans } = usePanel();
  const locale = document.documentElement.lang || undefined;
  const text =
    limit > 0
      ? trans.__('%1 of %2', ...formatShare(used, limit, locale))
      : formatBytes(used, locale);
  const share = limit > 0 ? Math.min(1, used / limit) : 0;
  return (
    <>
      <div
        role="meter"
        className="dasklab-Bar"
        // Dask's workers begin to spill at 70 % of their limit and pause at 80 %.
        data-level={share >= 0.8 ? 'high' : share >= 0.7 ? 'raised' : 'normal'}
        style={{ backgroundSize: `${share * 100}% 100%` }}
        aria-label={trans.__('Memory used by the workers')}
        aria-valuemax={100}
        aria-valuenow={Math.round(share * 100)}
      />
      <span className="dasklab-Metrics-value">{text}</span>
    </>
  );
}

const Lease = withoutFigures(function Lease(props: IMetricsProps): JSX.Element {
  const { cluster, attempt } = props;
  const { lease } = cluster;
  const { actions, clusters, trans } = usePanel();
  const visible = usePanelVisible();
  const left = useClock(now => {
    const seconds = secondsLeft(lease, now);
    return seconds === null
      ? null
      : seconds > 0
        ? trans.__('Ends in %1', timeLeft(seconds, trans))
        : trans.__('Ends any moment');
  }, visible);
  const soon = useClock(now => (secondsLeft(lease, now) ?? Infinity) < 120, visible);
  const keep = (): void => {
    void attempt(() => clusters.keep(cluster.id, !lease.pinned));
  };
  return (
    <>
      <span
        className={`dasklab-Lease${soon ? ' dasklab-mod-soon' : ''}`}
        title={left === null ? undefined : leaseCause(lease.cause, trans)}
      >
        {lease.pinned ? trans.__('Kept until stopped') : (left ?? restingText(lease))}
      </span>
      {abilities(cluster.can, actions.mode).has('keep') && (
        <IconButton
          icon={pinIcon}
          label={trans.__('Keep “%1” whatever its lease says', cluster.name)}
          pressed={lease.pinned}
          onClick={keep}
        />
      )}
    </>
  );

  function restingText(resting: ILease): string {
    const limited = resting.idle ?? resting.noClient ?? resting.maxAge;
    return limited === null ? trans.__('No limit') : trans.__('In use');
  }
});
