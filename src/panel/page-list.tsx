import * as React from 'react';
import type { ICluster, IPage } from '../api/contract';
import { toApiError, type ApiError } from '../api/errors';
import { Problem } from '../ui/problem';
import { usePanel } from './context';

/** The dashboard pages of a cluster: type to find one, Enter to open the first. */
export function PageList(props: { cluster: ICluster }): JSX.Element {
  const { cluster } = props;
  const { actions, clusters, trans } = usePanel();
  const [pages, setPages] = React.useState<ReadonlyArray<IPage> | null>(null);
  const [failure, setFailure] = React.useState<ApiError | null>(null);
  const [filter, setFilter] = React.useState('');
  const { id, schedulerId } = cluster;

  // Anew when the scheduler is another one: it may have other pages.
  React.useEffect(() => {
    let wanted = true;
    clusters.api.pages(id).then(
      found => {
        if (wanted) {
          setPages(found);
          setFailure(null);
        }
      },
      (error: unknown) => wanted && setFailure(toApiError(error))
    );
    return () => {
      wanted = false;
    };
  }, [clusters, id, schedulerId]);

  const shown = (pages ?? []).filter(page => matches(page, filter));
  const onKeyDown = (event: React.KeyboardEvent<HTMLElement>): void => {
    if (event.key === 'Enter' && event.target instanceof HTMLInputElement && shown.length > 0) {
      void actions.openPage(cluster, shown[0]);
    }
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      moveFocus(event.currentTarget, event.key === 'ArrowDown' ? 1 : -1);
    }
  };
  if (failure) {
    return <Problem problem={failure} trans={trans} alert />;
  }
  return (
    <div className="dasklab-Pages" onKeyDown={onKeyDown}>
      <input
        type="search"
        className="jp-mod-styled"
        aria-label={trans.__('Find a dashboard page')}
        placeholder={trans.__('Find a page…')}
        autoFocus
        value={filter}
        onChange={event => setFilter(event.target.value)}
      />
      {pages === null ? (
        <p className="dasklab-Quiet">{trans.__('Asking the scheduler…')}</p>
      ) : shown.length === 0 ? (
        <p className="dasklab-Quiet">
          {filter
            ? trans.__('No page has “%1” in its name.', filter)
            : trans.__('This scheduler has no dashboard pages.')}
        </p>
      ) : (
        <ul aria-label={trans.__('Dashboard pages')}>
          {shown.map(page => (
            <li key={page.name}>
              <button type="button" onClick={() => void actions.openPage(cluster, page)}>
                {page.title}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function matches(page: IPage, filter: string): boolean {
  const words = filter.toLowerCase().split(/\s+/);
  const text = `${page.title} ${page.name}`.toLowerCase();
  return words.every(word => text.includes(word));
}

/** Move among the field and the buttons with the arrow keys. */
function moveFocus(list: HTMLElement, by: number): void {
  const stops = [...list.querySelectorAll<HTMLElement>('input, button')];
  const index = stops.findIndex(stop => stop === document.activeElement);
  stops[Math.min(Math.max(index + by, 0), stops.length - 1)]?.focus();
}
