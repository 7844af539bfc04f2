import type { TranslationBundle } from '@jupyterlab/translation';
import { HTMLSelect, refreshIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import type { LogSource } from '../api/contract';
import { IconButton } from '../ui/icon-button';
import { followIcon } from '../ui/icons';

interface ILogBarProps {
  trans: TranslationBundle;
  titles: Readonly<Record<LogSource, string>>;
  source: LogSource;
  /** The workers that have lines; a choice is offered among several. */
  workers: ReadonlyArray<string>;
  /** Empty for all of them. */
  worker: string;
  filter: string;
  following: boolean;
  /** How many lines there are, in words. */
  count: string;
  onSource(source: LogSource): void;
  onWorker(worker: string): void;
  onFilter(filter: string): void;
  onFollow(following: boolean): void;
  onRead(): void;
}

/** What is shown of a log, above its lines. */
export function LogBar(props: ILogBarProps): JSX.Element {
  const { count, filter, following, source, titles, trans, worker, workers } = props;
  return (
    <div className="dasklab-Log-bar" role="toolbar" aria-label={trans.__('Log')}>
      <HTMLSelect
        aria-label={trans.__('Log of')}
        value={source}
        onChange={event => props.onSource(event.target.value as LogSource)}
      >
        {Object.entries(titles).map(([name, title]) => (
          <option key={name} value={name}>
            {title}
          </option>
        ))}
      </HTMLSelect>
      {workers.length > 1 && (
        <HTMLSelect
          aria-label={trans.__('Worker')}
          value={worker}
          onChange={event => props.onWorker(event.target.value)}
        >
          <option value="">{trans.__('All workers')}</option>
          {workers.map(each => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </HTMLSelect>
      )}
      <input
        type="search"
        className="jp-mod-styled dasklab-Log-filter"
        aria-label={trans.__('Filter the lines')}
        placeholder={trans.__('Filter…')}
        value={filter}
        onChange={event => props.onFilter(event.target.value)}
      />
      <span className="dasklab-Log-count" role="status">
        {count}
      </span>
      <IconButton
        icon={followIcon}
        label={trans.__('Follow: read on and stay at the end when the cluster changes')}
        pressed={following}
        onClick={() => props.onFollow(!following)}
      />
      <IconButton
        icon={refreshIcon}
        label={trans.__('Read the log again')}
        onClick={props.onRead}
      />
    </div>
  );
}
