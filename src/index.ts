/** Only the list of plugins. */
import { clusters } from './plugins/clusters';
import { commands } from './plugins/commands';
import { dashboards } from './plugins/dashboards';
import { logs } from './plugins/logs';
import { notebook } from './plugins/notebook';
import { panel } from './plugins/panel';

export { IClusters } from './tokens';
export default [clusters, commands, panel, dashboards, logs, notebook];
