// The commands of panel.py.
// Times are epoch milliseconds as the page's own clock gives them; it is the same machine.
import { answer, newPage, obey, url } from './driver.mjs';

const page = await newPage(1280, 800);

const theirNew = () => page.locator('#dask-dashboard-launcher').getByRole('button', { name: /new/i });
const ourNew = () => page.locator('#dasklab-panel').getByRole('button', { name: 'New', exact: true });

const commands = {
  async openOurs() {
    await page.goto(url);
    await page.locator('#jupyterlab-splash').waitFor({ state: 'detached', timeout: 90_000 });
    await page.getByRole('tab', { name: 'Dask clusters' }).click();
    await page.getByText('No cluster is running.').waitFor();
  },
  async openTheirs() {
    await page.goto(url);
    await page.locator('#jupyterlab-splash').waitFor({ state: 'detached', timeout: 90_000 });
    await page.locator('[data-id="dask-dashboard-launcher"]').click();
    await theirNew().waitFor();
  },
  // Answers twice: that it watches, and when the selector's text matched.
  async watch({ selector, text, gone }) {
    const seen = page.evaluate(
      ({ selector, text, gone }) =>
        new Promise((resolve, reject) => {
          const texts = () => [...document.querySelectorAll(selector)].map(node => node.textContent);
          setTimeout(() => reject(new Error(`${selector} never told ${text}: ${texts()}`)), 60_000);
          const look = () => {
            const found = texts().some(each => new RegExp(text, 's').test(each ?? ''));
            if (found !== gone) {
              observer.disconnect();
              resolve(performance.timeOrigin + performance.now());
            }
          };
          const observer = new MutationObserver(look);
          observer.observe(document.body, {
            attributes: true,
            characterData: true,
            childList: true,
            subtree: true
          });
          look();
        }),
      { selector, text, gone: gone ?? false }
    );
    answer({ watching: true });
    return seen;
  },
  // Seconds, by the page's clock, from the click on New until a frame with the card is drawn.
  async showsOurs({ selector, text }) {
    await page.evaluate(
      ({ selector, text }) => {
        window.shown = new Promise((resolve, reject) => {
          setTimeout(() => reject(new Error(`${selector} never told ${text}`)), 60_000);
          document.addEventListener(
            'click',
            () => {
              const clicked = performance.now();
              const observer = new MutationObserver(() => {
                const cards = [...document.querySelectorAll(selector)];
                if (cards.some(card => new RegExp(text, 's').test(card.textContent ?? ''))) {
                  observer.disconnect();
                  requestAnimationFrame(() => resolve((performance.now() - clicked) / 1000));
                }
              });
              observer.observe(document.body, {
                attributes: true,
                characterData: true,
                childList: true,
                subtree: true
              });
            },
            { capture: true, once: true }
          );
        });
      },
      { selector, text }
    );
    await ourNew().click();
    return page.evaluate(() => window.shown);
  },
  async newOurs() {
    const at = Date.now();
    await ourNew().click();
    return at;
  },
  async newTheirs() {
    const at = Date.now();
    await theirNew().click();
    return at;
  }
};

await obey(commands);
