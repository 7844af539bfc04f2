/** Elements without a framework. Text gets in as text only: names and keys are hostile. */

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  parent: HTMLElement | null = null,
  text: string = ''
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  if (className !== '') {
    node.className = className;
  }
  if (text !== '') {
    node.textContent = text;
  }
  parent?.append(node);
  return node;
}

/** A button; without a title its label says what it does. */
export function button(
  parent: HTMLElement,
  label: string,
  title: string,
  click: () => void
): HTMLButtonElement {
  const node = element('button', 'dasklab-Plot-button', parent, label);
  node.type = 'button';
  node.title = title;
  if (title !== '') {
    node.setAttribute('aria-label', title);
  }
  node.addEventListener('click', click);
  return node;
}

/** Set a text where it differs, so that nothing is laid out anew for nothing. */
export function setText(node: HTMLElement, text: string): void {
  if (node.textContent !== text) {
    node.textContent = text;
  }
}

/** Fill a list of labels and what they are. */
export function define(
  list: HTMLElement,
  pairs: ReadonlyArray<readonly [label: string, value: string]>
): void {
  list.replaceChildren(
    ...pairs.map(([label, value]) => {
      const pair = element('div', '');
      element('dt', '', pair, label);
      element('dd', '', pair, value);
      return pair;
    })
  );
}
