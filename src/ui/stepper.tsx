import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

interface IStepperProps {
  label: string;
  value: string;
  trans: TranslationBundle;
  placeholder?: string;
  /** The id of the sentence that says what is wrong with it. */
  describedBy?: string;
  invalid?: boolean;
  autoFocus?: boolean;
  onChange(value: string): void;
}

/**
 * A whole number with a step down and a step up.
 *
 * A text field on purpose: a number field gives an empty string for whatever it does not like, so
 * that one could not say what is wrong with it.
 */
export function Stepper(props: IStepperProps): JSX.Element {
  const { label, value, trans, placeholder, describedBy, invalid, autoFocus, onChange } = props;
  const number = /^\d{1,9}$/.test(value.trim()) ? Number(value) : null;
  const step = (by: number): void => onChange(`${Math.max(0, (number ?? 0) + by)}`);
  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
      event.preventDefault();
      step(event.key === 'ArrowUp' ? 1 : -1);
    }
  };
  return (
    <span className="dasklab-Stepper" role="group" aria-label={label}>
      <button
        type="button"
        tabIndex={-1}
        aria-label={trans.__('One less')}
        disabled={!number}
        onClick={() => step(-1)}
      >
        −
      </button>
      <input
        className="jp-mod-styled"
        type="text"
        inputMode="numeric"
        aria-label={label}
        aria-invalid={invalid || undefined}
        aria-describedby={describedBy}
        autoComplete="off"
        autoFocus={autoFocus}
        placeholder={placeholder}
        value={value}
        onChange={event => onChange(event.target.value)}
        onFocus={event => event.target.select()}
        onKeyDown={onKeyDown}
      />
      <button type="button" tabIndex={-1} aria-label={trans.__('One more')} onClick={() => step(1)}>
        +
      </button>
    </span>
  );
}
