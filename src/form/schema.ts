/**
 * From a deployment's JSON Schema to what JupyterLab's form takes.
 *
 * Beyond JSON Schema two keywords are known: `x-group`, the title under which an option stands, and
 * `x-unit`, what a number counts. Options without a group come first and are always in sight.
 */
import { isFields } from '../api/read';

export type Schema = Readonly<Record<string, unknown>>;

/** The options under one title; the empty title is of those that are always in sight. */
export interface IGroup {
  readonly title: string;
  readonly names: ReadonlyArray<string>;
}

export interface IFormSchema {
  /** What validates and what fields are made of. */
  readonly schema: Schema;
  /** How fields look, as react-jsonschema-form wants it. */
  readonly uiSchema: Record<string, Schema>;
  readonly groups: ReadonlyArray<IGroup>;
}

/** The rules of single options. */
export function rulesOf(schema: Schema): Readonly<Record<string, Schema>> {
  const properties = isFields(schema.properties) ? schema.properties : {};
  return Object.fromEntries(
    Object.entries(properties).map(([name, rule]) => [name, isFields(rule) ? rule : {}])
  );
}

/**
 * @param schema - As the deployment gives it.
 * @param locked - Names of options that cannot be changed.
 */
export function prepare(schema: Schema, locked: ReadonlySet<string>): IFormSchema {
  const properties: Record<string, Schema> = {};
  const uiSchema: Record<string, Schema> = {};
  const groups = new Map<string, string[]>([['', []]]);
  for (const [name, rule] of Object.entries(rulesOf(schema))) {
    const plain = normalise(rule);
    properties[name] = plain;
    uiSchema[name] = {
      ...(isLines(plain) ? { 'ui:field': 'lines' } : {}),
      ...(isChecklist(plain) ? { 'ui:widget': 'checkboxes' } : {}),
      ...(locked.has(name) ? { 'ui:disabled': true } : {})
    };
    const title = typeof rule['x-group'] === 'string' ? rule['x-group'] : '';
    groups.set(title, [...(groups.get(title) ?? []), name]);
  }
  return {
    schema: { ...schema, title: '', description: '', properties },
    uiSchema,
    groups: [...groups].map(([title, names]) => ({ title, names }))
  };
}

/** The same rule in the one way of saying it that the form shows well. */
function normalise(rule: Schema): Schema {
  const choices = alternatives(rule);
  if (rule.type === undefined && choices.length > 0) {
    const constants = choices.map(choice => choice.const);
    if (constants.every(value => value !== undefined)) {
      return { ...rule, type: [...new Set(constants.map(typeOf))] };
    }
    // Something or nothing, as some generators of schemas write it.
    const some = choices.filter(choice => choice.type !== 'null');
    if (some.length === 1 && choices.length === 2 && typeof some[0].type === 'string') {
      const rest = { ...rule, anyOf: undefined, oneOf: undefined };
      return clean({ ...some[0], ...rest, type: [some[0].type, 'null'] });
    }
  }
  return rule;
}

/** Without what is undefined, which is no JSON. */
function clean(rule: Schema): Schema {
  return Object.fromEntries(Object.entries(rule).filter(([, value]) => value !== undefined));
}

export function alternatives(rule: Schema): Schema[] {
  const found = rule.oneOf ?? rule.anyOf;
  return Array.isArray(found) ? found.filter(isFields) : [];
}

function typeOf(value: unknown): string {
  return value === null ? 'null' : typeof value;
}

/** The types that a rule allows. */
export function typesOf(rule: Schema): string[] {
  const types = Array.isArray(rule.type) ? rule.type : [rule.type];
  return types.filter(type => typeof type === 'string');
}

function isPlain(rule: unknown): rule is Schema {
  const types = isFields(rule) ? typesOf(rule) : [];
  return types.length > 0 && types.every(type => ['string', 'number', 'integer'].includes(type));
}

/** Whether a list or a mapping is written best as lines of text: `value` or `NAME=value`. */
export function isLines(rule: Schema): boolean {
  const types = typesOf(rule);
  return types.includes('array')
    ? isPlain(rule.items) && rule.items.enum === undefined
    : types.includes('object') &&
        rule.properties === undefined &&
        isPlain(rule.additionalProperties);
}

/** Whether a list has a few known values, of which any may be ticked. */
function isChecklist(rule: Schema): boolean {
  return typesOf(rule).includes('array') && isFields(rule.items) && Array.isArray(rule.items.enum);
}
