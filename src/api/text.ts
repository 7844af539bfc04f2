/**
 * Foreign text: names, messages and log lines come from other processes and may be hostile.
 *
 * React never turns text into markup, so what is left to do is to keep it short and readable.
 */

/** Characters of a name, title or kind that are kept. */
export const NAME_LIMIT = 200;

/** Characters of a sentence that are kept; the Python side sends at most this many. */
export const SENTENCE_LIMIT = 4_000;

/** Characters of a log tail that are kept: the last ones, because that is where it failed. */
export const LOG_LIMIT = 64_000;

// Terminal escapes, as CSI (colours, cursor) and OSC (titles, links) sequences.
// eslint-disable-next-line no-control-regex
const ANSI = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;

// Control characters but tab and newline, and what reverses or hides text (a name that reads
// differently from what it is): bidirectional overrides and isolates, zero-width characters.
const INVISIBLE =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Text without escapes and invisible characters; line ends become newlines. */
export function clean(text: string): string {
  return text.replace(ANSI, '').replace(/\r\n?/g, '\n').replace(INVISIBLE, '');
}

/** The beginning of a text, on one line. */
export function line(text: string, limit: number = NAME_LIMIT): string {
  // Cut before cleaning too: the text may be megabytes.
  const one = clean(text.slice(0, limit * 4))
    .replace(/\s+/g, ' ')
    .trim();
  return one.length > limit ? `${one.slice(0, limit - 1)}…` : one;
}

/** The beginning of a text, with its lines. */
export function paragraph(text: string, limit: number = SENTENCE_LIMIT): string {
  const some = clean(text.slice(0, limit * 4)).trim();
  return some.length > limit ? `${some.slice(0, limit - 1)}…` : some;
}

/** The end of a text, with its lines. */
export function tail(text: string, limit: number = LOG_LIMIT): string {
  return clean(text.slice(-limit)).trimEnd();
}
