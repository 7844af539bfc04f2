import * as React from 'react';
import type { ICatalogue, IEnvironment, IProblem, IProfile } from '../api/contract';
import { toApiError, type ApiError } from '../api/errors';
import { usePanel } from './context';

interface IChoices {
  readonly environments: ReadonlyArray<IEnvironment>;
  /** Null until they are known. */
  readonly profiles: ReadonlyArray<IProfile> | null;
  /** Files of Dask's configuration that cannot be read. */
  readonly problems: ReadonlyArray<IProblem>;
  /** The kernelspec of the notebook in front; null without one that a cluster can run under. */
  readonly notebook: string | null;
  /** Why a list is missing; the defaults can be launched all the same. */
  readonly failure: ApiError | null;
}

const NONE: IChoices = {
  environments: [],
  profiles: null,
  problems: [],
  notebook: null,
  failure: null
};

/** What a new cluster can be made of, asked each time the form opens: kernels come and go. */
export function useChoices(): IChoices & { readProfiles(): Promise<void> } {
  const { clusters, starter } = usePanel();
  const [choices, setChoices] = React.useState(NONE);
  const wanted = React.useRef(true);
  const take = React.useCallback((part: Partial<IChoices>): void => {
    if (wanted.current) {
      setChoices(known => ({ ...known, ...part }));
    }
  }, []);
  const readProfiles = React.useCallback(async (): Promise<void> => {
    try {
      take(await clusters.api.profiles());
    } catch (error) {
      take({ failure: toApiError(error) });
    }
  }, [clusters, take]);
  React.useEffect(() => {
    wanted.current = true;
    const fail = (error: unknown): void => take({ failure: toApiError(error) });
    clusters.api.environments().then(environments => take({ environments }), fail);
    starter.environment().then(notebook => take({ notebook }), fail);
    void readProfiles();
    return () => {
      wanted.current = false;
    };
  }, [clusters, starter, take, readProfiles]);
  return { ...choices, readProfiles };
}

interface IDeployments extends ICatalogue {
  /** Why they could not be asked for. */
  readonly failure: ApiError | null;
}

/**
 * The ways to run Dask that an environment has. While another environment is asked, and if it
 * cannot answer, those of the one before stay in sight.
 */
export function useDeployments(environment: string | null): IDeployments {
  const { clusters } = usePanel();
  const [found, setFound] = React.useState<IDeployments>({
    deployments: [],
    mostWorkers: null,
    failure: null
  });
  React.useEffect(() => {
    let wanted = true;
    clusters.api.deployments(environment).then(
      catalogue => wanted && setFound({ ...catalogue, failure: null }),
      (error: unknown) => wanted && setFound(old => ({ ...old, failure: toApiError(error) }))
    );
    return () => {
      wanted = false;
    };
  }, [clusters, environment]);
  return found;
}
