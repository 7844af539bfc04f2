import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { ApiError } from '../api/errors';
import type { ICellDoor } from '../plot/plot';
import { ICells } from '../tokens';
import { reporting } from '../ui/notify';
import { CommandIDs } from './ids';
import { textArgument } from './pick';

/** Finds the cells that tasks come from in the notebooks that are open. */
export const cells: JupyterFrontEndPlugin<ICellDoor> = {
  id: 'dasklab:cells',
  description: 'Names and shows the notebook cells that Dask tasks come from.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ITranslator],
  provides: ICells,
  activate: (
    app: JupyterFrontEnd,
    notebooks: INotebookTracker,
    translator: ITranslator | null
  ): ICellDoor => {
    const trans = (translator ?? nullTranslator).load('dasklab');

    function find(cell: string): { panel: NotebookPanel; index: number } | null {
      // "KERNEL:CELL": a copy of a notebook has cells of the same ids.
      const id = cell.slice(cell.indexOf(':') + 1);
      const kernel = cell.slice(0, -id.length - 1);
      let found: { panel: NotebookPanel; index: number } | null = null;
      notebooks.forEach(panel => {
        // Of the model: only some of a long notebook's cells are in the document.
        const list = [...(panel.content.model?.cells ?? [])];
        const index = list.findIndex(each => each.id === id);
        const its = panel.sessionContext.session?.kernel?.id.startsWith(kernel) ?? false;
        if (index >= 0 && (its || found === null)) {
          found = { panel, index };
        }
      });
      return found;
    }

    app.commands.addCommand(CommandIDs.showCell, {
      label: trans.__('Show the Cell That Dask Tasks Come From'),
      // Nothing to choose from in a palette: it is called with the id of a cell.
      isVisible: () => false,
      describedBy: {
        args: {
          type: 'object',
          properties: { cell: { type: 'string', description: trans.__('Id of the cell') } },
          required: ['cell']
        }
      },
      execute: reporting(trans, async args => {
        const found = find(textArgument(args, 'cell') ?? '');
        if (found === null) {
          throw new ApiError({
            code: 'cell.unknown',
            message: trans.__('The cell that these tasks come from is in no open notebook.'),
            hint: trans.__('Open the notebook, then click again.')
          });
        }
        const { index, panel } = found;
        app.shell.activateById(panel.id);
        await panel.revealed;
        const { content } = panel;
        content.deselectAll();
        content.activeCellIndex = index;
        await content.scrollToItem(index, 'smart');
      })
    });

    return {
      title: cell => {
        const found = find(cell);
        if (found === null) {
          return null;
        }
        const { index, panel } = found;
        const model = panel.content.model?.cells.get(index);
        const count = model && 'executionCount' in model ? model.executionCount : null;
        const name = panel.title.label;
        return typeof count === 'number'
          ? trans.__('%1, cell [%2]', name, count)
          : trans.__('%1, cell %2 from the top', name, index + 1);
      },
      show: cell => void app.commands.execute(CommandIDs.showCell, { cell })
    };
  }
};
