import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { UUID, type ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { hasEnded, type ICluster, type Scaling } from '../api/contract';
import { ApiError } from '../api/errors';
import { readScaling } from '../clusters/scaling';
import { confirmRestart, confirmStop } from '../panel/confirm';
import { IClusters } from '../tokens';
import { reporting } from '../ui/notify';
import { CommandIDs } from './ids';
import { clusterArgument, pickCluster, textArgument } from './pick';

/** What can be done to clusters, as commands for menus, links, other extensions and tests. */
export const commands: JupyterFrontEndPlugin<void> = {
  id: 'dasklab:commands',
  description: 'Commands that start, scale, restart, keep, stop and forget Dask clusters.',
  autoStart: true,
  requires: [IClusters],
  optional: [ITranslator, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    model: IClusters,
    translator: ITranslator | null,
    palette: ICommandPalette | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('dasklab');
    const cluster = clusterArgument(trans);
    const living = (each: ICluster): boolean => !hasEnded(each.phase);
    const workers = {
      description: trans.__('A number, or the range of adaptive scaling such as “1:8”'),
      type: ['integer', 'string']
    };

    /** A command on one cluster. */
    const onCluster = (
      fits: (each: ICluster) => boolean,
      action: (each: ICluster, args: ReadonlyPartialJSONObject) => Promise<void>
    ): ((args: ReadonlyPartialJSONObject) => Promise<void>) =>
      reporting(trans, async args => {
        const picked = await pickCluster(args, model, fits, trans);
        if (picked) {
          await action(picked, args);
        }
      });

    app.commands.addCommand(CommandIDs.startCluster, {
      label: trans.__('Start a Dask cluster'),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            deployment: { type: 'string' },
            workers,
            environment: { type: 'string' },
            name: { type: 'string' }
          }
        }
      },
      execute: reporting(trans, async (args: ReadonlyPartialJSONObject) => {
        const launched = await model.launch({
          id: UUID.uuid4().replace(/-/g, ''),
          deployment: textArgument(args, 'deployment') ?? 'local',
          name: textArgument(args, 'name'),
          workers: args.workers === undefined ? null : scalingArgument(args.workers),
          environment: textArgument(args, 'environment'),
          cwd: null
        });
        return launched.id;
      })
    });
    app.commands.addCommand(CommandIDs.scaleCluster, {
      label: trans.__('Scale a Dask cluster'),
      describedBy: {
        args: { type: 'object', properties: { cluster, workers }, required: ['workers'] }
      },
      execute: onCluster(living, (each, args) =>
        model.scale(each.id, scalingArgument(args.workers))
      )
    });
    app.commands.addCommand(CommandIDs.restartCluster, {
      label: trans.__('Restart the workers of a Dask cluster…'),
      describedBy: { args: { type: 'object', properties: { cluster } } },
      execute: onCluster(
        each => living(each) && each.can.has('restart'),
        async each => {
          if (await confirmRestart(each, trans)) {
            await model.restart(each.id);
          }
        }
      )
    });
    app.commands.addCommand(CommandIDs.keepCluster, {
      label: trans.__('Keep a Dask cluster whatever its lease says'),
      describedBy: {
        args: { type: 'object', properties: { cluster, pinned: { type: 'boolean' } } }
      },
      execute: onCluster(
        each => living(each) && each.can.has('keep'),
        (each, args) => model.keep(each.id, args.pinned !== false)
      )
    });
    app.commands.addCommand(CommandIDs.stopCluster, {
      label: trans.__('Stop a Dask cluster…'),
      describedBy: { args: { type: 'object', properties: { cluster } } },
      execute: onCluster(living, async each => {
        // To remove an ended one would be to forget it, which nobody asked for.
        if (living(each) && (await confirmStop(each, trans))) {
          await model.remove(each.id);
        }
      })
    });
    app.commands.addCommand(CommandIDs.forgetCluster, {
      label: trans.__('Forget an ended Dask cluster'),
      describedBy: { args: { type: 'object', properties: { cluster } } },
      execute: onCluster(
        each => !living(each),
        async each => {
          if (!living(each)) {
            await model.remove(each.id);
          }
        }
      )
    });

    const category = trans.__('Dask');
    for (const command of [CommandIDs.restartCluster, CommandIDs.stopCluster]) {
      palette?.addItem({ command, category });
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
