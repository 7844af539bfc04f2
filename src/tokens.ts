/** What other plugins may ask for. Importing this file has no side effects. */
import { Token } from '@lumino/coreutils';
import type { IMode as Mode } from './api/mode';
import type { IClusters as Clusters } from './clusters/manager';
import type { IConnections as Connections } from './clusters/connections';
import type { IStarter as Starter } from './clusters/starter';
import type { ICellDoor } from './plot/plot';
import type { IDashboards as Dashboards } from './plugins/panes';
import type { PlotSessions } from './plots/session';
import type { IAttention as Attention } from './telemetry/attention';
import type { IPreferences as Preferences } from './ui/preferences';

export type IClusters = Clusters;

export const IClusters = new Token<IClusters>(
  'dasklab:IClusters',
  'The Dask clusters of this server: their state, its changes, and what can be done to them.'
);

export type IConnections = Connections;

export const IConnections = new Token<IConnections>(
  'dasklab:IConnections',
  'Which Dask cluster the kernel of the notebook in front was connected to from this page.'
);

export type IPreferences = Preferences;

export const IPreferences = new Token<IPreferences>(
  'dasklab:IPreferences',
  'What the user has set for Dask clusters.'
);

export type IStarter = Starter;

export const IStarter = new Token<IStarter>(
  'dasklab:IStarter',
  'Starts Dask clusters, as the last time or with settings of one’s own.'
);

export type IMode = Mode;

export const IMode = new Token<IMode>(
  'dasklab:IMode',
  'What may be done with Dask clusters on this server.'
);

export type IDashboards = Dashboards;

export const IDashboards = new Token<IDashboards>(
  'dasklab:IDashboards',
  'Panes of the dashboard pages of Dask clusters.'
);

export type ICells = ICellDoor;

export const ICells = new Token<ICells>(
  'dasklab:ICells',
  'The notebook cells that Dask tasks come from: what they are called, and the way there.'
);

export type IAttention = Attention;

export const IAttention = new Token<IAttention>(
  'dasklab:IAttention',
  'Whether somebody is at this page.'
);

export type IPlotSessions = () => Promise<PlotSessions>;

export const IPlotSessions = new Token<IPlotSessions>(
  'dasklab:IPlotSessions',
  'What the plots of a Dask cluster share, wherever they are shown.'
);
