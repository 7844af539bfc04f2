import * as React from 'react';
import type { IScalingInput } from '../clusters/scaling';
import { Stepper } from '../ui/stepper';
import { usePanel } from './context';

interface IScalingFieldsProps {
  input: IScalingInput;
  /** What is wrong with the input, if anything. */
  error: string | null;
  canAdapt: boolean;
  autoFocus?: boolean;
  /** What stands in an empty field, where it may be left empty. */
  placeholder?: string;
  onChange(input: IScalingInput): void;
}

/** Fixed or adaptive, and the numbers that go with it. */
export function ScalingFields(props: IScalingFieldsProps): JSX.Element {
  const { input, error, canAdapt, autoFocus, placeholder, onChange } = props;
  const { trans } = usePanel();
  const id = React.useId();
  const errorId = `${id}-error`;
  const common = { trans, invalid: error !== null, describedBy: error ? errorId : undefined };
  const mode = (adaptive: boolean, label: string, help: string): JSX.Element => (
    <label title={help}>
      <input
        type="radio"
        name={`${id}-mode`}
        checked={input.adaptive === adaptive}
        onChange={() => onChange({ ...input, adaptive })}
      />
      <span>{label}</span>
    </label>
  );
  return (
    <fieldset className="dasklab-Scaling">
      <legend>{trans.__('Workers')}</legend>
      {canAdapt && (
        <div className="dasklab-Segments">
          {mode(false, trans.__('Fixed'), trans.__('A number of workers'))}
          {mode(true, trans.__('Adaptive'), trans.__('As many as the work needs, within a range'))}
        </div>
      )}
      {input.adaptive ? (
        <div className="dasklab-Scaling-range">
          <Stepper
            {...common}
            label={trans.__('Least number of workers')}
            value={input.minimum}
            autoFocus={autoFocus}
            onChange={minimum => onChange({ ...input, minimum })}
          />
          <span>{trans.__('to')}</span>
          <Stepper
            {...common}
            label={trans.__('Greatest number of workers')}
            value={input.maximum}
            onChange={maximum => onChange({ ...input, maximum })}
          />
        </div>
      ) : (
        <Stepper
          {...common}
          label={trans.__('Number of workers')}
          placeholder={placeholder}
          value={input.wanted}
          autoFocus={autoFocus}
          onChange={wanted => onChange({ ...input, wanted })}
        />
      )}
      {error !== null && (
        <p id={errorId} className="dasklab-FieldError" role="alert">
          {error}
        </p>
      )}
    </fieldset>
  );
}
