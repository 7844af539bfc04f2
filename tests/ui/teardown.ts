/** After the last test: no cluster and no process of ours may be left. */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { baseUrl, home, token } from './server';

const headers = { Authorization: `token ${token}` };

export default async function teardown(): Promise<void> {
  await stopClusters();
  const left = await survivors();
  if (left.length > 0) {
    throw new Error(`Processes of the tests' clusters are still there:\n${left.join('\n')}`);
  }
  // Later: the server ends after this, and makes its folders anew as long as it lives.
  process.once('exit', () => rmSync(home, { recursive: true, force: true }));
}

async function stopClusters(): Promise<void> {
  const answer = await fetch(`${baseUrl}dasklab/api/clusters`, { headers }).catch(() => null);
  if (answer?.ok) {
    const { clusters } = (await answer.json()) as { clusters: { id: string }[] };
    await Promise.all(
      clusters.map(({ id }) =>
        fetch(`${baseUrl}dasklab/api/clusters/${id}`, { method: 'DELETE', headers })
      )
    );
  }
}

/** Command lines of the clusters' processes that have not gone within fifteen seconds. */
async function survivors(): Promise<string[]> {
  let left: string[] = [];
  for (let attempt = 0; attempt < 150; attempt += 1) {
    left = processes();
    if (left.length === 0) {
      break;
    }
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  return left;
}

/** Processes with our folder in their environment, but the server, its kernels and ourselves. */
function processes(): string[] {
  if (!existsSync('/proc/self/environ')) {
    return [];
  }
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map(pid => {
      try {
        const environ = readFileSync(`/proc/${pid}/environ`, 'utf8');
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replace(/\0/g, ' ');
        return environ.includes(`DASKLAB_HOME=${home}`) ? `${pid} ${command}` : '';
      } catch {
        return ''; // Gone meanwhile, or not ours.
      }
    })
    .filter(text => /dasklab|distributed|multiprocessing/.test(text))
    .filter(text => !/jupyter-lab|jupyter lab|ipykernel/.test(text));
}
