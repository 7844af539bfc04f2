import { caretDownIcon, caretRightIcon, refreshIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import type { IDiscovery, IFound } from '../api/contract';
import { toApiError, type ApiError } from '../api/errors';
import { mayLaunch } from '../api/mode';
import { IconButton } from '../ui/icon-button';
import { Problem } from '../ui/problem';
import { usePanel } from './context';

/**
 * The clusters that run already and are in no list, folded away. Asked for when it is opened or
 * refreshed, never by itself: asking may take seconds, and reaches other machines.
 */
export function Found(): JSX.Element {
  const model = usePanel();
  const { trans } = model;
  const [open, setOpen] = React.useState(false);
  const [looking, setLooking] = React.useState(false);
  const [answer, setAnswer] = React.useState<IDiscovery | null>(null);
  const [error, setError] = React.useState<ApiError | null>(null);
  const turn = React.useRef(0);
  const id = React.useId();
  const Caret = open ? caretDownIcon : caretRightIcon;

  const look = async (): Promise<void> => {
    // Only the last question is answered: the section may have been closed and opened again.
    const mine = ++turn.current;
    setLooking(true);
    setError(null);
    try {
      const next = await model.discover();
      if (mine === turn.current) {
        setAnswer(next);
      }
    } catch (reason) {
      if (mine === turn.current) {
        setError(toApiError(reason));
      }
    }
    if (mine === turn.current) {
      setLooking(false);
    }
  };
  const toggle = (): void => {
    setOpen(!open);
    if (!open) {
      void look();
    }
  };
  const attach = async (found: IFound): Promise<void> => {
    try {
      await model.attach(found);
      setAnswer(known => known && { ...known, found: known.found.filter(row => row !== found) });
    } catch (reason) {
      setError(toApiError(reason));
    }
  };

  return (
    <section className="dasklab-Found" aria-label={trans.__('Clusters found running')}>
      <div className="dasklab-Found-head">
        <button
          type="button"
          className="dasklab-Ended-toggle"
          aria-expanded={open}
          aria-controls={open ? id : undefined}
          onClick={toggle}
        >
          <Caret.react tag="span" className="dasklab-Icon" />
          <span>{trans.__('Found running')}</span>
          {open && answer && <span className="dasklab-Count">{answer.found.length}</span>}
        </button>
        {open && (
          <IconButton
            icon={refreshIcon}
            label={trans.__('Look again for clusters that run')}
            unavailable={looking ? trans.__('Looking…') : null}
            onClick={() => void look()}
          />
        )}
      </div>
      {open && (
        <div id={id} className="dasklab-Found-body">
          <p className="dasklab-Quiet" role="status">
            {summary()}
          </p>
          {error && <Problem problem={error} trans={trans} alert />}
          {answer && answer.found.length > 0 && (
            <ul className="dasklab-Found-list" aria-label={trans.__('Clusters found running')}>
              {answer.found.map(row => (
                <Row key={`${row.deployment} ${row.name}`} found={row} attach={attach} />
              ))}
            </ul>
          )}
          {answer?.silent.map((problem, index) => (
            <Problem key={index} problem={problem} trans={trans} tone="warning" />
          ))}
        </div>
      )}
    </section>
  );

  function summary(): string {
    if (looking) {
      return trans.__('Looking for clusters that run already…');
    }
    if (answer === null) {
      return '';
    }
    return answer.found.length > 0
      ? trans.__('They run, and are in no list of yours.')
      : trans.__('Nothing was found that is not in the list.');
  }
}

function Row(props: { found: IFound; attach(found: IFound): Promise<void> }): JSX.Element {
  const { found, attach } = props;
  const { actions, trans } = usePanel();
  const [busy, setBusy] = React.useState(false);
  const run = async (): Promise<void> => {
    setBusy(true);
    await attach(found);
    setBusy(false);
  };
  return (
    <li className="dasklab-Found-row">
      <span className="dasklab-Found-name" title={found.name}>
        {found.name}
      </span>
      {mayLaunch(actions.mode) && (
        <button
          type="button"
          className="dasklab-TextButton"
          aria-label={trans.__('Attach to “%1”', found.name)}
          disabled={busy}
          onClick={() => void run()}
        >
          {busy ? trans.__('Attaching…') : trans.__('Attach')}
        </button>
      )}
      <span className="dasklab-Found-source">{found.source}</span>
      <p>{found.text}</p>
    </li>
  );
}
