import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { InputDialog } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import type { ReadonlyJSONObject, ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { hasEnded, type Ability, type ICluster, type Scaling } from '../api/contract';
import { ApiError } from '../api/errors';
import { inGroups } from '../api/stake';
import { isFields } from '../api/read';
import { abilities, mayLaunch } from '../api/mode';
import { inputFrom, readScaling } from '../clusters/scaling';
import { choiceOf, DEFAULT_CHOICE, type IChoice } from '../clusters/settings';
import { stopAll, stoppable } from '../clusters/stop-all';
import { confirmRestart, confirmStop, confirmStopAll } from '../panel/confirm';
import { IClusters, IMode, IPreferences, IStarter } from '../tokens';
import { daskIcon, forgetIcon, pinIcon, restartIcon, scaleIcon, stopIcon } from '../ui/icons';
import { reporting } from '../ui/notify';
import { CommandIDs } from './ids';
import { clusterArgument, fitsMenu, onCard, pickCluster, textArgument } from './pick';

/** What can be done to clusters, as commands for menus, links, other extensions and tests. */
export const commands: JupyterFrontEndPlugin<void> = {
  id: 'dasklab:commands',
  description: 'Commands that start, scale, restart, keep, stop and forget Dask clusters.',
  autoStart: true,
  requires: [IClusters, IPreferences, IStarter, IMode],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    model: IClusters,
    preferences: IPreferences,
    starter: IStarter,
    mode: IMode,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('dasklab');
    const cluster = clusterArgument(trans);
    const living = (each: ICluster): boolean => !hasEnded(each.phase);
    const able = (each: ICluster, ability: Ability): boolean =>
      living(each) && abilities(each.can, mode).has(ability);
    const workers = {
      description: trans.__('A number, or the range of adaptive scaling such as “1:8”'),
      type: ['integer', 'string']
    };

    /** Add a command on one cluster, which also stands in the context menu of cards. */
    const onCluster = (
      id: string,
      label: string,
      short: string,
      icon: LabIcon,
      fits: (each: ICluster) => boolean,
      action: (each: ICluster, args: ReadonlyPartialJSONObject) => Promise<void>,
      properties: ReadonlyJSONObject = {},
      isOn?: (each: ICluster) => boolean
    ): void => {
      /** The cluster that is meant without asking. */
      const meant = (args: ReadonlyPartialJSONObject): ICluster | null => {
        const name = textArgument(onCard(app, args), 'cluster');
        const fitting = name === null ? model.state.clusters.filter(fits) : [];
        return name === null ? (fitting.length === 1 ? fitting[0] : null) : model.find(name);
      };
      app.commands.addCommand(id, {
        label: args => (args.card === true ? short : label),
        icon: args => (args.card === true ? icon : undefined),
        describedBy: { args: { type: 'object', properties: { cluster, ...properties } } },
        isEnabled: () => !mode.readOnly,
        isVisible: args => fitsMenu(app, args, model, fits),
        ...(isOn && {
          isToggled: (args: ReadonlyPartialJSONObject) => {
            const each = meant(args);
            return each !== null && isOn(each);
          }
        }),
        execute: reporting(trans, async (args: ReadonlyPartialJSONObject) => {
          const picked = await pickCluster(onCard(app, args), model, fits, trans);
          if (picked) {
            await action(picked, args);
          }
        })
      });
    };

    app.commands.addCommand(CommandIDs.startCluster, {
      label: args =>
        args.launcher === true
          ? trans.__('New Cluster')
          : args.fresh === true
            ? trans.__('Default Settings')
            : (textArgument(args, 'profile') ?? trans.__('Start a Dask Cluster')),
      caption: args =>
        textArgument(args, 'caption') ?? trans.__('Start a Dask cluster with the last settings'),
      icon: args => (args.launcher === true ? daskIcon : undefined),
      isEnabled: () => mayLaunch(mode),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            profile: { type: 'string' },
            deployment: { type: 'string' },
            workers,
            environment: { type: 'string' },
            options: { type: 'object' },
            name: { type: 'string' },
            fresh: {
              type: 'boolean',
              description: trans.__('With the defaults, not as the last time')
            },
            reveal: { type: 'boolean', description: trans.__('Show the panel as well') }
          }
        }
      },
      execute: reporting(trans, async (args: ReadonlyPartialJSONObject) => {
        const reveal = args.reveal === true && app.commands.hasCommand(CommandIDs.openPanel);
        if (reveal) {
          void app.commands.execute(CommandIDs.openPanel);
        }
        const choice = await chosen(args);
        return (await starter.start(choice, textArgument(args, 'name'))).id;
      })
    });
    onCluster(
      CommandIDs.scaleCluster,
      trans.__('Scale a Dask Cluster…'),
      trans.__('Scale…'),
      scaleIcon,
      each => able(each, 'scale'),
      async (each, args) => {
        const workers = args.workers ?? (await askWorkers(each));
        if (workers !== null) {
          await model.scale(each.id, scalingArgument(workers));
        }
      },
      { workers }
    );
    onCluster(
      CommandIDs.restartCluster,
      trans.__('Restart the Workers of a Dask Cluster…'),
      trans.__('Restart Workers…'),
      restartIcon,
      each => each.phase === 'running' && able(each, 'restart'),
      async each => {
        if (await confirmRestart(each, trans)) {
          await model.restart(each.id);
        }
      }
    );
    onCluster(
      CommandIDs.keepCluster,
      trans.__('Keep a Dask Cluster Whatever Its Lease Says'),
      trans.__('Keep Whatever the Lease Says'),
      pinIcon,
      each => able(each, 'keep'),
      (each, args) =>
        model.keep(each.id, typeof args.pinned === 'boolean' ? args.pinned : !each.lease.pinned),
      {
        pinned: { type: 'boolean', description: trans.__('Otherwise it is what it was not before') }
      },
      ({ lease }) => lease.pinned
    );
    onCluster(
      CommandIDs.stopCluster,
      trans.__('Stop a Dask Cluster…'),
      trans.__('Stop…'),
      stopIcon,
      each => able(each, 'stop'),
      async each => {
        // To remove an ended one would be to forget it, which nobody asked for.
        if (living(each) && (await confirmStop(each, preferences, trans))) {
          await model.remove(each.id);
        }
      }
    );
    onCluster(
      CommandIDs.forgetCluster,
      trans.__('Forget an Ended Dask Cluster'),
      trans.__('Forget'),
      forgetIcon,
      each => !living(each) && !mode.readOnly,
      async each => {
        if (!living(each)) {
          await model.remove(each.id);
        }
      }
    );
    app.commands.addCommand(CommandIDs.stopAllClusters, {
      label: trans.__('Stop All Dask Clusters…'),
      isEnabled: () => !mode.readOnly,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: reporting(trans, async () => {
        await model.ready;
        const all = stoppable(model.state.clusters);
        if (all.length > 0 && (await confirmStopAll(all, trans))) {
          await stopAll(all, model);
        }
      })
    });

    /** What is named, or else what was launched last. */
    async function chosen(args: ReadonlyPartialJSONObject): Promise<IChoice> {
      const profile = textArgument(args, 'profile');
      const deployment = textArgument(args, 'deployment');
      const own = ['workers', 'environment', 'options'].some(name => args[name] !== undefined);
      if (profile === null && deployment === null && !own && args.fresh !== true) {
        await starter.ready;
        return starter.last;
      }
      if (profile !== null) {
        const { profiles } = await model.api.profiles();
        const found = profiles.find(each => each.name === profile);
        // Of one that is not there the server says so.
        return found ? choiceOf(found) : { ...DEFAULT_CHOICE, profile };
      }
      return {
        profile,
        deployment: deployment ?? DEFAULT_CHOICE.deployment,
        workers: args.workers === undefined ? null : scalingArgument(args.workers),
        environment: textArgument(args, 'environment'),
        options: isFields(args.options) ? args.options : {}
      };
    }

    async function askWorkers(each: ICluster): Promise<string | null> {
      const { adaptive, wanted, minimum, maximum } = inputFrom(each.workers);
      const answer = await InputDialog.getText({
        title: trans.__('Scale “%1”', each.name),
        label:
          inGroups(each.workers) > 0
            ? trans.__('A number of workers beside those of groups, or a range such as “1:8”')
            : trans.__('A number of workers, or an adaptive range such as “1:8”'),
        text: adaptive ? `${minimum}:${maximum}` : wanted,
        okLabel: trans.__('Apply')
      });
      return answer.button.accept ? (answer.value ?? '') : null;
    }

    function scalingArgument(value: unknown): Scaling {
      const [minimum, maximum] = `${String(value)}`.split(':');
      const adaptive = maximum !== undefined;
      const result = readScaling({ adaptive, wanted: minimum, minimum, maximum }, trans);
      if (!result.ok) {
        throw new ApiError({ code: 'workers.invalid', message: result.error });
      }
      return result.value;
    }
  }
};
