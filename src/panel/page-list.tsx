import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { ICluster, IPage } from '../api/contract';
import { toApiError, type ApiError } from '../api/errors';
import { groupPages, type PageGroup } from '../clusters/pages';
import { followPress } from '../ui/drag';
import { Problem } from '../ui/problem';
import type { IPreferenceValues } from '../ui/preferences';
import { translated } from '../ui/server-words';
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
          setPages(found.map(page => ({ ...page, title: translated(page.title, trans) })));
          setFailure(null);
        }
      },
      (error: unknown) => wanted && setFailure(toApiError(error))
    );
    return () => {
      wanted = false;
    };
  }, [clusters, id, schedulerId, trans]);

  const { favouritePages } = usePreferences();
  const { layouts } = actions;
  const groups = groupPages(pages ?? [], favouritePages, filter);
  const first = groups.at(0)?.pages.at(0);
  const onKeyDown = (event: React.KeyboardEvent<HTMLElement>): void => {
    if (event.key === 'Enter' && event.target instanceof HTMLInputElement && first) {
      void actions.openPage(cluster, first);
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
      {layouts.length > 0 && filter === '' && (
        <div className="dasklab-Layouts" role="group" aria-label={trans.__('Layouts')}>
          <span aria-hidden="true">{trans.__('Layouts')}</span>
          {layouts.map(name => (
            <button
              key={name}
              type="button"
              className="dasklab-TextButton"
              title={trans.__('Open the layout “%1”', name)}
              onClick={() => void actions.openLayout(cluster, name)}
            >
              {name}
            </button>
          ))}
        </div>
      )}
      {pages === null ? (
        <p className="dasklab-Quiet">{trans.__('Asking the scheduler…')}</p>
      ) : groups.length === 0 ? (
        <p className="dasklab-Quiet">
          {filter
            ? trans.__('No page has “%1” in its name.', filter)
            : trans.__('This scheduler has no dashboard pages.')}
        </p>
      ) : (
        <div className="dasklab-Pages-groups" role="group" aria-label={trans.__('Dashboard pages')}>
          {groups.map(({ group, pages: members }) => (
            <section key={group} aria-label={groupTitle(group, trans)}>
              <h4>{groupTitle(group, trans)}</h4>
              <ul>
                {members.map(page => (
                  <li key={page.name}>
                    <button
                      type="button"
                      title={
                        layouts.length > 0
                          ? trans.__('Click to open, or drag into place')
                          : undefined
                      }
                      onPointerDown={press =>
                        followPress(press, trans.__('%1: %2', cluster.name, page.title), () =>
                          actions.dragPage(cluster, page)
                        )
                      }
                      onClick={() => void actions.openPage(cluster, page)}
                    >
                      {page.title}
                    </button>
                  </li>
                ))}
              </ul>
            </section>
          ))}
        </div>
      )}
    </div>
  );
}

/** What the user has set. */
function usePreferences(): IPreferenceValues {
  const { preferences } = usePanel().actions;
  const subscribe = React.useCallback(
    (listener: () => void) => {
      preferences.changed.connect(listener);
      return () => {
        preferences.changed.disconnect(listener);
      };
    },
    [preferences]
  );
  return React.useSyncExternalStore(subscribe, () => preferences.values);
}

function groupTitle(group: PageGroup, trans: TranslationBundle): string {
  switch (group) {
    case 'favourites':
      return trans.__('Favourites');
    case 'tasks':
      return trans.__('Tasks');
    case 'workers':
      return trans.__('Workers');
    case 'memory':
      return trans.__('Memory');
    case 'system':
      return trans.__('System');
    case 'other':
      return trans.__('Other');
  }
}

/** Move among the field and the buttons with the arrow keys. */
function moveFocus(list: HTMLElement, by: number): void {
  const stops = [...list.querySelectorAll<HTMLElement>('input, button')];
  const index = stops.findIndex(stop => stop === document.activeElement);
  stops[Math.min(Math.max(index + by, 0), stops.length - 1)]?.focus();
}
