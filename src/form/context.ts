import type { TranslationBundle } from '@jupyterlab/translation';
import { isFields } from '../api/read';
import type { IGroup } from './schema';
import type { IOptionError } from './errors';

/** What the form's parts know of the whole, handed through react-jsonschema-form. */
export interface IFormContext {
  readonly trans: TranslationBundle;
  readonly groups: ReadonlyArray<IGroup>;
  readonly errors: ReadonlyArray<IOptionError>;
  /** Names of the options that an administrator has fixed. */
  readonly locked: ReadonlySet<string>;
  /** Names of the options that have a value. */
  readonly given: ReadonlySet<string>;
}

export function contextOf(formContext: unknown): IFormContext {
  if (!isFields(formContext) || !('trans' in formContext)) {
    throw new Error('This field stands outside a form of options.');
  }
  return formContext as unknown as IFormContext;
}

/** The ids of what describes a field: its help, and what is wrong with it. */
export function describedBy(id: string, invalid: boolean): string {
  return invalid ? `${id}__error ${id}__help` : `${id}__help`;
}
