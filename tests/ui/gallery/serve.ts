/**
 * Serves the gallery into a page: our sources, each compiled when it is asked for. Nothing is
 * bundled, so it also shows that telemetry and plots need nothing but what is in their folders.
 */
import type { Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { baseUrl, root, token } from '../server';

/** Beneath the server's own address, so that JupyterLab's themes may be asked for. */
const PREFIX = `${baseUrl}gallery/`;

const PAGE = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Plots</title>
<link rel="stylesheet" href="${PREFIX}labextension/style/plot.css"></head>
<body><script type="module" src="${PREFIX}tests/ui/gallery/main.ts"></script></body></html>`;

export type Theme = 'light' | 'dark' | 'dark-high-contrast';

/** Open the gallery with a theme; `how` goes to its script as the query of the address. */
export async function openGallery(page: Page, theme: Theme, how: string = ''): Promise<void> {
  await page.route(`${PREFIX}**`, async route => {
    const file = new URL(route.request().url()).pathname.slice(new URL(PREFIX).pathname.length);
    if (file === '') {
      await route.fulfill({ contentType: 'text/html', body: PAGE });
    } else if (file.endsWith('.css')) {
      await route.fulfill({
        contentType: 'text/css',
        body: readFileSync(path.join(root, file), 'utf8')
      });
    } else if (/\.(frames|dasklab)$/.test(file)) {
      await route.fulfill({ body: readFileSync(path.join(root, file)) });
    } else {
      await route.fulfill({ contentType: 'text/javascript', body: compile(file) });
    }
  });
  await page.goto(`${PREFIX}?${how}`);
  const name = `@jupyterlab/theme-${theme}-extension`;
  await page.addStyleTag({ url: `${baseUrl}lab/api/themes/${name}/index.css?token=${token}` });
  await page.evaluate(
    light => {
      document.body.dataset.jpThemeLight = light;
    },
    String(theme === 'light')
  );
}

const compiled = new Map<string, string>();

function compile(file: string): string {
  const name = file.endsWith('.ts') ? file : `${file}.ts`;
  let code = compiled.get(name);
  if (code === undefined) {
    code = ts.transpileModule(readFileSync(path.join(root, name), 'utf8'), {
      compilerOptions: {
        module: ts.ModuleKind.ESNext,
        target: ts.ScriptTarget.ES2022,
        verbatimModuleSyntax: true
      }
    }).outputText;
    compiled.set(name, code);
  }
  return code;
}
