import type { FieldProps } from '@rjsf/utils';
import * as React from 'react';
import { contextOf, describedBy } from './context';
import { fromLines, toLines } from './lines';
import { typesOf } from './schema';

/** A list or a mapping, a line for each item. */
export function LinesField(props: FieldProps): JSX.Element {
  const { idSchema, formData, schema, disabled, readonly, required, onChange, formContext, name } =
    props;
  const { trans, errors } = contextOf(formContext);
  const rule = { ...schema };
  const id = idSchema.$id;
  const value: unknown = formData;
  const [text, setText] = React.useState(() => toLines(value));
  // What is typed stays as it is typed; what comes from elsewhere (a profile) goes before it.
  const same = JSON.stringify(fromLines(text, rule)) === JSON.stringify(value);
  const shown = same ? text : toLines(value);
  const invalid = errors.some(error => error.option === name);
  const lines = shown.split('\n').length;
  return (
    <textarea
      id={id}
      className="jp-mod-styled"
      rows={Math.min(Math.max(lines, 2), 8)}
      disabled={disabled || readonly}
      aria-invalid={invalid || undefined}
      aria-required={required || undefined}
      aria-describedby={describedBy(id, invalid)}
      autoComplete="off"
      spellCheck={false}
      placeholder={
        typesOf(rule).includes('array') ? trans.__('one per line') : trans.__('NAME=VALUE')
      }
      value={shown}
      onChange={event => {
        setText(event.target.value);
        onChange(fromLines(event.target.value, rule));
      }}
    />
  );
}
