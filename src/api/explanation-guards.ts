/** Readers of what is known of missing workers; see `guards.ts`. */
import type { IAdvice, IJob } from './contract';
import { fields, list, maybe, moment, text } from './read';
import { paragraph, SENTENCE_LIMIT } from './text';

/** Lines that show a finding. */
const EVIDENCE_LIMIT = 100;

export function readAdvice(value: unknown): IAdvice | null {
  const data = fields(value);
  const { severity } = data;
  const message = typeof data.message === 'string' ? paragraph(data.message) : '';
  return message
    ? {
        code: text(data.code),
        message,
        hint: typeof data.hint === 'string' ? paragraph(data.hint) : '',
        severity: severity === 'note' || severity === 'error' ? severity : 'warning',
        evidence: list(data.evidence)
          .slice(0, EVIDENCE_LIMIT)
          .map(item => (typeof item === 'string' ? paragraph(item) : '')),
        again: data.again === true
      }
    : null;
}

export function readJob(value: unknown): IJob | null {
  const data = fields(value);
  const id = text(data.id);
  return id
    ? {
        id,
        state: data.state === 'running' || data.state === 'ended' ? data.state : 'pending',
        text: text(data.text, SENTENCE_LIMIT) || text(data.reason),
        node: text(data.node),
        expected: maybe(data.expected, moment)
      }
    : null;
}
