// Opens pages for hub.py: one address a line on stdin, one JSON answer a line on stdout.
// Times are milliseconds after the navigation began, as the page's own clock gives them.
import { createInterface } from 'node:readline';
import { chromium } from '@playwright/test';

const browser = await chromium.launch({
  executablePath: process.argv[2],
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking']
});
const context = await browser.newContext({ viewport: { width: 800, height: 500 } });

/** Times of one page in a tab of its own; the browser's cache is as it is for a user. */
async function paint(url) {
  const page = await context.newPage();
  try {
    await page.goto(url, { waitUntil: 'commit' });
    await page.locator('canvas').first().waitFor({ timeout: 30_000 });
    const plot = await page.evaluate(() => performance.now());
    // A frame is noted some milliseconds after it was painted: it may be later than the look.
    const noted = await page.waitForFunction(
      () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime
    );
    return { paint: await noted.jsonValue(), plot };
  } finally {
    await page.close();
  }
}

for await (const url of createInterface({ input: process.stdin })) {
  const answer = await paint(url).catch(error => ({ error: String(error) }));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await browser.close();
