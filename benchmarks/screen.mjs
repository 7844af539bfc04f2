// The commands of screen.py.
// Times are epoch milliseconds as the page's own clock gives them; it is the same machine.
import { newPage, obey, url } from './driver.mjs';

const page = await newPage(1400, 900);
await page.addInitScript(note);

/**
 * In the page, before any of it: notes each picture of a task stream, as it is put on a canvas,
 * with the time of the next frame, by which it has been on the screen.
 */
function note() {
  const now = () => performance.timeOrigin + performance.now();
  Object.assign(window, { pictures: [], seen: [], clicked: 0, colours: [] });
  addEventListener('click', () => (window.clicked = now()), { capture: true });
  const put = CanvasRenderingContext2D.prototype.putImageData;
  let before = new Set();
  CanvasRenderingContext2D.prototype.putImageData = function (image, ...rest) {
    put.call(this, image, ...rest);
    const pixels = new Uint32Array(image.data.buffer);
    const counts = new Map(window.colours.map(colour => [colour, 0]));
    let ink = 0;
    for (const pixel of pixels) {
      ink += pixel !== 0xffffffff; // what is behind the bars, in the light theme
      if (counts.has(pixel)) {
        counts.set(pixel, counts.get(pixel) + 1);
      }
    }
    const there = new Set([...counts.keys()].filter(colour => counts.get(colour) > 30));
    const fresh = [...there].filter(colour => !before.has(colour));
    before = there;
    requestAnimationFrame(() => {
      window.pictures.push({ at: now(), ink });
      window.seen.push(...fresh.map(colour => [now(), window.colours.indexOf(colour)]));
    });
  };
}

async function open(path) {
  const where = new URL(url);
  where.pathname = path;
  where.searchParams.set('reset', '');
  await page.goto(where.href);
  await page.locator('#jupyterlab-splash').waitFor({ state: 'detached', timeout: 90_000 });
}

const commands = {
  // Milliseconds from the click on a plot to each of its pictures, with their bars' pixels.
  async firstPaint({ name }) {
    await open('lab');
    await page.getByRole('tab', { name: 'Dask clusters' }).click();
    const card = page.locator('#dasklab-panel .dasklab-Card').filter({ hasText: name });
    await card.getByRole('button', { name: `Live plots of “${name}”` }).click();
    await card.getByRole('button', { name: 'Task Stream' }).click();
    await page.waitForFunction(() => window.pictures.filter(({ ink }) => ink > 0).length > 15);
    return page.evaluate(() =>
      window.pictures.map(({ at, ink }) => [at - window.clicked, ink])
    );
  },
  // Opens a notebook and runs its first cell, until that has a plot.
  async openNotebook({ path, colours }) {
    await open(`lab/tree/${path}`);
    await page.evaluate(given => (window.colours = given), colours);
    await page.getByText('Python 3 (ipykernel) | Idle').waitFor();
    await page.locator('.jp-Notebook .jp-CodeCell .cm-content').first().click();
    await page.keyboard.press('Shift+Enter');
    await page.locator('.jp-Notebook .dasklab-Output canvas').first().waitFor();
    await page.getByText('Python 3 (ipykernel) | Idle').waitFor();
  },
  // Runs the next cell, which goes on.
  async runNext() {
    await page.keyboard.press('Shift+Enter');
    await page.getByText('Python 3 (ipykernel) | Busy').waitFor();
  },
  // When each colour came into sight, since the last call.
  async seen() {
    return page.evaluate(() => window.seen.splice(0));
  }
};

await obey(commands);
