/** The code of cells that connect to a cluster or plot it, for the kernel that will run them. */
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ICluster } from '../api/contract';
import { ApiError } from '../api/errors';
import type { IClusters } from '../clusters/manager';
import type { PlotName } from '../plots/names';

/** Milliseconds that a kernel has to say whether it knows dasklab. */
const PROBE_DEADLINE = 1_000;

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

export function kernelOf(target: NotebookPanel | null): Kernel.IKernelConnection | null {
  return target?.sessionContext.session?.kernel ?? null;
}

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
    kernel === null ? false : askKernel(kernel).then(({ known }) => known)
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
  const { known, loaded } = idle ? await askKernel(kernel) : UNASKED;
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

/** What the kernel has of dasklab, asked without leaving a trace in the notebook. */
async function askKernel(kernel: Kernel.IKernelConnection): Promise<IKnowledge> {
  const before: IKnowledge = { known: answered.get(kernel.id) ?? false, loaded: false };
  if (kernel.status === 'busy') {
    // A kernel that computes cannot answer, and nobody shall wait for that.
    return before;
  }
  const future = kernel.requestExecute({
    code: '',
    silent: true,
    store_history: false,
    allow_stdin: false,
    stop_on_error: false,
    user_expressions: PROBES
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<null>(resolve => {
    timer = setTimeout(() => resolve(null), PROBE_DEADLINE);
  });
  try {
    const reply = await Promise.race([future.done, deadline]);
    if (reply?.content.status !== 'ok') {
      return before;
    }
    const said = reply.content.user_expressions;
    const isTrue = (name: keyof typeof PROBES): boolean =>
      JSON.stringify(said[name] ?? null).includes('True');
    answered.set(kernel.id, isTrue('known'));
    return { known: isTrue('known'), loaded: isTrue('loaded') };
  } catch {
    // The kernel was restarted meanwhile: it says nothing.
    return before;
  } finally {
    clearTimeout(timer);
    future.dispose();
  }
}
