/** What a kernel says when it is asked without leaving a trace in its notebook. */
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';
import { fields, text } from '../api/read';

/** Milliseconds that a kernel has to answer. */
const DEADLINE = 1_000;

/** The id of the cluster it computes on, `None` if it does not have dasklab loaded. */
const CURRENT =
  '__import__("sys").modules.get("dasklab") and ' +
  '__import__("dasklab.current", fromlist=["current_id"]).current_id()';

export function kernelOf(target: NotebookPanel | null): Kernel.IKernelConnection | null {
  return target?.sessionContext.session?.kernel ?? null;
}

/**
 * The values of expressions, as Python writes them; of one that fails an empty text.
 *
 * @returns Null of a kernel that computes and so cannot answer: nobody shall wait for that.
 */
export async function askKernel<T extends string>(
  kernel: Kernel.IKernelConnection,
  expressions: Readonly<Record<T, string>>
): Promise<Record<T, string> | null> {
  if (kernel.status === 'busy') {
    return null;
  }
  let future: ReturnType<Kernel.IKernelConnection['requestExecute']> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<null>(resolve => {
    timer = setTimeout(() => resolve(null), DEADLINE);
  });
  try {
    future = kernel.requestExecute({
      code: '',
      silent: true,
      store_history: false,
      allow_stdin: false,
      stop_on_error: false,
      user_expressions: expressions
    });
    const reply = await Promise.race([future.done, deadline]);
    if (reply?.content.status !== 'ok') {
      return null;
    }
    const said = reply.content.user_expressions;
    const names = Object.keys(expressions) as T[];
    return Object.fromEntries(
      names.map(name => [name, text(fields(fields(said[name]).data)['text/plain'])])
    ) as Record<T, string>;
  } catch {
    // The kernel was restarted meanwhile: it says nothing.
    return null;
  } finally {
    clearTimeout(timer);
    future?.dispose();
  }
}

/**
 * The id of the cluster that a kernel computes on, empty if it is none that is listed.
 *
 * @returns Null of a kernel that does not say: it does not have dasklab loaded, or cannot answer.
 */
export async function askCluster(kernel: Kernel.IKernelConnection): Promise<string | null> {
  if ((await kernel.spec)?.language.toLowerCase() !== 'python') {
    return null;
  }
  const said = await askKernel(kernel, { id: CURRENT });
  return /^'([\w.-]*)'$/.exec(said?.id ?? '')?.[1] ?? null;
}
