import * as React from 'react';
import type { ICluster } from '../api/contract';
import { toApiError, type ApiError } from '../api/errors';
import { groupsFrom, inputFrom, readGrouped, sameScaling } from '../clusters/scaling';
import { Problem } from '../ui/problem';
import { usePanel } from './context';
import { ScalingFields } from './scaling-fields';

/** A number of workers or an adaptive range, applied by the button or Enter. */
export function ScaleForm(props: { cluster: ICluster; onClose(): void }): JSX.Element {
  const { cluster, onClose } = props;
  const { clusters, trans } = usePanel();
  const [input, setInput] = React.useState(() => inputFrom(cluster.workers));
  const [groups, setGroups] = React.useState(() => groupsFrom(cluster.workers));
  const [busy, setBusy] = React.useState(false);
  const [failure, setFailure] = React.useState<ApiError | null>(null);
  const result = readGrouped(input, groups, trans);
  const unchanged = result.ok && sameScaling(result.value, cluster.workers);

  const submit = async (event: React.FormEvent): Promise<void> => {
    event.preventDefault();
    if (!result.ok || busy) {
      return;
    }
    setBusy(true);
    setFailure(null);
    try {
      await clusters.scale(cluster.id, result.value);
      onClose();
    } catch (error) {
      setFailure(toApiError(error));
      setBusy(false);
    }
  };
  return (
    <form
      className="dasklab-Form"
      aria-label={trans.__('Scale “%1”', cluster.name)}
      noValidate
      onSubmit={event => void submit(event)}
    >
      <ScalingFields
        input={input}
        error={result.ok ? null : result.error}
        canAdapt={cluster.can.has('adapt')}
        autoFocus
        groups={groups}
        wrongGroup={result.ok ? null : result.group}
        onChange={setInput}
        onGroups={setGroups}
      />
      {failure && <Problem problem={failure} trans={trans} alert />}
      <div className="dasklab-Form-buttons">
        <button type="button" className="dasklab-TextButton" onClick={onClose}>
          {trans.__('Cancel')}
        </button>
        <button
          type="submit"
          className="dasklab-TextButton dasklab-mod-accept"
          disabled={!result.ok || unchanged || busy}
        >
          {trans.__('Apply')}
        </button>
      </div>
    </form>
  );
}
