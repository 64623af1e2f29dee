import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { t } from '../i18n/index.ts';

/** A page whose code is fetched when it is first shown. */
export function lazy<Props extends object>(load: () => Promise<{ default: ComponentType<Props> }>): ComponentType<Props> {
  let loaded: ComponentType<Props> | undefined;
  return function Lazy(props: Props) {
    const [, arrived] = useState(0);
    useEffect(() => {
      if (loaded) return;
      void load().then((module) => {
        loaded = module.default;
        arrived(1);
      });
    }, []);
    const Loaded = loaded;
    return Loaded ? <Loaded {...props} /> : <p role="status">{t().loading}</p>;
  };
}
