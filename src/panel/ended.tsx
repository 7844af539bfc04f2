import { caretDownIcon, caretRightIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { Card } from './card';
import { usePanel } from './context';

/** The clusters that are over, folded away. */
export function Ended(props: { ids: ReadonlyArray<string> }): JSX.Element | null {
  const { ids } = props;
  const { trans } = usePanel();
  const [open, setOpen] = React.useState(false);
  const id = React.useId();
  const Caret = open ? caretDownIcon : caretRightIcon;
  if (ids.length === 0) {
    return null;
  }
  return (
    <section className="dasklab-Ended" aria-label={trans.__('Ended clusters')}>
      <button
        type="button"
        className="dasklab-Ended-toggle"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        <Caret.react tag="span" className="dasklab-Icon" />
        <span>{trans.__('Ended')}</span>
        <span className="dasklab-Count">{ids.length}</span>
      </button>
      {open && (
        <ul id={id} className="dasklab-List">
          {ids.map(each => (
            <Card key={each} id={each} />
          ))}
        </ul>
      )}
    </section>
  );
}
