import * as React from 'react';
import { hasEnded, isComing, type ICluster, type Phase } from '../api/contract';
import { toApiError, type ApiError } from '../api/errors';
import { Icon } from '../ui/icon';
import { phaseIcons } from '../ui/icons';
import { Problem } from '../ui/problem';
import { originText, phaseName } from '../ui/words';
import { CardActions } from './card-actions';
import { CardMetrics } from './card-metrics';
import { useCluster, usePanel } from './context';
import { Minded } from './minded';
import { Missing } from './missing';
import { Steps } from './steps';

/** One cluster by its id. Follows it by itself, so that a change repaints this card alone. */
export const Card = React.memo(function Card(props: { id: string }): JSX.Element | null {
  const cluster = useCluster(props.id);
  return cluster && <Content cluster={cluster} />;
});

function Content(props: { cluster: ICluster }): JSX.Element {
  const { cluster } = props;
  const { trans } = usePanel();
  const [failure, setFailure] = React.useState<ApiError | null>(null);
  const nameId = `dasklab-name-${cluster.id}`;
  const { phase, reason } = cluster;
  const origin = originText(cluster, trans);

  /** Do something to the cluster; if it fails, the card says why. */
  const attempt = React.useCallback(async (what: () => Promise<void>): Promise<boolean> => {
    setFailure(null);
    try {
      await what();
      return true;
    } catch (error) {
      setFailure(toApiError(error));
      return false;
    }
  }, []);

  return (
    <li
      className="dasklab-Card"
      tabIndex={-1}
      aria-labelledby={nameId}
      data-phase={phase}
      data-cluster={cluster.id}
    >
      <div className="dasklab-Card-head">
        <PhaseIcon phase={phase} />
        <h3 id={nameId} className="dasklab-Card-name" title={cluster.name}>
          {cluster.name}
        </h3>
        <span className="dasklab-Card-phase">{phaseName(phase, trans)}</span>
      </div>
      <div className="dasklab-Card-origin" title={origin}>
        {origin}
      </div>
      {(isComing(phase) || phase === 'failed') && <Steps steps={cluster.steps} phase={phase} />}
      {reason && !(phase === 'waiting' && cluster.advice.length > 0) && (
        <Problem
          problem={reason}
          trans={trans}
          tone={phase === 'failed' ? 'error' : phase === 'stopped' ? 'plain' : 'warning'}
        />
      )}
      <Missing cluster={cluster} attempt={attempt} />
      <Minded cluster={cluster} />
      {!hasEnded(phase) && phase !== 'starting' && (
        <CardMetrics cluster={cluster} attempt={attempt} />
      )}
      <CardActions cluster={cluster} attempt={attempt} />
      {failure && (
        <Problem problem={failure} trans={trans} alert onDismiss={() => setFailure(null)} />
      )}
    </li>
  );
}

function PhaseIcon(props: { phase: Phase }): JSX.Element {
  const moves = props.phase === 'starting' || props.phase === 'stopping';
  return (
    <Icon
      icon={phaseIcons[props.phase]}
      className={`dasklab-PhaseIcon${moves ? ' dasklab-mod-moving' : ''}`}
    />
  );
}
