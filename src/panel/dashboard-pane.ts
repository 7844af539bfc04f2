/**
 * One dashboard page of one cluster, as the content of a main-area pane.
 *
 * The page comes from a Dask scheduler, where anybody's code may run: it is shown in a frame that
 * may run scripts and nothing else (no `allow-same-origin`: it has an origin of its own, and so
 * neither Jupyter's cookies nor its API), behind a short-lived path that opens this cluster only.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { IFrame } from '@jupyterlab/ui-components';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import type { Message } from '@lumino/messaging';
import { Panel } from '@lumino/widgets';
import { hasEnded, type ICluster } from '../api/contract';
import { toApiError } from '../api/errors';
import type { IClusters } from '../clusters/manager';
import { MessageView, type IOffer, type IPaneMessage } from '../ui/message';

export interface IDashboardOptions {
  clusters: IClusters;
  trans: TranslationBundle;
  /** The cluster's id. */
  cluster: string;
  /** Its name, to speak of it when it is gone. */
  clusterName: string;
  page: string;
  pageTitle: string;
  /** What can be done in a pane whose cluster is gone. */
  offers(): ReadonlyArray<IOffer>;
}

export class DashboardPane extends Panel {
  constructor(options: IDashboardOptions) {
    super();
    this._options = options;
    this.addClass('dasklab-Dashboard');
    this.title.label = options.trans.__('%1: %2', options.clusterName, options.pageTitle);
    this.title.caption = options.trans.__(
      'Dask dashboard page “%1” of %2',
      options.pageTitle,
      options.clusterName
    );
    this._frame = new IFrame({ sandbox: ['allow-scripts'], referrerPolicy: 'no-referrer' });
    this._frame.node.querySelector('iframe')?.setAttribute('title', this.title.caption);
    this._message = new MessageView(options.trans);
    this.addWidget(this._frame);
    this.addWidget(this._message);
    this._frame.hide();
    options.clusters.changed.connect(this._update, this);
    options.clusters.reconnected.connect(this.reload, this);
  }

  get cluster(): string {
    return this._options.cluster;
  }

  get page(): string {
    return this._options.page;
  }

  /** The arguments of the command that opens it again: no URL, no token, nothing that expires. */
  get arguments(): ReadonlyJSONObject {
    const { cluster, clusterName, page, pageTitle } = this._options;
    return { cluster, clusterName, page, title: pageTitle };
  }

  /** Ask for a new view and load the page anew; at once, or when the pane is next looked at. */
  reload(): void {
    this._shown = null;
    this._update();
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._options.clusters.changed.disconnect(this._update, this);
      this._options.clusters.reconnected.disconnect(this.reload, this);
      super.dispose();
    }
  }

  protected override onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    this._update();
  }

  protected override onBeforeDetach(msg: Message): void {
    // A frame that is taken out of the document has lost its page; moved to another area, it asks
    // for a new view instead of an old one that may have expired. Moves within the main area
    // leave it where it is in the document.
    this._shown = null;
    this._frame.url = 'about:blank';
    super.onBeforeDetach(msg);
  }

  protected override onAfterShow(msg: Message): void {
    super.onAfterShow(msg);
    // Loads what was put off while hidden; a page that is loaded stays as it is.
    this._update();
  }

  /** Bring what is shown in line with the cluster. */
  private _update(): void {
    if (!this.isVisible) {
      return;
    }
    const { clusters, cluster: id, clusterName, trans } = this._options;
    const cluster = clusters.find(id);
    if (cluster === null) {
      const { error, loaded } = clusters.state;
      if (loaded) {
        this._say(
          trans.__('The cluster “%1” is no longer known.', clusterName),
          null,
          this._options.offers()
        );
      } else if (error) {
        this._say('', error, [this._retry]);
      } else {
        this._say(trans.__('Looking for the cluster…'));
      }
    } else if (hasEnded(cluster.phase)) {
      this._say(
        trans.__('The cluster “%1” has ended.', cluster.name),
        cluster.reason,
        this._options.offers()
      );
    } else if (cluster.phase === 'starting') {
      this._say(
        trans.__('“%1” is starting. The page opens when its scheduler is up.', cluster.name)
      );
    } else if (cluster.phase === 'stopping') {
      this._say(trans.__('The cluster “%1” is stopping.', cluster.name), cluster.reason);
    } else if (!cluster.can.has('dashboard')) {
      this._say(trans.__('The cluster “%1” has no dashboard.', cluster.name));
    } else {
      this._show(cluster);
    }
  }

  /** Load the page, unless it is loaded or on its way. */
  private _show(cluster: ICluster): void {
    // Another scheduler under the same cluster means that the loaded page is dead.
    const key = `${cluster.id} ${cluster.schedulerId}`;
    if (this._shown !== key) {
      this._shown = key;
      void this._load(key);
    }
  }

  private async _load(key: string): Promise<void> {
    const { clusters, cluster, page, trans } = this._options;
    this._say(trans.__('Opening the page…'));
    this._shown = key;
    try {
      const view = await clusters.api.view(cluster, page);
      if (this._shown === key && !this.isDisposed) {
        this._frame.url = view.url;
        this._message.message = null;
        this._message.hide();
        this._frame.show();
      }
    } catch (error) {
      if (this._shown === key && !this.isDisposed) {
        this._say('', toApiError(error), [this._retry]);
        this._shown = key;
      }
    }
  }

  /** Show a message instead of the page. */
  private _say(
    text: string,
    problem: IPaneMessage['problem'] = null,
    offers: ReadonlyArray<IOffer> = []
  ): void {
    this._shown = null;
    this._message.message = { text, problem, offers };
    this._frame.hide();
    this._frame.url = 'about:blank';
    this._message.show();
  }

  private get _retry(): IOffer {
    return { label: this._options.trans.__('Try again'), run: () => this.reload() };
  }

  private readonly _options: IDashboardOptions;
  private readonly _frame: IFrame;
  private readonly _message: MessageView;
  /** Which page of which scheduler is in the frame or on its way there. */
  private _shown: string | null = null;
}
