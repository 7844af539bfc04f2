/** Only the list of plugins. */
import { attention } from './plugins/attention';
import { cells } from './plugins/cells';
import { clusters } from './plugins/clusters';
import { commands } from './plugins/commands';
import { dashboards } from './plugins/dashboards';
import { launcher } from './plugins/launcher';
import { layout } from './plugins/layout';
import { logs } from './plugins/logs';
import { mode } from './plugins/mode';
import { notebook } from './plugins/notebook';
import { notifications } from './plugins/notifications';
import { outputs } from './plugins/outputs';
import { palette } from './plugins/palette';
import { panel } from './plugins/panel';
import { plotSessions } from './plugins/plot-sessions';
import { plots } from './plugins/plots';
import { preferences } from './plugins/preferences';
import { running } from './plugins/running';
import { starter } from './plugins/starter';
import { shared } from './plugins/shared';
import { status } from './plugins/status';

export { IClusters } from './tokens';
export default [
  clusters,
  preferences,
  attention,
  shared,
  starter,
  mode,
  commands,
  palette,
  panel,
  dashboards,
  layout,
  logs,
  cells,
  plotSessions,
  plots,
  outputs,
  notebook,
  running,
  launcher,
  status,
  notifications
];
