// A bounded number of places for what stays open: streams, and polls that wait. Who has all of his own loses the oldest, which
// most likely nobody reads any more; when all are taken there is none for anybody.

export interface Places {
  /** `end` is called if the place is taken away, or on `clear`. Returns what gives it back; undefined: all are taken. */
  take(holder: string, end: () => void): (() => void) | undefined;
  readonly taken: number;
  /** Takes all of them away. */
  clear(): void;
}

export function createPlaces({ perHolder, inAll }: { readonly perHolder: number; readonly inAll: number }): Places {
  const places = new Map<symbol, { readonly holder: string; readonly end: () => void }>();
  const takeAway = (place: symbol): void => {
    const found = places.get(place);
    places.delete(place);
    found?.end();
  };
  return {
    take(holder, end) {
      const own = [...places].filter(([, one]) => one.holder === holder);
      const [oldest] = own;
      if (oldest !== undefined && own.length >= perHolder) takeAway(oldest[0]);
      if (places.size >= inAll) return undefined;
      const place = Symbol(holder);
      places.set(place, { holder, end });
      return () => void places.delete(place);
    },
    get taken() {
      return places.size;
    },
    clear() {
      for (const place of [...places.keys()]) takeAway(place);
    },
  };
}
