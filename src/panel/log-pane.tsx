import type { TranslationBundle } from '@jupyterlab/translation';
import { HTMLSelect, ReactWidget, refreshIcon } from '@jupyterlab/ui-components';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import * as React from 'react';
import type { ILogLine, LogSource } from '../api/contract';
import { toApiError, type ApiError } from '../api/errors';
import type { IClusters } from '../clusters/manager';
import { IconButton } from '../ui/icon-button';
import { Problem } from '../ui/problem';

/** Lines that are asked for. */
const LINES = 1_000;

export interface ILogOptions {
  clusters: IClusters;
  trans: TranslationBundle;
  /** The cluster's id. */
  cluster: string;
  clusterName: string;
}

/** The logs of one cluster, as the content of a main-area pane. */
export class LogPane extends ReactWidget {
  constructor(options: ILogOptions) {
    super();
    this._options = options;
    this.addClass('dasklab-Log');
    this.title.label = options.trans.__('%1: Log', options.clusterName);
    this.title.caption = options.trans.__('Log of the Dask cluster %1', options.clusterName);
  }

  get cluster(): string {
    return this._options.cluster;
  }

  /** The arguments of the command that opens it again. */
  get arguments(): ReadonlyJSONObject {
    const { cluster, clusterName } = this._options;
    return { cluster, clusterName };
  }

  protected override render(): JSX.Element {
    return <Log {...this._options} />;
  }

  private readonly _options: ILogOptions;
}

function Log(props: ILogOptions): JSX.Element {
  const { clusters, cluster, trans } = props;
  const [source, setSource] = React.useState<LogSource>('host');
  const [lines, setLines] = React.useState<ReadonlyArray<ILogLine> | null>(null);
  const [failure, setFailure] = React.useState<ApiError | null>(null);
  const [turn, setTurn] = React.useState(0);
  const end = React.useRef<HTMLDivElement>(null);

  React.useEffect(() => {
    let wanted = true;
    clusters.api.logs(cluster, source, LINES).then(
      found => {
        if (wanted) {
          setLines(found);
          setFailure(null);
        }
      },
      (error: unknown) => wanted && setFailure(toApiError(error))
    );
    return () => {
      wanted = false;
    };
  }, [clusters, cluster, source, turn]);
  // The newest line is what one came for.
  React.useEffect(() => {
    end.current?.scrollIntoView({ block: 'end' });
  }, [lines]);

  const titles: Readonly<Record<LogSource, string>> = {
    host: trans.__('Cluster host'),
    scheduler: trans.__('Scheduler'),
    workers: trans.__('Workers')
  };
  return (
    <>
      <div className="dasklab-Log-bar" role="toolbar" aria-label={trans.__('Log')}>
        <label>
          <span className="dasklab-Unseen">{trans.__('Log of')}</span>
          <HTMLSelect
            value={source}
            onChange={event => {
              setLines(null);
              setSource(event.target.value as LogSource);
            }}
          >
            {Object.entries(titles).map(([name, title]) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </HTMLSelect>
        </label>
        <IconButton
          icon={refreshIcon}
          label={trans.__('Read the log again')}
          onClick={() => setTurn(turn + 1)}
        />
      </div>
      {failure && <Problem problem={failure} trans={trans} alert />}
      <div className="dasklab-Log-lines" tabIndex={0} role="region" aria-label={titles[source]}>
        {lines === null
          ? !failure && <p className="dasklab-Quiet">{trans.__('Reading the log…')}</p>
          : lines.length === 0 && <p className="dasklab-Quiet">{trans.__('The log is empty.')}</p>}
        {lines?.map((line, index) => (
          <Line key={index} line={line} />
        ))}
        <div ref={end} />
      </div>
    </>
  );
}

function Line(props: { line: ILogLine }): JSX.Element {
  const { at, level, source, text } = props.line;
  return (
    <div className="dasklab-Log-line" data-level={level}>
      {at !== null && (
        <time dateTime={new Date(at * 1_000).toISOString()}>
          {new Date(at * 1_000).toLocaleTimeString()}
        </time>
      )}
      {source !== '' && source !== 'host' && source !== 'scheduler' && (
        <span className="dasklab-Log-source">{source}</span>
      )}
      {level !== '' && <span className="dasklab-Log-level">{level}</span>}
      <span className="dasklab-Log-text">{text}</span>
    </div>
  );
}
