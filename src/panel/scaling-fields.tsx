import * as React from 'react';
import type { GroupsInput, IScalingInput } from '../clusters/scaling';
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
  /** What is typed for worker groups, where there are any. */
  groups?: GroupsInput;
  /** The group that the error is about; null for the other workers. */
  wrongGroup?: string | null;
  onChange(input: IScalingInput): void;
  onGroups?(groups: GroupsInput): void;
}

/** Fixed or adaptive, and the numbers that go with it. */
export function ScalingFields(props: IScalingFieldsProps): JSX.Element {
  const { input, error, canAdapt, autoFocus, placeholder, onChange } = props;
  const { groups = {}, wrongGroup = null, onGroups } = props;
  const { trans } = usePanel();
  const id = React.useId();
  const errorId = `${id}-error`;
  const checked = (group: string | null): { invalid: boolean; describedBy?: string } =>
    error !== null && group === wrongGroup
      ? { invalid: true, describedBy: errorId }
      : { invalid: false };
  const common = { trans, ...checked(null) };
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
      {Object.entries(groups).map(([group, number]) => (
        <div key={group} className="dasklab-Scaling-group">
          <span title={group}>{group}</span>
          <Stepper
            {...checked(group)}
            trans={trans}
            label={trans.__('Number of workers of the group %1', group)}
            value={number}
            onChange={typed => onGroups?.({ ...groups, [group]: typed })}
          />
        </div>
      ))}
      {error !== null && (
        <p id={errorId} className="dasklab-FieldError" role="alert">
          {error}
        </p>
      )}
    </fieldset>
  );
}
