import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { IClusters, IMode, IPreferences } from '../tokens';
import { notifyFailure } from '../ui/notify';

/** Hands on to kernels what the user has set for them: the server keeps it where they look. */
export const shared: JupyterFrontEndPlugin<void> = {
  id: 'dasklab:shared',
  description: 'Tells kernels which of the settings for Dask clusters are for them.',
  autoStart: true,
  requires: [IClusters, IPreferences, IMode],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    clusters: IClusters,
    preferences: IPreferences,
    mode: IMode,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('dasklab');
    let told = false;
    const tell = (): void => {
      const { strips } = preferences.values;
      if (strips !== told && !mode.readOnly) {
        told = strips;
        clusters.api.setStrips(strips).catch((error: unknown) => notifyFailure(error, trans));
      }
    };
    preferences.changed.connect(tell);
    tell(); // they may be known already
  }
};
