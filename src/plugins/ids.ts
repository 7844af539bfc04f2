/** The commands, by name: they are what menus, links in outputs and other extensions use. */
export const CommandIDs = {
  openPanel: 'dasklab:open-panel',
  newCluster: 'dasklab:new-cluster',
  startCluster: 'dasklab:start-cluster',
  scaleCluster: 'dasklab:scale-cluster',
  restartCluster: 'dasklab:restart-cluster',
  keepCluster: 'dasklab:keep-cluster',
  stopCluster: 'dasklab:stop-cluster',
  forgetCluster: 'dasklab:forget-cluster',
  connectNotebook: 'dasklab:connect-notebook',
  openDashboardPage: 'dasklab:open-dashboard-page',
  reloadDashboardPage: 'dasklab:reload-dashboard-page',
  openLog: 'dasklab:open-log'
} as const;
