import * as React from 'react';

/** Scroll an element into sight when it comes, and when what it says grows. */
export function useInSight<T extends HTMLElement>(...says: unknown[]): React.RefObject<T> {
  const element = React.useRef<T>(null);
  const said = JSON.stringify(says);
  React.useEffect(() => {
    element.current?.scrollIntoView({ block: 'nearest' });
  }, [said]);
  return element;
}
