/** Has the views speak JupyterLab's language. */

import { setLanguage } from '../../widgets/src/translate';
import type { Lookup } from '../../widgets/src/translate';
import type { ITranslator } from '@jupyterlab/translation';
import type { ViewsBody } from './body';

/** The domain of our translations, as language packs name it. */
export const DOMAIN = 'chunkscope_lab';

declare global {
  interface Window {
    /** Has all views speak another language at once: for tests of translations; null goes back. */
    chunkscopeSpeak?: (lookup: Lookup | null) => void;
  }
}

/** Use JupyterLab's translations from now on: it loads a page anew for another language. */
export function speak(translator: ITranslator | null): void {
  setLanguage(lookupOf(translator));
}

/** Put `chunkscopeSpeak` on the page. */
export function exposeLanguage(translator: ITranslator | null, bodies: () => readonly ViewsBody[]): void {
  window.chunkscopeSpeak = lookup => {
    setLanguage(lookup ?? lookupOf(translator));
    bodies().forEach(body => body.renew());
  };
}

function lookupOf(translator: ITranslator | null): Lookup | null {
  const bundle = translator?.load(DOMAIN);
  // the texts' own places are {name}; the bundle's are %1, which none of them has
  return bundle
    ? (text, many, n) => (many === undefined ? bundle.gettext(text) : bundle.ngettext(text, many, n ?? 0)) : null;
}
