import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import type { Message } from '@lumino/messaging';
import * as React from 'react';
import type { ILogLine, LogSource } from '../api/contract';
import { filterLines, LogFeed, sourcesOf } from '../clusters/log-feed';
import type { IClusters } from '../clusters/manager';
import type { IAttention } from '../telemetry/attention';
import { Problem } from '../ui/problem';
import { LogBar } from './log-bar';

/** Pixels from the end that still count as the end. */
const NEAR = 24;

export interface ILogOptions {
  clusters: IClusters;
  attention: IAttention;
  trans: TranslationBundle;
  /** The cluster's id. */
  cluster: string;
  clusterName: string;
}

/** The logs of one cluster, as the content of a main-area pane; it owns what reads them. */
export class LogPane extends ReactWidget {
  constructor(options: ILogOptions) {
    super();
    this._options = options;
    this._feed = new LogFeed(options.clusters, options.cluster, options.attention);
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

  override dispose(): void {
    this._feed.dispose();
    super.dispose();
  }

  protected override render(): JSX.Element {
    return <Log feed={this._feed} trans={this._options.trans} />;
  }

  protected override onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    this._feed.visible = this.isVisible;
  }

  protected override onAfterShow(msg: Message): void {
    super.onAfterShow(msg);
    this._feed.visible = true;
  }

  protected override onBeforeHide(msg: Message): void {
    this._feed.visible = false;
    super.onBeforeHide(msg);
  }

  private readonly _options: ILogOptions;
  private readonly _feed: LogFeed;
}

function Log(props: { feed: LogFeed; trans: TranslationBundle }): JSX.Element {
  const { feed, trans } = props;
  const state = React.useSyncExternalStore(feed.subscribe, feed.state);
  const { failure, following, lines, resting, source } = state;
  const [from, setFrom] = React.useState('');
  const [filter, setFilter] = React.useState('');
  const end = React.useRef<HTMLDivElement>(null);
  const sources = React.useMemo(
    () => (source === 'workers' ? sourcesOf(lines ?? []) : []),
    [lines, source]
  );
  // A worker that is gone leaves no line behind, and then nothing would be seen.
  const chosen = sources.includes(from) ? from : '';
  const shown = React.useMemo(
    () => filterLines(lines ?? [], chosen, filter),
    [lines, chosen, filter]
  );
  // The newest line is what one came for.
  React.useLayoutEffect(() => {
    if (following) {
      end.current?.scrollIntoView({ block: 'end' });
    }
  }, [shown, following]);

  const titles: Readonly<Record<LogSource, string>> = {
    host: trans.__('Cluster host'),
    scheduler: trans.__('Scheduler'),
    workers: trans.__('Workers')
  };
  const note = failure
    ? ''
    : lines === null
      ? trans.__('Reading the log…')
      : lines.length === 0
        ? trans.__('The log is empty.')
        : shown.length === 0
          ? trans.__('No line has “%1” in it.', filter)
          : '';
  return (
    <>
      <LogBar
        trans={trans}
        titles={titles}
        source={source}
        workers={sources}
        worker={chosen}
        filter={filter}
        following={following}
        count={
          lines === null
            ? ''
            : shown.length === lines.length
              ? trans._n('%1 line', '%1 lines', lines.length)
              : trans.__('%1 of %2 lines', shown.length, lines.length)
        }
        onSource={next => {
          feed.source = next;
        }}
        onWorker={setFrom}
        onFilter={setFilter}
        onFollow={next => {
          feed.following = next;
        }}
        onRead={() => void feed.read()}
      />
      {resting && (
        <p className="dasklab-Quiet dasklab-Log-resting" role="status">
          {trans.__('Paused: this page is unused. It goes on when you use it.')}
        </p>
      )}
      {failure && <Problem problem={failure} trans={trans} alert />}
      <div
        className="dasklab-Log-lines"
        tabIndex={0}
        role="region"
        aria-label={titles[source]}
        onScroll={event => {
          // Who scrolls up reads, and must not be torn away.
          const { clientHeight, scrollHeight, scrollTop } = event.currentTarget;
          if (following && scrollHeight - scrollTop - clientHeight > NEAR) {
            feed.following = false;
          }
        }}
      >
        {note && <p className="dasklab-Quiet">{note}</p>}
        {shown.map(line => (
          <Line key={keyOf(line)} line={line} />
        ))}
        <div ref={end} />
      </div>
    </>
  );
}

/** Keys that stay with their lines when older ones go. */
const keys = new WeakMap<ILogLine, number>();
let lastKey = 0;

function keyOf(line: ILogLine): number {
  const key = keys.get(line) ?? (lastKey += 1);
  keys.set(line, key);
  return key;
}

const Line = React.memo(function Line(props: { line: ILogLine }): JSX.Element {
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
});
