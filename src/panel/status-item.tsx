import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';
import type { ICluster } from '../api/contract';
import { daskIcon } from '../ui/icons';
import { statusText, statusTitle } from '../ui/words';

/** One cluster in the status bar: a button that opens what can be done with it. */
export class StatusItem extends ReactWidget {
  /**
   * @param onClick - Called with the button that was pressed.
   */
  constructor(trans: TranslationBundle, onClick: (button: HTMLElement) => void) {
    super();
    this._trans = trans;
    this._onClick = onClick;
    this.addClass('jp-StatusBar-TextItem');
    this.addClass('dasklab-Status');
  }

  get cluster(): ICluster | null {
    return this._cluster;
  }

  set cluster(cluster: ICluster | null) {
    if (cluster !== this._cluster) {
      this._cluster = cluster;
      this.update();
    }
  }

  protected override render(): JSX.Element | null {
    const cluster = this._cluster;
    return (
      cluster && (
        <button
          type="button"
          aria-haspopup="menu"
          title={statusTitle(cluster, this._trans)}
          onClick={event => this._onClick(event.currentTarget)}
        >
          <daskIcon.react tag="span" className="dasklab-Icon" />
          <span className="dasklab-Status-name">{cluster.name}</span>
          <span>{statusText(cluster, this._trans)}</span>
        </button>
      )
    );
  }

  private readonly _trans: TranslationBundle;
  private readonly _onClick: (button: HTMLElement) => void;
  private _cluster: ICluster | null = null;
}
