import type { TranslationBundle } from '@jupyterlab/translation';
import { MenuSvg } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { ClusterApi } from '../api/client';
import type { IProfile } from '../api/contract';
import { choiceOf } from '../clusters/settings';
import { choiceText } from '../ui/words';
import { CommandIDs } from './ids';

/**
 * Open the menu beside “New”: the defaults, the profiles as they are now, from whichever file, and
 * the form.
 */
export async function openNewMenu(
  button: HTMLElement,
  commands: CommandRegistry,
  api: ClusterApi,
  trans: TranslationBundle
): Promise<void> {
  // Without an answer the rest of the menu is there all the same: the form says what is wrong.
  const profiles = await api.profiles().then(
    answer => answer.profiles,
    () => []
  );
  if (!button.isConnected) {
    return;
  }
  const menu = new MenuSvg({ commands });
  const command = CommandIDs.startCluster;
  menu.addClass('dasklab-NewMenu');
  menu.addItem({ command, args: { fresh: true } });
  for (const profile of profiles) {
    const caption = profile.problem?.message || describe(profile);
    menu.addItem({ command, args: { profile: profile.name, caption } });
  }
  menu.addItem({ type: 'separator' });
  menu.addItem({ command: CommandIDs.newCluster, args: { menu: true } });
  // What was picked runs after the menu has closed.
  menu.aboutToClose.connect(() => requestAnimationFrame(() => menu.dispose()));
  const box = button.getBoundingClientRect();
  menu.open(box.left, box.bottom);

  function describe(profile: IProfile): string {
    return choiceText({ ...choiceOf(profile), profile: null }, trans);
  }
}
