import * as React from 'react';
import type { IPreview } from '../api/contract';
import { toApiError, type ApiError } from '../api/errors';
import type { IChoice } from '../clusters/settings';
import { Advice } from '../ui/advice';
import { Problem } from '../ui/problem';
import { usePanel } from './context';
import { useInSight } from './in-sight';

/** Milliseconds without a keystroke after which the server is asked again. */
const PAUSE = 300;

interface IPreviewProps {
  choice: IChoice;
  name: string;
}

/** Exactly what a launch with these settings would run, kept true while they are changed. */
export function Preview(props: IPreviewProps): JSX.Element {
  const { choice, name } = props;
  const { clusters, starter, trans } = usePanel();
  const [preview, setPreview] = React.useState<IPreview | null>(null);
  const [failure, setFailure] = React.useState<ApiError | null>(null);
  // Settings are compared by what they say: the form makes new objects at each keystroke.
  const element = useInSight<HTMLElement>(preview === null, failure?.message);
  const latest = React.useRef({ choice, name });
  latest.current = { choice, name };
  const key = JSON.stringify([choice, name]);
  const first = React.useRef(true);
  React.useEffect(() => {
    let wanted = true;
    const ask = async (): Promise<void> => {
      try {
        const { choice, name } = latest.current;
        const found = await clusters.api.preview(await starter.request(choice, name || null));
        if (wanted) {
          setPreview(found);
          setFailure(null);
        }
      } catch (error) {
        if (wanted) {
          setFailure(toApiError(error));
        }
      }
    };
    const timer = window.setTimeout(() => void ask(), first.current ? 0 : PAUSE);
    first.current = false;
    return () => {
      wanted = false;
      window.clearTimeout(timer);
    };
  }, [clusters, starter, key]);
  return (
    <section ref={element} className="dasklab-Preview" aria-label={trans.__('What would run')}>
      {failure ? (
        <Problem problem={failure} trans={trans} />
      ) : (
        <>
          <Advice advice={preview?.advice ?? []} label={trans.__('To mind')} trans={trans} />
          <pre tabIndex={0}>{preview?.text ?? trans.__('Asking what would run…')}</pre>
        </>
      )}
    </section>
  );
}
