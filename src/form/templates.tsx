/** How options are laid out: labels above their fields, groups that fold. */
import { caretDownIcon, caretRightIcon } from '@jupyterlab/ui-components';
import type {
  ArrayFieldTemplateProps,
  FieldTemplateProps,
  ObjectFieldTemplateProps
} from '@rjsf/utils';
import * as React from 'react';
import { lockIcon } from '../ui/icons';
import { contextOf } from './context';
import type { IOptionError } from './errors';
import { typesOf, type IGroup } from './schema';

/** One option: its label, its control, its help, and all that is wrong with it. */
export function OptionTemplate(props: FieldTemplateProps): JSX.Element {
  const { id, label, children, required, hidden, disabled, formContext, formData } = props;
  const { rawDescription, onChange } = props;
  const { trans, errors, locked } = contextOf(formContext);
  const rule = { ...props.schema };
  const types = typesOf(rule);
  const [, option = '', ...inner] = id.split('/');
  if (id === 'root') {
    return <>{children}</>;
  }
  const top = inner.length === 0;
  const own = top ? errors.filter(error => error.option === option) : [];
  const messages = top ? own.map(said) : [];
  const isLocked = top && locked.has(option);
  const isGroup = types.includes('object') && props.uiSchema?.['ui:field'] !== 'lines';
  // A box to tick has its words beside it.
  const beside = types.includes('boolean');
  const lock = isLocked && (
    <span
      className="dasklab-Option-lock"
      title={trans.__('An administrator has fixed this option.')}
    >
      <lockIcon.react tag="span" className="dasklab-Icon" />
      {trans.__('fixed')}
    </span>
  );
  return (
    <div className="dasklab-Option" hidden={hidden} data-option={option}>
      {!beside && (!isGroup || isLocked) && (
        <span className="dasklab-Option-label">
          {!isGroup && (
            <label htmlFor={id}>
              {label}
              {required && (
                <span className="dasklab-Option-required" title={trans.__('Must be given')}>
                  {' *'}
                </span>
              )}
            </label>
          )}
          {lock}
        </span>
      )}
      {beside ? (
        <span className="dasklab-Option-label">
          {children}
          {lock}
        </span>
      ) : (
        children
      )}
      {types.includes('null') && !disabled && (
        <label className="dasklab-Option-check">
          <input
            type="checkbox"
            checked={formData === null}
            onChange={event => onChange(event.target.checked ? null : undefined)}
          />
          <span>{trans.__('None')}</span>
        </label>
      )}
      <p id={`${id}__help`} className="dasklab-Option-help">
        {isGroup ? '' : rawDescription}
        {isLocked && ` ${trans.__('An administrator has fixed this option.')}`}
      </p>
      {messages.length > 0 && (
        <ul id={`${id}__error`} className="dasklab-FieldError" aria-live="polite">
          {messages.map(message => (
            <li key={message}>{message}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

function said({ inside, message }: IOptionError): string {
  return inside === '' ? message : `${inside}: ${message}`;
}

/** All options in their groups; within an option that is an object, its fields. */
export function ObjectTemplate(props: ObjectFieldTemplateProps): JSX.Element {
  const { properties, idSchema, title, formContext } = props;
  const { groups } = contextOf(formContext);
  if (idSchema.$id !== 'root') {
    return (
      <fieldset className="dasklab-Option-object">
        <legend>{title}</legend>
        {properties.map(property => property.content)}
      </fieldset>
    );
  }
  return (
    <>
      {groups.map(group => (
        <Group key={group.title} group={group} formContext={formContext}>
          {properties
            .filter(property => group.names.includes(property.name))
            .map(property => property.content)}
        </Group>
      ))}
    </>
  );
}

interface IGroupProps {
  group: IGroup;
  formContext: unknown;
  children: React.ReactNode[];
}

function Group(props: IGroupProps): JSX.Element | null {
  const { group, formContext, children } = props;
  const { trans, errors, given } = contextOf(formContext);
  const [open, setOpen] = React.useState(false);
  const id = React.useId();
  const wrong = errors.filter(error => group.names.includes(error.option)).length;
  const set = group.names.filter(name => given.has(name)).length;
  // A mistake must not hide behind a title, and once mended it stays in sight.
  const shown = open || wrong > 0;
  React.useEffect(() => {
    if (wrong > 0) {
      setOpen(true);
    }
  }, [wrong]);
  if (group.title === '') {
    return children.length > 0 ? <div className="dasklab-OptionGroup-body">{children}</div> : null;
  }
  const Caret = shown ? caretDownIcon : caretRightIcon;
  return (
    <section className="dasklab-OptionGroup">
      <button type="button" aria-expanded={shown} aria-controls={id} onClick={() => setOpen(!open)}>
        <Caret.react tag="span" className="dasklab-Icon" />
        <span className="dasklab-OptionGroup-title">{group.title}</span>
        {set > 0 && <span className="dasklab-OptionGroup-set">{trans.__('%1 set', set)}</span>}
      </button>
      <div id={id} className="dasklab-OptionGroup-body" hidden={!shown}>
        {children}
      </div>
    </section>
  );
}

/** A list of things that are more than a line of text each. */
export function ListTemplate(props: ArrayFieldTemplateProps): JSX.Element {
  const { items, canAdd, onAddClick, disabled, formContext, title } = props;
  const { trans } = contextOf(formContext);
  return (
    <div className="dasklab-Option-list" role="group" aria-label={title}>
      {items.map(item => (
        <div key={item.key} className="dasklab-Option-item">
          {item.children}
          {item.hasRemove && (
            <button
              type="button"
              className="dasklab-TextButton"
              disabled={disabled}
              onClick={item.onDropIndexClick(item.index)}
            >
              {trans.__('Remove %1', item.index + 1)}
            </button>
          )}
        </div>
      ))}
      {canAdd && (
        <button
          type="button"
          className="dasklab-TextButton"
          disabled={disabled}
          onClick={onAddClick}
        >
          {trans.__('Add')}
        </button>
      )}
    </div>
  );
}
