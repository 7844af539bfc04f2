import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IPreferences } from '../tokens';
import { Preferences } from '../ui/preferences';

/** The plugin that the settings are named after: its schema is `panel.json`. */
const SETTINGS = 'dasklab:panel';

/** The user's settings; the defaults where no registry keeps any. */
export const preferences: JupyterFrontEndPlugin<IPreferences> = {
  id: 'dasklab:preferences',
  description: 'Knows what the user has set for Dask clusters.',
  autoStart: true,
  optional: [ISettingRegistry],
  provides: IPreferences,
  activate: (app: JupyterFrontEnd, registry: ISettingRegistry | null): IPreferences => {
    const known = new Preferences();
    // Not waited for: what needs them follows their changes. Settings that cannot be loaded are
    // reported by the registry, and the defaults hold.
    void registry?.load(SETTINGS).then(
      settings => {
        const read = (): void => known.read(settings.composite);
        settings.changed.connect(read);
        read();
      },
      () => undefined
    );
    return known;
  }
};
