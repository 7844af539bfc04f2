import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { PageConfig } from '@jupyterlab/coreutils';
import { readMode } from '../api/mode';
import { IMode } from '../tokens';

/** What the server allows, as its page says. */
export const mode: JupyterFrontEndPlugin<IMode> = {
  id: 'dasklab:mode',
  description: 'Knows what may be done with Dask clusters on this server.',
  autoStart: true,
  provides: IMode,
  activate: (): IMode => readMode(PageConfig.getOption('dasklab'))
};
