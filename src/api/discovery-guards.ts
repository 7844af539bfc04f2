/** Reader of what was found running; see `guards.ts`. */
import type { IDiscovery, IFound } from './contract';
import { readProblem } from './guards';
import { all, fields, list, text } from './read';
import { SENTENCE_LIMIT } from './text';

export function readDiscovery(value: unknown): IDiscovery {
  const data = fields(value);
  return { found: all(data.found, readFound), silent: list(data.silent).map(readProblem) };
}

function readFound(value: unknown): IFound | null {
  const data = fields(value);
  const name = text(data.name);
  const deployment = text(data.deployment);
  return name && deployment
    ? {
        deployment,
        name,
        source: text(data.source) || deployment,
        text: text(data.text, SENTENCE_LIMIT),
        label: text(data.label) || null,
        options: fields(data.options)
      }
    : null;
}
