/** An environment with another JupyterLab: all the rest is that of the tests, beneath it. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { bin, home, root } from './server';

/** The oldest JupyterLab that a wheel of this checkout may be installed beside. */
export function oldestLab(): string {
  const project = readFileSync(path.join(root, 'pyproject.toml'), 'utf8');
  const [, floor = ''] = /"jupyterlab>=([\d.]+)/.exec(project) ?? [];
  return `${floor}.0`;
}

/**
 * Make it: a few seconds, because only JupyterLab itself is installed.
 *
 * @returns The folder of its programs.
 */
export function environmentWith(version: string): string {
  const folder = path.join(home, `lab-${version}`);
  const make = ['-m', 'tests.python.environments', folder, `jupyterlab==${version}`];
  execFileSync(path.join(bin, 'python'), make, { cwd: root });
  const extensions = path.join(folder, 'share/jupyter/labextensions');
  mkdirSync(extensions, { recursive: true });
  symlinkSync(path.join(root, 'labextension/dist'), path.join(extensions, 'dasklab'));
  return path.join(folder, 'bin');
}
