// A browser's page that is driven by `Browser` of panel.py: one command a line on stdin, one JSON
// answer a line on stdout. Which commands there are says the script that uses it.
import { createInterface } from 'node:readline';
import { chromium } from '@playwright/test';

/** Where to go, which browser to use: what every script is started with. */
const [url, executablePath] = process.argv.slice(2);
export { url };

const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking']
});

export const newPage = (width, height) => browser.newPage({ viewport: { width, height } });

export const answer = data => process.stdout.write(`${JSON.stringify(data)}\n`);

/** Obey until stdin ends. */
export async function obey(commands) {
  for await (const line of createInterface({ input: process.stdin })) {
    const { command, ...options } = JSON.parse(line);
    try {
      answer({ value: (await commands[command](options)) ?? null });
    } catch (error) {
      answer({ error: String(error) });
    }
  }
  await browser.close();
}
