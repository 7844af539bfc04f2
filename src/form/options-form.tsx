/**
 * The options of a deployment: the one component that shows them, with JupyterLab's own form.
 *
 * Loaded when a form opens, not before: it brings a JSON Schema validator.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { FormComponent, type IFormComponentProps } from '@jupyterlab/ui-components';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import type { ErrorSchema } from '@rjsf/utils';
import * as React from 'react';
import type { IDeployment, Options } from '../api/contract';
import type { IFormContext } from './context';
import type { IOptionError } from './errors';
import { LinesField } from './lines-field';
import { prepare } from './schema';
import { ListTemplate, ObjectTemplate, OptionTemplate } from './templates';
import { translateSchema } from './translate';
import { findErrors } from './validate';
import { validator } from './validator';
import { widgets } from './widgets';

interface IOptionsFormProps {
  deployment: IDeployment;
  options: Options;
  trans: TranslationBundle;
  /** What the server said of the options as they are now. */
  refused: ReadonlyArray<IOptionError>;
  /** Whether options that must be given and are not are told as errors. */
  strict: boolean;
  onChange(options: Options): void;
  /** Told how many mistakes there are, those that `strict` would show included. */
  onChecked(wrong: number): void;
}

type FormProps = IFormComponentProps<ReadonlyJSONObject>;

const NO_DEFAULTS = { emptyObjectFields: 'skipDefaults', constAsDefaults: 'never' } as const;

export default function OptionsForm(props: IOptionsFormProps): JSX.Element {
  const { deployment, options, trans, refused, strict, onChange, onChecked } = props;
  const { schema, locked } = deployment;
  const fixed = React.useMemo(() => new Set(Object.keys(locked)), [locked]);
  const form = React.useMemo(
    () => prepare(translateSchema(schema, trans), fixed),
    [schema, fixed, trans]
  );
  const value = React.useMemo(() => ({ ...options, ...locked }), [options, locked]);
  const found = React.useMemo(
    () => findErrors(form.schema, value, trans),
    [form.schema, value, trans]
  );
  React.useEffect(() => onChecked(found.length), [found, onChecked]);

  const errors = [...found.filter(error => strict || !error.missing), ...refused];
  const context: IFormContext = {
    trans,
    groups: form.groups,
    errors,
    locked: fixed,
    given: new Set(Object.keys(options))
  };
  // Its types are those of react-jsonschema-form, which know nothing of immutable data.
  const parts = {
    validator,
    widgets,
    fields: { lines: LinesField },
    templates: {
      FieldTemplate: OptionTemplate,
      ObjectFieldTemplate: ObjectTemplate,
      ArrayFieldTemplate: ListTemplate
    }
  } as unknown as Pick<FormProps, 'validator' | 'widgets' | 'fields' | 'templates'>;
  return (
    <FormComponent
      {...parts}
      tagName="div"
      className="dasklab-Options"
      // Names of options have underscores of their own.
      idSeparator="/"
      schema={form.schema}
      uiSchema={form.uiSchema}
      formData={value as ReadonlyJSONObject}
      formContext={context}
      // What is wrong is found above, for the fields and for the button alike.
      noValidate
      showErrorList={false}
      extraErrors={errorSchema(errors) as FormProps['extraErrors']}
      experimental_defaultFormStateBehavior={NO_DEFAULTS}
      onChange={event => {
        const next = given(event.formData ?? {}, fixed);
        // It also tells of what it has only put in order itself.
        if (JSON.stringify(next) !== JSON.stringify(options)) {
          onChange(next);
        }
      }}
    />
  );
}

/** The errors of options as react-jsonschema-form hands them to fields. */
function errorSchema(errors: ReadonlyArray<IOptionError>): ErrorSchema {
  const found: Record<string, { __errors: string[] }> = {};
  for (const { option, message } of errors) {
    (found[option] ??= { __errors: [] }).__errors.push(message);
  }
  return found as ErrorSchema;
}

/** The options that have a value and are the user's to choose. */
function given(formData: Options, fixed: ReadonlySet<string>): Options {
  return Object.fromEntries(
    Object.entries(formData).filter(([name, item]) => item !== undefined && !fixed.has(name))
  );
}
