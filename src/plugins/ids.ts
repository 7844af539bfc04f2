/** The commands, by name: they are what menus, links in outputs and other extensions use. */
export const CommandIDs = {
  openPanel: 'dasklab:open-panel',
  showCluster: 'dasklab:show-cluster',
  newCluster: 'dasklab:new-cluster',
  startCluster: 'dasklab:start-cluster',
  scaleCluster: 'dasklab:scale-cluster',
  restartCluster: 'dasklab:restart-cluster',
  keepCluster: 'dasklab:keep-cluster',
  stopCluster: 'dasklab:stop-cluster',
  stopAllClusters: 'dasklab:stop-all-clusters',
  forgetCluster: 'dasklab:forget-cluster',
  connectNotebook: 'dasklab:connect-notebook',
  openDashboardPage: 'dasklab:open-dashboard-page',
  openDefaultLayout: 'dasklab:open-default-layout',
  /** The same by the name that the button in the repr of distributed's own Client calls. */
  openClientLayout: 'dask:populate-and-launch-layout',
  openNamedLayout: 'dasklab:open-layout',
  reloadDashboardPage: 'dasklab:reload-dashboard-page',
  openLog: 'dasklab:open-log',
  openPlot: 'dasklab:open-plot',
  showCell: 'dasklab:show-cell'
} as const;
