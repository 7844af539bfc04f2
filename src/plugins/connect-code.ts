/** The code of cells that connect to a cluster or plot it, for the kernel that will run them. */
import type { Kernel } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ICluster } from '../api/contract';
import { ApiError } from '../api/errors';
import type { IClusters } from '../clusters/manager';
import type { PlotName } from '../plots/names';
import { askKernel } from './kernel';

/** In IPython's words: whether dasklab can be imported there, and whether `%dask` is there. */
const PROBES = {
  known: '__import__("importlib.util").util.find_spec("dasklab") is not None',
  loaded: 'get_ipython().find_line_magic("dask") is not None'
};

interface IKnowledge {
  readonly known: boolean;
  readonly loaded: boolean;
}

/** What kernels have said, by their ids: an environment does not gain dasklab within a session. */
const answered = new Map<string, boolean>();

/**
 * The source of the cell, built by the server, which knows what has to be quoted. It ends with the
 * client, so that the cell shows what it is connected to.
 *
 * @param kernel - Null of a notebook without one: then the code needs distributed only.
 */
export async function connectSource(
  clusters: IClusters,
  cluster: ICluster,
  kernel: Kernel.IKernelConnection | null,
  trans: TranslationBundle
): Promise<string> {
  await checkLanguage(kernel, trans);
  const [code, known] = await Promise.all([
    clusters.api.code(cluster.id),
    kernel === null ? false : knowledgeOf(kernel).then(({ known }) => known)
  ]);
  const source = known ? code.connect : code.plain;
  if (source === '') {
    throw new ApiError({
      code: 'cluster.starting',
      message: trans.__('“%1” has no scheduler to connect to yet.', cluster.name),
      hint: trans.__('Wait until it runs.')
    });
  }
  return `${source}\nclient`;
}

/**
 * The source of a cell with a live plot of the cluster.
 *
 * @param kernel - Null of a notebook without one: whoever runs the cell is told if dasklab is missing.
 */
export async function plotSource(
  cluster: ICluster,
  plot: PlotName,
  kernel: Kernel.IKernelConnection | null,
  trans: TranslationBundle
): Promise<string> {
  await checkLanguage(kernel, trans);
  const idle = kernel !== null && kernel.status !== 'busy';
  const { known, loaded } = idle ? await knowledgeOf(kernel) : UNASKED;
  if (!known) {
    throw new ApiError({
      code: 'notebook.dasklab',
      message: trans.__('The environment of this notebook’s kernel does not have dasklab.'),
      hint: trans.__('Install it there, or open the plot beside the notebook.')
    });
  }
  // A magic has no quotes of Python's: what is more than a word is named by its id.
  const name = /^[\w.-]+$/.test(cluster.name) ? cluster.name : cluster.id;
  const load = loaded ? '' : '%load_ext dasklab\n';
  return `${load}%dask use ${name}\n%dask plot ${plot}`;
}

/** Refuse a kernel that does not speak Python. */
async function checkLanguage(
  kernel: Kernel.IKernelConnection | null,
  trans: TranslationBundle
): Promise<void> {
  const language = (await kernel?.spec)?.language;
  if (language !== undefined && language.toLowerCase() !== 'python') {
    throw new ApiError({
      code: 'notebook.language',
      message: trans.__('The kernel of this notebook does not speak Python.'),
      hint: trans.__('Choose a Python kernel for it first.')
    });
  }
}

/** Of a notebook that nobody can ask: whoever runs the cell is told what is missing. */
const UNASKED: IKnowledge = { known: true, loaded: false };

/** What the kernel has of dasklab. */
async function knowledgeOf(kernel: Kernel.IKernelConnection): Promise<IKnowledge> {
  const said = await askKernel(kernel, PROBES);
  if (said !== null) {
    answered.set(kernel.id, said.known === 'True');
  }
  return { known: answered.get(kernel.id) ?? false, loaded: said?.loaded === 'True' };
}
