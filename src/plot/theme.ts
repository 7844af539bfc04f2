/** The colours of JupyterLab's theme, for a canvas, which does not inherit any. */
import { luminance, mixColours, parseColour, type Rgb } from './colours';

export interface ITheme {
  readonly dark: boolean;
  readonly background: Rgb;
  readonly foreground: Rgb;
  /** Of less important text. */
  readonly muted: Rgb;
  readonly grid: Rgb;
  readonly accent: Rgb;
  readonly error: Rgb;
  readonly warning: Rgb;
  readonly success: Rgb;
  readonly font: string;
}

/** Where the variables are missing: JupyterLab's light theme. */
const DEFAULTS: Readonly<Record<string, string>> = {
  '--jp-layout-color0': '#ffffff',
  '--jp-ui-font-color1': '#212121',
  '--jp-ui-font-color2': '#616161',
  '--jp-brand-color1': '#1976d2',
  '--jp-error-color1': '#d32f2f',
  '--jp-warn-color1': '#f57c00',
  '--jp-success-color1': '#388e3c',
  '--jp-ui-font-family': 'sans-serif'
};

/** The theme as it applies to a node. */
export function readTheme(node: HTMLElement): ITheme {
  const style = getComputedStyle(node);
  const probe = document.createElement('canvas').getContext('2d');
  const read = (name: string): string => style.getPropertyValue(name).trim() || DEFAULTS[name];
  const background = opaque(read('--jp-layout-color0'), probe, [255, 255, 255]);
  const colour = (name: string): Rgb => opaque(read(name), probe, background);
  const foreground = colour('--jp-ui-font-color1');
  return {
    dark: luminance(background) < 0.18,
    background,
    foreground,
    muted: colour('--jp-ui-font-color2'),
    grid: mixColours(background, foreground, 0.12),
    accent: colour('--jp-brand-color1'),
    error: colour('--jp-error-color1'),
    warning: colour('--jp-warn-color1'),
    success: colour('--jp-success-color1'),
    font: `11px ${read('--jp-ui-font-family')}`
  };
}

/** Be told when JupyterLab changes its theme, until the returned function is called. */
export function watchTheme(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  observer.observe(document.body, {
    attributes: true,
    attributeFilter: ['class', 'data-jp-theme-light', 'data-jp-theme-name', 'style']
  });
  return () => observer.disconnect();
}

/** Any CSS colour as it looks before a background: the browser itself reads names and alphas. */
function opaque(text: string, probe: CanvasRenderingContext2D | null, background: Rgb): Rgb {
  if (probe === null) {
    return parseColour(text);
  }
  probe.fillStyle = '#000';
  probe.fillStyle = text;
  const read = String(probe.fillStyle);
  const alpha = /^rgba\(.*,\s*([\d.]+)\)$/.exec(read)?.[1];
  const colour = parseColour(read);
  return alpha === undefined ? colour : mixColours(background, colour, Number(alpha));
}
