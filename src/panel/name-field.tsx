import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { usePanel } from './context';
import { Field } from './field';

/** What the server accepts: a name that can stand in a command line, a URL and a file name. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** What is wrong with a name, in the server's words; nothing while there is none. */
export function nameError(name: string, trans: TranslationBundle): string | null {
  const trimmed = name.trim();
  return trimmed === '' || NAME.test(trimmed)
    ? null
    : trans.__(
        '“%1” cannot be a name. Use letters from a to z, digits, dots, dashes and underscores, a letter or digit first.',
        trimmed
      );
}

interface INameFieldProps {
  label: string;
  value: string;
  placeholder?: string;
  autoFocus?: boolean;
  onChange(name: string): void;
}

/** A name, checked as it is typed. */
export function NameField(props: INameFieldProps): JSX.Element {
  const { label, value, placeholder, autoFocus, onChange } = props;
  const { trans } = usePanel();
  const id = React.useId();
  const error = nameError(value, trans);
  return (
    <Field id={id} label={label}>
      <input
        id={id}
        className="jp-mod-styled"
        type="text"
        autoComplete="off"
        autoFocus={autoFocus}
        maxLength={63}
        placeholder={placeholder}
        aria-invalid={error !== null || undefined}
        aria-describedby={error === null ? undefined : `${id}-error`}
        value={value}
        onChange={event => onChange(event.target.value)}
      />
      {error !== null && (
        <p id={`${id}-error`} className="dasklab-FieldError" role="alert">
          {error}
        </p>
      )}
    </Field>
  );
}
