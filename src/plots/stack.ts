/** Several plots in the flow of a page, such as an output of a notebook; drawn while in sight. */
import { element } from '../plot/dom';
import type { IStage } from '../plot/plot';
import { PlotView } from '../plot/view';
import { PLOTS } from './list';
import { plotTitle, type PlotName } from './names';

export class PlotStack {
  /**
   * @param name - What is plotted, for the names of files.
   * @param still - It has ended: there is nothing to follow.
   */
  constructor(stage: IStage, plots: ReadonlyArray<PlotName>, name: string, still: boolean) {
    this.node = element('div', 'dasklab-Plots');
    for (const plot of PLOTS) {
      const place = plots.findIndex(each => each === plot.name);
      if (place >= 0) {
        const title = plotTitle(plots[place], stage.words);
        const view = new PlotView(plot, stage, title, name, { inPage: true, still });
        const item = element('div', 'dasklab-Plots-item');
        item.style.order = String(place);
        element('div', 'dasklab-Plots-title', item, title);
        item.append(view.node);
        this.node.append(item);
        this._views.set(item, view);
      }
    }
    this._observer = new IntersectionObserver(entries => {
      for (const { isIntersecting, target } of entries) {
        const view = this._views.get(target);
        if (view !== undefined) {
          view.visible = isIntersecting;
        }
      }
    });
    this._views.forEach((_, item) => this._observer.observe(item));
  }

  readonly node: HTMLElement;

  dispose(): void {
    this._observer.disconnect();
    this._views.forEach(view => view.dispose());
    this._views.clear();
    this.node.remove();
  }

  private readonly _views = new Map<Element, PlotView>();
  private readonly _observer: IntersectionObserver;
}
