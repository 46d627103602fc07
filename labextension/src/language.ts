/** Has the views speak JupyterLab's language. */

import { setLanguage } from '../../widgets/src/translate';
import type { ITranslator } from '@jupyterlab/translation';

/** The domain of our translations, as language packs name it. */
export const DOMAIN = 'chunkscope_lab';

/** Use JupyterLab's translations from now on. */
export function speak(translator: ITranslator | null): void {
  const bundle = translator?.load(DOMAIN);
  // the texts' own places are {name}; the bundle's are %1, which none of them has
  setLanguage(bundle ? (text, many, n) => (many === undefined ? bundle.gettext(text) : bundle.ngettext(text, many, n ?? 0)) : null);
}
