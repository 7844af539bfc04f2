import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import * as React from 'react';
import { FocusKeeper } from '../ui/focus-keeper';
import { daskIcon } from '../ui/icons';
import type { PanelModel } from './model';
import { Panel } from './panel';

/** The panel as a widget of the shell; it owns its model. */
export class DaskSidebar extends ReactWidget {
  constructor(model: PanelModel) {
    super();
    this._model = model;
    this.id = 'dasklab-panel';
    this.addClass('dasklab-Panel');
    this.title.icon = daskIcon;
    this.title.caption = model.trans.__('Dask clusters');
    this._keeper = new FocusKeeper(this.node, '.dasklab-Card', () =>
      this.node.querySelector<HTMLElement>('.dasklab-Panel-new button')
    );
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', model.trans.__('Dask clusters'));
  }

  override dispose(): void {
    this._keeper.dispose();
    this._model.dispose();
    super.dispose();
  }

  /** Show the form for a new cluster. */
  openForm(): void {
    this._model.formOpen = true;
  }

  /** Bring the card of a cluster into sight and the focus to it, as soon as it is painted. */
  showCluster(id: string): void {
    requestAnimationFrame(() => {
      const card = this.node.querySelector<HTMLElement>(`[data-cluster="${CSS.escape(id)}"]`);
      card?.scrollIntoView({ block: 'nearest' });
      card?.focus({ preventScroll: true });
    });
  }

  protected override render(): JSX.Element {
    return <Panel model={this._model} />;
  }

  protected override onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    this._model.visible = this.isVisible;
  }

  protected override onAfterShow(msg: Message): void {
    super.onAfterShow(msg);
    this._model.visible = true;
  }

  protected override onBeforeHide(msg: Message): void {
    super.onBeforeHide(msg);
    this._model.visible = false;
  }

  protected override onBeforeDetach(msg: Message): void {
    this._model.visible = false;
    super.onBeforeDetach(msg);
  }

  private readonly _model: PanelModel;
  private readonly _keeper: FocusKeeper;
}
