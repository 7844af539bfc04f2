/**
 * The Jupyter server of the browser tests: its port, its token and its folders, all its own, so
 * that nothing of the user's is read or written. Kept in the environment, because Playwright
 * loads its configuration anew in every process.
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

function once(name: string, make: () => string): string {
  return (process.env[name] ??= make());
}

const FREE_PORT = `const s = require('net').createServer();
s.listen(0, '127.0.0.1', () => { process.stdout.write(String(s.address().port)); s.close(); });`;

export const root = path.resolve(__dirname, '../..');

/** The programs of the environment under test: the folder that VENV names, as in the Makefile. */
export const bin = path.resolve(root, process.env.VENV ?? '.venv', 'bin');

export const PREFIX = '/user/alice/';

export function freePort(): string {
  return execFileSync(process.execPath, ['-e', FREE_PORT], { encoding: 'utf8' });
}

export const port = once('DASKLAB_UI_PORT', freePort);

export const token = once('DASKLAB_UI_TOKEN', () => randomBytes(16).toString('hex'));

/** A fresh folder; everything the server and its clusters write is in it. */
export const home = once('DASKLAB_UI_HOME', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'dasklab-ui-'));
  for (const name of ['config', 'data', 'runtime', 'ipython', 'dask', 'clusters', 'work']) {
    mkdirSync(path.join(folder, name), { mode: 0o700 });
  }
  // The token goes into a file of ours and not into argv.
  writeJson(path.join(folder, 'config', 'jupyter_server_config.json'), {
    IdentityProvider: { token },
    LabApp: { expose_app_in_browser: true },
    ServerApp: {
      allow_root: true,
      base_url: PREFIX,
      ip: '127.0.0.1',
      // As the wheel's own configuration says; a checkout may not have been installed.
      jpserver_extensions: { dasklab: true },
      open_browser: false,
      port: Number(port),
      port_retries: 0,
      root_dir: path.join(folder, 'work')
    }
  });
  // A standby that nobody needs goes before the tests do.
  writeFileSync(path.join(folder, 'dask/dasklab.yaml'), 'dasklab: {standby: {idle: 4s}}\n');
  // Nobody asks about news in front of a picture.
  writeJson(
    path.join(
      folder,
      'config/lab/settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings'
    ),
    { checkForUpdates: false, fetchNews: 'false' }
  );
  // A kernel whose Python has no distributed: what a launch with it says is tested.
  const bare = path.join(folder, 'bare');
  execFileSync(path.join(bin, 'python'), ['-m', 'venv', '--without-pip', bare]);
  writeJson(path.join(folder, 'data/kernels/bare/kernel.json'), {
    argv: [path.join(bare, 'bin/python'), '-m', 'ipykernel_launcher', '-f', '{connection_file}'],
    display_name: 'Bare Python',
    language: 'python'
  });
  return folder;
});

/** Below a prefix, as behind a hub: every test is a test of the URLs too. */
export const baseUrl = `http://127.0.0.1:${port}${PREFIX}`;

/** The environment of the server and of everything it starts. */
export const environment: Record<string, string> = {
  DASKLAB_HOME: path.join(home, 'clusters'),
  JUPYTER_CONFIG_DIR: path.join(home, 'config'),
  JUPYTER_DATA_DIR: path.join(home, 'data'),
  JUPYTER_RUNTIME_DIR: path.join(home, 'runtime'),
  JUPYTERLAB_SETTINGS_DIR: path.join(home, 'config', 'lab', 'settings'),
  JUPYTERLAB_WORKSPACES_DIR: path.join(home, 'config', 'lab', 'workspaces'),
  IPYTHONDIR: path.join(home, 'ipython'),
  DASK_CONFIG: path.join(home, 'dask')
};

export const command = `${path.join(bin, 'jupyter')} lab`;

function writeJson(file: string, data: unknown): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(data), { mode: 0o600 });
}
