/**
 * Words of the server in the language of the page: titles and help of options, deployments, steps
 * and pages. They are the same in every launch, so translators can have them beforehand
 * (`labextension/server-texts.ts`); what carries values stays as the server says it.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

/** What a translation would fill in; of the server's text nothing must be taken for it. */
const PLACEHOLDER = /%[%\d]/;

/** A text of the server, translated if anybody has. */
export function translated(text: string, trans: TranslationBundle): string {
  if (text === '' || PLACEHOLDER.test(text)) {
    return text;
  }
  // The texts are extracted from the file named above, as those of settings are from their schemas.
  // eslint-disable-next-line jupyter/no-dynamic-translation
  return trans.__(text);
}
