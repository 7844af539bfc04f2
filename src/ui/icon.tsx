import type { LabIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

interface IIconProps {
  icon: LabIcon;
  className?: string;
}

/** An icon that stays as it is: JupyterLab's subscribes anew whenever what is around it renders. */
export const Icon = React.memo(function Icon(props: IIconProps): JSX.Element {
  const { icon, className = '' } = props;
  return <icon.react tag="span" className={`dasklab-Icon ${className}`} />;
});
