/**
 * One output of `%%dask` or `%dask plot`: the picture that everybody can see, and in its place the
 * plots themselves, live or from the recording.
 */
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Message } from '@lumino/messaging';
import { Panel, Widget } from '@lumino/widgets';
import { hasEnded } from '../api/contract';
import type { IClusters } from '../clusters/manager';
import type { PlotSessions } from '../plots/session';
import type { IDrawn } from './drawn';
import { MIME, readPayload, type IPayload } from './payload';

export interface IOutputOptions {
  clusters: IClusters;
  sessions: () => Promise<PlotSessions>;
  rendermime: IRenderMimeRegistry;
  trans: TranslationBundle;
  /** Open a cluster's plots in panes. */
  open: (cluster: string) => void;
}

/** What is drawn: of the cluster with that id, or the recording with those data. */
interface IWay {
  readonly live: boolean;
  readonly of: string;
}

export class PlotOutput extends Panel implements IRenderMime.IRenderer {
  constructor(options: IOutputOptions) {
    super();
    const { trans } = options;
    this._options = options;
    this.addClass('dasklab-Output');
    const bar = new Widget();
    bar.addClass('dasklab-Output-bar');
    this._title = bar.node.appendChild(document.createElement('span'));
    this._title.className = 'dasklab-Output-title';
    this._status = bar.node.appendChild(document.createElement('span'));
    this._status.className = 'dasklab-Output-status';
    this._status.setAttribute('role', 'status');
    this._full = this._button(bar, trans.__('Full Plots'), () => {
      if (this._way?.live) {
        options.open(this._way.of);
      }
    });
    this._toggle = this._button(bar, '', () => {
      this._wanted = this._way === null;
      this._update();
    });
    this._bar = bar;
    this.addWidget(bar);
    this._observer = new IntersectionObserver(
      entries => {
        this._near = entries.at(-1)?.isIntersecting === true;
        this._update();
      },
      { rootMargin: '200px' }
    );
    options.clusters.changed.connect(this._update, this);
  }

  renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this._model = model;
    this._payload = readPayload(model.data[MIME]);
    this._update();
    return this._drawing;
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._observer.disconnect();
      this._options.clusters.changed.disconnect(this._update, this);
      this._drawn?.dispose();
      super.dispose();
    }
  }

  protected override onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    this._observer.observe(this.node);
  }

  protected override onBeforeDetach(msg: Message): void {
    this._observer.disconnect();
    this._near = false;
    this._update();
    super.onBeforeDetach(msg);
  }

  /** Draw what there is to draw; say how it stands. */
  private _update(): void {
    if (this.isDisposed || this._model === null) {
      return;
    }
    const wanted = this._wanted ?? this._payload?.kind === 'plots';
    const way = wanted && (this._near || this._way !== null) ? this._find() : null;
    if (way?.live !== this._way?.live || way?.of !== this._way?.of) {
      this._way = way;
      this._problem = '';
      this._drawn?.dispose();
      this._drawn = null;
      this._drawing = way === null ? Promise.resolve() : this._draw(way);
    }
    if (this._drawn !== null) {
      this._drawn.near = this._near;
    } else {
      this._showPicture(this._model);
    }
    this._say();
  }

  /** What can be drawn: a cluster that lives, else what was recorded of it, else its history. */
  private _find(): IWay | null {
    const { clusters } = this._options;
    const payload = this._payload;
    if (payload === null || (payload.cluster !== null && !clusters.state.loaded)) {
      return this._way;
    }
    const { recording } = payload;
    const cluster = payload.cluster === null ? null : clusters.get(payload.cluster);
    if (this._way?.live && (cluster === null || cluster.id === this._way.of)) {
      return this._way; // what was seen of it is here, also when it has ended
    }
    if (cluster !== null && (recording === null || !hasEnded(cluster.phase))) {
      return { live: true, of: cluster.id };
    }
    return recording === null ? null : { live: false, of: recording.data };
  }

  private async _draw(way: IWay): Promise<void> {
    const { clusters, trans } = this._options;
    try {
      const [{ LivePlots, RecordedPlots }, sessions] = await Promise.all([
        import(/* webpackChunkName: "plots" */ './drawn'),
        this._options.sessions()
      ]);
      const payload = this._payload;
      const cluster = clusters.get(way.of);
      let drawn: IDrawn | null = null;
      if (way.live && payload !== null && cluster !== null) {
        const say = (): void => this._say();
        drawn = new LivePlots(sessions, clusters, cluster, payload, trans, say);
      } else if (!way.live && payload !== null && payload.recording !== null) {
        const { data, range } = payload.recording;
        drawn = new RecordedPlots(await sessions.recorded(data, range), payload, trans);
      }
      if (this.isDisposed || this._way !== way) {
        drawn?.dispose();
        return;
      }
      this._drawn = drawn;
      if (drawn !== null) {
        this.node.append(drawn.node);
        this._picture?.hide();
      }
    } catch (error) {
      if (this._way === way) {
        const reason = error instanceof Error ? error.message : '';
        this._problem = trans.__('The plots cannot be drawn, only the picture is left. %1', reason);
      }
    }
    this._update();
  }

  /** What everybody else sees: the best of the rest of the bundle. */
  private _showPicture({ data, metadata, trusted }: IRenderMime.IMimeModel): void {
    const { rendermime } = this._options;
    const rest = Object.fromEntries(Object.entries(data).filter(([mime]) => mime !== MIME));
    const mime = rendermime.preferredMimeType(rest, trusted ? 'any' : 'ensure');
    const content = mime === undefined ? undefined : rest[mime];
    this._picture?.show();
    if (mime !== undefined && content !== this._pictured) {
      this._pictured = content;
      this._picture?.dispose();
      this._picture = rendermime.createRenderer(mime);
      this.insertWidget(0, this._picture);
      void this._picture.renderModel(rendermime.createModel({ data: rest, metadata, trusted }));
    }
  }

  private _say(): void {
    const { trans } = this._options;
    const drawn = this._drawn;
    const payload = this._payload;
    this._title.textContent = drawn === null ? '' : (payload?.title ?? '');
    this._status.textContent = drawn?.status ?? this._problem;
    this._full.hidden = this._way?.live !== true;
    const shown = drawn !== null;
    this._toggle.textContent = shown ? trans.__('Picture') : trans.__('Explore');
    this._toggle.title = shown
      ? trans.__('Show the picture that is saved')
      : trans.__('Draw the plots anew: to zoom, to filter, to read as tables');
    this._toggle.hidden = !shown && (this._way !== null || this._find() === null);
    this._bar.setHidden(this._toggle.hidden && this._problem === '');
    this.toggleClass('dasklab-mod-drawn', shown);
  }

  private _button(bar: Widget, label: string, click: () => void): HTMLButtonElement {
    const button = bar.node.appendChild(document.createElement('button'));
    button.type = 'button';
    button.className = 'dasklab-Plot-button';
    button.textContent = label;
    button.addEventListener('click', click);
    return button;
  }

  private readonly _options: IOutputOptions;
  private readonly _bar: Widget;
  private readonly _title: HTMLElement;
  private readonly _status: HTMLElement;
  private readonly _full: HTMLButtonElement;
  private readonly _toggle: HTMLButtonElement;
  private readonly _observer: IntersectionObserver;
  private _model: IRenderMime.IMimeModel | null = null;
  private _payload: IPayload | null = null;
  private _picture: IRenderMime.IRenderer | null = null;
  private _pictured: unknown = null;
  private _drawn: IDrawn | null = null;
  private _drawing: Promise<void> = Promise.resolve();
  private _way: IWay | null = null;
  private _wanted: boolean | null = null;
  private _near = false;
  private _problem = '';
}
