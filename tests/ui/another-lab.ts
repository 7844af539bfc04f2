/** An environment with another JupyterLab: all the rest is that of the tests, beneath it. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bin, home, root } from './server';

/** The oldest JupyterLab that a wheel of this checkout may be installed beside. */
export function oldestLab(): string {
  const project = readFileSync(path.join(root, 'pyproject.toml'), 'utf8');
  const [, floor] = /"jupyterlab>=([\d.]+)/.exec(project) ?? [];
  return `${floor}.0`;
}

/**
 * Make it: a few seconds, because only JupyterLab itself is installed.
 *
 * @returns The folder of its programs.
 */
export function environmentWith(version: string): string {
  const folder = path.join(home, `lab-${version}`);
  const programs = path.join(folder, 'bin');
  const python = (...args: string[]): string =>
    execFileSync(path.join(bin, 'python'), args, { encoding: 'utf8' }).trim();
  python('-m', 'venv', '--without-pip', folder);
  const pip = ['-m', 'pip', '--python', path.join(programs, 'python')];
  python(...pip, 'install', '--quiet', '--no-deps', `jupyterlab==${version}`);
  // After pip, which would take what is beneath for installed.
  const where = 'import sysconfig; print(sysconfig.get_path("purelib"))';
  const own = execFileSync(path.join(programs, 'python'), ['-c', where], { encoding: 'utf8' });
  const line = `import site; site.addsitedir(${JSON.stringify(python('-c', where))})\n`;
  writeFileSync(path.join(own.trim(), 'beneath.pth'), line);
  const extensions = path.join(folder, 'share/jupyter/labextensions');
  mkdirSync(extensions, { recursive: true });
  symlinkSync(path.join(root, 'labextension/dist'), path.join(extensions, 'dasklab'));
  return programs;
}
