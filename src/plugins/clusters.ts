import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ClusterApi } from '../api/client';
import { EventFeed } from '../api/feed';
import { ClusterManager } from '../clusters/manager';
import { IClusters } from '../tokens';

/** The clusters of this server. Needs nothing of a shell, so that any front end can have it. */
export const clusters: JupyterFrontEndPlugin<IClusters> = {
  id: 'dasklab:clusters',
  description: 'Knows the Dask clusters of this server and follows their changes.',
  autoStart: true,
  provides: IClusters,
  activate: (app: JupyterFrontEnd): IClusters => {
    const settings = app.serviceManager.serverSettings;
    return new ClusterManager(new ClusterApi(settings), new EventFeed(settings));
  }
};
