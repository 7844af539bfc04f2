/** The controls of single options. An empty one leaves the option to the deployment. */
import { HTMLSelect } from '@jupyterlab/ui-components';
import type { WidgetProps } from '@rjsf/utils';
import * as React from 'react';
import { contextOf, describedBy } from './context';
import { typesOf } from './schema';

function common(props: WidgetProps): React.AriaAttributes & { id: string; disabled?: boolean } {
  const { id, disabled, readonly, rawErrors = [], required } = props;
  const invalid = rawErrors.length > 0;
  return {
    id,
    disabled: disabled || readonly,
    'aria-invalid': invalid || undefined,
    'aria-required': required || undefined,
    'aria-describedby': describedBy(id, invalid)
  };
}

function asText(value: unknown): string {
  return value === undefined || value === null ? '' : String(value);
}

/**
 * Text and numbers. Numbers too are typed as text: a number field gives nothing at all for what it
 * does not like, so that one could not say what is wrong with it.
 */
function TextWidget(props: WidgetProps): JSX.Element {
  const { value, schema, onChange } = props;
  const unit: unknown = Reflect.get(schema, 'x-unit');
  const types = typesOf({ ...schema });
  const secret = schema.format === 'password' || schema.writeOnly === true;
  return (
    <span className="dasklab-Option-input">
      <input
        {...common(props)}
        className="jp-mod-styled"
        type={secret ? 'password' : 'text'}
        inputMode={
          types.includes('integer') ? 'numeric' : types.includes('number') ? 'decimal' : undefined
        }
        autoComplete="off"
        spellCheck={false}
        placeholder={asText(schema.default)}
        value={asText(value)}
        onChange={event => onChange(event.target.value === '' ? undefined : event.target.value)}
      />
      {typeof unit === 'string' && <span className="dasklab-Option-unit">{unit}</span>}
    </span>
  );
}

/** One of a few values. */
function SelectWidget(props: WidgetProps): JSX.Element {
  const { value, schema, options, onChange, formContext } = props;
  const { trans } = contextOf(formContext);
  const choices = options.enumOptions ?? [];
  const index = choices.findIndex(choice => choice.value === value);
  const usual = choices.find(choice => choice.value === schema.default);
  return (
    <HTMLSelect
      {...common(props)}
      value={index < 0 ? '' : `${index}`}
      onChange={event => {
        const picked = event.target.value;
        onChange(picked === '' ? undefined : choices[Number(picked)].value);
      }}
    >
      <option value="">
        {usual ? trans.__('Default (%1)', usual.label) : trans.__('Default')}
      </option>
      {choices.map((choice, number) => (
        <option key={number} value={`${number}`}>
          {choice.label}
        </option>
      ))}
    </HTMLSelect>
  );
}

/** Yes or no; ticked as by default until it is touched. */
function CheckboxWidget(props: WidgetProps): JSX.Element {
  const { value, schema, label, onChange } = props;
  return (
    <label className="dasklab-Option-check">
      <input
        {...common(props)}
        type="checkbox"
        checked={(value ?? schema.default) === true}
        onChange={event => onChange(event.target.checked)}
      />
      <span>{label}</span>
    </label>
  );
}

/** Any of a few values. */
function CheckboxesWidget(props: WidgetProps): JSX.Element {
  const { id, value, options, disabled, onChange, label } = props;
  const ticked: unknown[] = Array.isArray(value) ? value : [];
  const choices = options.enumOptions ?? [];
  return (
    <div id={id} role="group" aria-label={label}>
      {choices.map((choice, number) => (
        <label key={number} className="dasklab-Option-check">
          <input
            type="checkbox"
            disabled={disabled}
            checked={ticked.includes(choice.value)}
            onChange={event => {
              const on = choices
                .filter(each =>
                  each === choice ? event.target.checked : ticked.includes(each.value)
                )
                .map(each => each.value as unknown);
              onChange(on.length > 0 ? on : undefined);
            }}
          />
          <span>{choice.label}</span>
        </label>
      ))}
    </div>
  );
}

export const widgets = {
  TextWidget,
  TextareaWidget: TextWidget,
  PasswordWidget: TextWidget,
  EmailWidget: TextWidget,
  URLWidget: TextWidget,
  UpDownWidget: TextWidget,
  DateWidget: TextWidget,
  DateTimeWidget: TextWidget,
  TimeWidget: TextWidget,
  SelectWidget,
  CheckboxWidget,
  CheckboxesWidget
};
