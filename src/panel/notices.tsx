import * as React from 'react';
import type { Phase } from '../api/contract';
import { Problem } from '../ui/problem';
import { launchRefusal, phaseName } from '../ui/words';
import { usePanel } from './context';
import type { IPanelState } from './model';

/** What stands above a list that is not up to date, and the records that cannot be read. */
export function Notices(props: { state: IPanelState }): JSX.Element {
  const { connection, error, loaded, problems } = props.state;
  const { actions, trans } = usePanel();
  const refusal = launchRefusal(actions.mode, trans);
  return (
    <>
      {refusal && <p className="dasklab-Quiet dasklab-Panel-mode">{refusal}</p>}
      {loaded && (connection === 'closed' || error) && (
        <div className="dasklab-Problem dasklab-mod-warning" role="status">
          <p>{trans.__('The Jupyter server does not answer. This is what was known last.')}</p>
        </div>
      )}
      {problems.length > 0 && (
        <section aria-label={trans.__('Problems')}>
          {problems.map((problem, index) => (
            <Problem key={index} problem={problem} trans={trans} tone="warning" />
          ))}
        </section>
      )}
    </>
  );
}

/** Instead of a list that could not be fetched. */
export function Unreachable(props: { state: IPanelState }): JSX.Element {
  const { clusters, trans } = usePanel();
  const [busy, setBusy] = React.useState(false);
  const retry = async (): Promise<void> => {
    setBusy(true);
    await clusters.refresh();
    setBusy(false);
  };
  return (
    <div className="dasklab-Empty">
      {props.state.error && <Problem problem={props.state.error} trans={trans} alert />}
      <button
        type="button"
        className="dasklab-TextButton"
        disabled={busy}
        onClick={() => void retry()}
      >
        {trans.__('Try again')}
      </button>
    </div>
  );
}

/** Says every change of a phase to who cannot see it. */
export function Announcer(): JSX.Element {
  const { clusters, trans } = usePanel();
  const [text, setText] = React.useState('');
  React.useEffect(() => {
    let known: ReadonlyMap<string, Phase> | null = null;
    // Heard here and not by rendering: nearly all changes are of figures, and none of those said.
    const listen = (): void => {
      const before = known;
      const now = clusters.state.clusters;
      known = new Map(now.map(({ id, phase }) => [id, phase]));
      const news = now
        .filter(({ id, phase }) => before !== null && before.get(id) !== phase)
        .map(({ name, phase }) => trans.__('%1: %2', name, phaseName(phase, trans)));
      if (news.length > 0) {
        setText(news.join('. '));
      }
    };
    listen();
    clusters.changed.connect(listen);
    return () => {
      clusters.changed.disconnect(listen);
    };
  }, [clusters, trans]);
  return (
    <div className="dasklab-Unseen" role="log" aria-live="polite">
      {text}
    </div>
  );
}
