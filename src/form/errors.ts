/** Errors of single options, found here or by the server. Apart from what finds them, which is large. */
import { isFields } from '../api/read';

/** One thing that is wrong with one option. */
export interface IOptionError {
  readonly option: string;
  /** Where in the option, such as the name of an item; empty for all of it. */
  readonly inside: string;
  readonly message: string;
  /** Whether it is only not there yet, which is no mistake before the form is sent. */
  readonly missing: boolean;
}

/** What the server found wrong with single options, for the fields of those. */
export function serverErrors(details: Readonly<Record<string, unknown>>): IOptionError[] {
  const found = Array.isArray(details.errors) ? details.errors.filter(isFields) : [];
  return found.slice(0, 50).flatMap(({ option, message }) => {
    if (typeof option !== 'string' || typeof message !== 'string' || option === '') {
      return [];
    }
    const said = message.startsWith(`${option}: `) ? message.slice(option.length + 2) : message;
    return [{ option, inside: '', message: said, missing: false }];
  });
}
