import { defineConfig } from '@playwright/test';
import path from 'node:path';
import { baseUrl, command, environment, root } from './server';

export default defineConfig({
  testDir: __dirname,
  outputDir: path.join(root, 'test-results', 'ui'),
  globalTeardown: './teardown.ts',
  // One server and a machine that may have two cores.
  workers: 1,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  forbidOnly: Boolean(process.env.CI),
  // What is written into docs/ is written when asked for, not by a test.
  grepInvert: process.env.DASKLAB_DOCS ? undefined : /@docs/,
  reporter: [['list']],
  use: {
    baseURL: baseUrl,
    viewport: { width: 1280, height: 800 },
    locale: 'en-US',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox']
    }
  },
  webServer: {
    command,
    url: `${baseUrl}api`,
    env: environment,
    timeout: 60_000,
    reuseExistingServer: false,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 10_000 },
    stdout: 'ignore',
    stderr: process.env.DASKLAB_UI_LOG ? 'pipe' : 'ignore'
  }
});
