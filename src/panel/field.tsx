import * as React from 'react';

interface IFieldProps {
  id: string;
  label: string;
  children: React.ReactNode;
}

/** A label above its control. */
export function Field(props: IFieldProps): JSX.Element {
  return (
    <div className="dasklab-Field">
      <label htmlFor={props.id}>{props.label}</label>
      {props.children}
    </div>
  );
}
