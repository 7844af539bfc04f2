/**
 * Another Jupyter server beside that of the suite, configured differently or another application.
 * It reads the same records, so that a cluster of one is seen in the other.
 */
import { expect } from '@playwright/test';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { bin, environment, PREFIX, token } from './server';

export class AnotherServer {
  /**
   * Start one and wait until it answers.
   *
   * @param app - `lab` or `notebook`.
   * @param options - As on a command line, such as `--DasklabServer.read_only=True`.
   */
  static start(app: 'lab' | 'notebook', ...options: string[]): Promise<AnotherServer> {
    return AnotherServer.run(path.join(bin, `jupyter-${app}`), ...options);
  }

  /** As `start`, for a program of any environment. */
  static async run(program: string, ...options: string[]): Promise<AnotherServer> {
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as AddressInfo;
    probe.close();
    const child = spawn(program, [`--ServerApp.port=${port}`, ...options], {
      env: { ...process.env, ...environment },
      stdio: 'ignore'
    });
    const server = new AnotherServer(child, `http://127.0.0.1:${port}${PREFIX}`);
    const answers = (): Promise<boolean> =>
      fetch(`${server.baseUrl}api/status?token=${token}`).then(
        answer => answer.ok,
        () => false
      );
    await expect.poll(answers, { timeout: 60_000 }).toBe(true);
    return server;
  }

  async stop(): Promise<void> {
    const gone = once(this._child, 'exit');
    this._child.kill('SIGTERM');
    // Jupyter's server never ends where it was reading a file meanwhile: a thread of AnyIO stays.
    const late = setTimeout(() => this._child.kill('SIGKILL'), 30_000);
    await gone;
    clearTimeout(late);
  }

  private constructor(
    private readonly _child: ChildProcess,
    readonly baseUrl: string
  ) {}
}
