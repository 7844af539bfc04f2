/** A plot as a picture that explains itself: its title above it, its legend beneath. */
import { cssColour } from './colours';
import type { ILegendItem } from './plot';
import type { ITheme } from './theme';

/** Height of a line of text, and the space around what stands in it, in CSS pixels. */
const LINE = 20;
const GAP = 8;
const SWATCH = 10;

/**
 * @param picture - As it is on the screen.
 * @param legend - What of its colours is to be said.
 */
export function poster(
  picture: HTMLCanvasElement,
  title: string,
  legend: ReadonlyArray<ILegendItem>,
  theme: ITheme
): HTMLCanvasElement {
  const sheet = document.createElement('canvas');
  const context = sheet.getContext('2d');
  if (context === null) {
    return picture;
  }
  const scale = picture.width / (picture.clientWidth || picture.width);
  const width = picture.width / scale;
  const height = picture.height / scale;
  context.font = theme.font;
  const entries = flow(legend, width, text => context.measureText(text).width);
  const lines = entries.length > 0 ? entries[entries.length - 1].line + 1 : 0;
  sheet.width = picture.width;
  sheet.height = Math.ceil(scale * (height + LINE * (1 + lines)));
  context.scale(scale, scale);
  context.fillStyle = cssColour(theme.background);
  context.fillRect(0, 0, width, height + LINE * (1 + lines));
  context.drawImage(picture, 0, LINE, width, height);
  context.font = theme.font; // a new size has reset it
  context.textBaseline = 'middle';
  const write = (text: string, x: number, middle: number): void => {
    context.fillStyle = cssColour(theme.foreground);
    context.fillText(text, x, middle);
  };
  write(title, GAP, LINE / 2);
  for (const { item, line, x } of entries) {
    const middle = LINE + height + LINE * (line + 0.5);
    const thickness = item.line ? 2 : SWATCH;
    context.fillStyle = cssColour(item.colour);
    context.fillRect(x, middle - thickness / 2, SWATCH, thickness);
    write(item.label, x + SWATCH + GAP / 2, middle);
  }
  return sheet;
}

interface IEntry {
  readonly item: ILegendItem;
  readonly line: number;
  readonly x: number;
}

/** Where the entries stand: beside each other, in as many lines as they take. */
function flow(
  legend: ReadonlyArray<ILegendItem>,
  width: number,
  measure: (text: string) => number
): IEntry[] {
  let [line, x] = [0, GAP];
  return legend.map(item => {
    const taken = SWATCH + GAP / 2 + measure(item.label) + 2 * GAP;
    if (x > GAP && x + taken > width) {
      [line, x] = [line + 1, GAP];
    }
    const entry = { item, line, x };
    x += taken;
    return entry;
  });
}
