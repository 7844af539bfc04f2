import type { LabIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { Icon } from './icon';

interface IIconButtonProps {
  icon: LabIcon;
  /** Says what it does: the accessible name and the tooltip. */
  label: string;
  /** The tooltip, where it says more than the label. */
  help?: string;
  /** Shown beside the icon where there is room for it. */
  text?: string;
  /** Why it cannot be used now: it stays in the tab order and says so. */
  unavailable?: string | null;
  /** Of a toggle: whether it is on. */
  pressed?: boolean;
  /** Of a button that opens something beneath: whether that is open. */
  expanded?: boolean;
  /** The id of what it opens. */
  controls?: string;
  /** A press of the pointer, which may become a drag. */
  onPress?(event: React.PointerEvent): void;
  onClick(): void;
}

/** A small button in the manner of JupyterLab's toolbars, light enough for a long list. */
export const IconButton = React.forwardRef<HTMLButtonElement, IIconButtonProps>(
  function IconButton(props, ref) {
    const { icon, label, help, text, unavailable, pressed, expanded, controls } = props;
    const off = Boolean(unavailable);
    return (
      <button
        ref={ref}
        type="button"
        className="dasklab-IconButton"
        aria-label={label}
        aria-disabled={off || undefined}
        aria-pressed={pressed}
        aria-expanded={expanded}
        aria-controls={expanded ? controls : undefined}
        title={unavailable || help || label}
        onPointerDown={off ? undefined : props.onPress}
        onClick={off ? undefined : props.onClick}
      >
        <Icon icon={icon} />
        {text && <span className="dasklab-IconButton-text">{text}</span>}
      </button>
    );
  }
);
