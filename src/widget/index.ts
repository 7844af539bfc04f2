/**
 * Plots in the output of a cell where there is no server extension of ours: VS Code, Colab, a
 * Notebook of somebody else's. The same plots from the same frames, by way of the kernel.
 */
import { element, setText } from '../plot/dom';
import type { IWords } from '../plot/plot';
import { plotName } from '../plots/names';
import { PlotSession } from '../plots/session';
import { PlotStack } from '../plots/stack';
import { endStatus, hasSaidAll, offStatus, streamStatus } from '../plots/stream-status';
import { Attention } from '../telemetry/attention';
import { count, text } from '../telemetry/values';
import { KernelDoor } from './kernel-door';
import type { IModel, IWidgetModule } from './model';
import './widget.css';

/** Front ends without JupyterLab have no translations of it either. */
const WORDS: IWords = {
  __: (words, ...values) =>
    words.replace(/%(\d)/g, (_, index) => String(values[Number(index) - 1] ?? '')),
  _n: (one, many, number, ...values) => WORDS.__(number === 1 ? one : many, number, ...values)
};

/** One output, in as many views as there are. */
class LiveOutput {
  constructor(model: IModel) {
    this._model = model;
    this._door = new KernelDoor(model);
    this.session = new PlotSession(text(model.get('cluster')), this._door, WORDS, this._attention);
    const seconds = count(model.get('seconds'));
    if (seconds > 0) {
      this.session.axis.last(seconds);
    }
    // At once, not with the first view: what a kernel sends while it is busy comes only once.
    this.session.source.watch();
  }

  readonly session: PlotSession;

  show(el: HTMLElement): () => void {
    const { axis, source, store } = this.session;
    const name = text(this._model.get('cluster'));
    const names: unknown = this._model.get('plots');
    const plots = (Array.isArray(names) ? names : []).map(each => plotName(text(each)));
    el.classList.add('dasklab-Widget');
    const themed = getComputedStyle(el).getPropertyValue('--jp-layout-color0') !== '';
    el.classList.toggle('dasklab-mod-unthemed', !themed);
    const bar = element('div', 'dasklab-Output-bar', el);
    element('span', 'dasklab-Output-title', bar, text(this._model.get('title')));
    const status = element('span', 'dasklab-Output-status', bar);
    status.setAttribute('role', 'status');
    const say = (): void => {
      const words = hasSaidAll(this.session)
        ? endStatus(this.session, name, WORDS)
        : offStatus(this.session, WORDS) || streamStatus(this.session, WORDS);
      setText(status, words);
    };
    const ends = [source, axis, store].map(each => each.changed.add(say));
    const stack = new PlotStack(
      this.session,
      plots.filter(each => each !== null),
      name,
      false
    );
    el.append(stack.node);
    say();
    return () => {
      ends.forEach(end => end());
      stack.dispose();
    };
  }

  dispose(): void {
    this._door.close();
    this.session.dispose();
    this._attention.dispose();
  }

  private readonly _model: IModel;
  private readonly _door: KernelDoor;
  /** Only of whether the page is seen: it may be a frame of a page in which somebody works. */
  private readonly _attention = new Attention();
}

export default (): IWidgetModule => {
  let output: LiveOutput | null = null;
  return {
    initialize: ({ model }) => {
      output = new LiveOutput(model);
      return () => output?.dispose();
    },
    render: ({ el }) => output?.show(el) ?? (() => {})
  };
};
