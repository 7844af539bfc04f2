/** Our own drawings, as JupyterLab icons. A family: one SVG file each. */
import { LabIcon } from '@jupyterlab/ui-components';
import connectSvg from '#icons/connect.svg';
import dashboardsSvg from '#icons/dashboards.svg';
import daskSvg from '#icons/dask.svg';
import detachSvg from '#icons/detach.svg';
import failedSvg from '#icons/failed.svg';
import followSvg from '#icons/follow.svg';
import forgetSvg from '#icons/forget.svg';
import lockSvg from '#icons/lock.svg';
import logsSvg from '#icons/logs.svg';
import lostSvg from '#icons/lost.svg';
import pinSvg from '#icons/pin.svg';
import plotsSvg from '#icons/plots.svg';
import restartSvg from '#icons/restart.svg';
import runningSvg from '#icons/running.svg';
import scaleSvg from '#icons/scale.svg';
import startingSvg from '#icons/starting.svg';
import stepDoneSvg from '#icons/step-done.svg';
import stopSvg from '#icons/stop.svg';
import stoppedSvg from '#icons/stopped.svg';
import waitingSvg from '#icons/waiting.svg';
import type { Phase } from '../api/contract';

export const daskIcon = new LabIcon({ name: 'dasklab:dask', svgstr: daskSvg });

export const connectIcon = new LabIcon({ name: 'dasklab:connect', svgstr: connectSvg });
export const dashboardsIcon = new LabIcon({ name: 'dasklab:dashboards', svgstr: dashboardsSvg });
export const detachIcon = new LabIcon({ name: 'dasklab:detach', svgstr: detachSvg });
export const followIcon = new LabIcon({ name: 'dasklab:follow', svgstr: followSvg });
export const forgetIcon = new LabIcon({ name: 'dasklab:forget', svgstr: forgetSvg });
export const lockIcon = new LabIcon({ name: 'dasklab:lock', svgstr: lockSvg });
export const logsIcon = new LabIcon({ name: 'dasklab:logs', svgstr: logsSvg });
export const pinIcon = new LabIcon({ name: 'dasklab:pin', svgstr: pinSvg });
export const plotsIcon = new LabIcon({ name: 'dasklab:plots', svgstr: plotsSvg });
export const restartIcon = new LabIcon({ name: 'dasklab:restart', svgstr: restartSvg });
export const scaleIcon = new LabIcon({ name: 'dasklab:scale', svgstr: scaleSvg });
export const stopIcon = new LabIcon({ name: 'dasklab:stop', svgstr: stopSvg });
export const stepDoneIcon = new LabIcon({ name: 'dasklab:step-done', svgstr: stepDoneSvg });

const startingIcon = new LabIcon({ name: 'dasklab:starting', svgstr: startingSvg });
const waitingIcon = new LabIcon({ name: 'dasklab:waiting', svgstr: waitingSvg });
const runningIcon = new LabIcon({ name: 'dasklab:running', svgstr: runningSvg });
const stoppedIcon = new LabIcon({ name: 'dasklab:stopped', svgstr: stoppedSvg });
const failedIcon = new LabIcon({ name: 'dasklab:failed', svgstr: failedSvg });
const lostIcon = new LabIcon({ name: 'dasklab:lost', svgstr: lostSvg });

/** A phase's icon: each has a shape of its own, so that nothing hangs on colour. */
export const phaseIcons: Readonly<Record<Phase, LabIcon>> = {
  starting: startingIcon,
  waiting: waitingIcon,
  running: runningIcon,
  stopping: startingIcon,
  stopped: stoppedIcon,
  failed: failedIcon,
  lost: lostIcon
};
