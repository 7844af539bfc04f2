import * as React from 'react';
import type { IDeployment, IEnvironment } from '../api/contract';
import { toApiError, type ApiError } from '../api/errors';
import { usePanel } from './context';

interface IChoices {
  readonly deployments: ReadonlyArray<IDeployment>;
  readonly environments: ReadonlyArray<IEnvironment>;
  /** Why a list is missing; the defaults can be launched all the same. */
  readonly failure: ApiError | null;
}

const NONE: IChoices = { deployments: [], environments: [], failure: null };

/** What a new cluster can be made of, asked each time the form opens: kernels come and go. */
export function useChoices(): IChoices {
  const { clusters } = usePanel();
  const [choices, setChoices] = React.useState(NONE);
  React.useEffect(() => {
    let wanted = true;
    const take = (part: Partial<IChoices>): void => {
      if (wanted) {
        setChoices(known => ({ ...known, ...part }));
      }
    };
    const fail = (error: unknown): void => take({ failure: toApiError(error) });
    clusters.api.environments().then(environments => take({ environments }), fail);
    clusters.api.deployments(null).then(deployments => take({ deployments }), fail);
    return () => {
      wanted = false;
    };
  }, [clusters]);
  return choices;
}
