// The address a player came back to from a web sign-in, and what must not stay of it in the address bar.
import { attempt } from "./attempt.js";
import { isObject } from "./error.js";

// What the services append. The rest of the query is the page's own.
const APPENDED = /^(code|state|token|error|error_code|error_code_v2|error_description)(=|$)/;

const isAppended = (pair: string): boolean => APPENDED.test(pair);

/** The way back of one client. */
export class WayBack {
  /** What the address bar showed before it was cleaned: a page may well look for its code a second time. */
  #known: string | undefined;

  /** The arguments with the address as a text. In a page, its own address is the one unless another is given. */
  of(given: unknown): object | undefined {
    // Anything but an object is left to the core, which says what is wrong with it.
    if (!isObject(given) || "code" in given) {
      this.#known = undefined;
      return given as object | undefined;
    }
    const { url } = given as { url?: unknown };
    const told = isObject(url) && "href" in url ? url.href : url;
    const page = (globalThis.location as Location | undefined)?.href;
    const address = told === undefined ? page : String(told);
    if (page === undefined || address === undefined || !isSame(address, page)) return { ...given, url: address };
    if (clean(page)) this.#known = page;
    return { ...given, url: this.#known ?? (told === undefined ? undefined : address) };
  }
}

const isSame = (address: string, page: string): boolean => attempt(() => new URL(address, page).href) === page;

// At once, before any await: neither the history nor the Referer of what the page loads next may hold a code.
const clean = (page: string): boolean => {
  const url = new URL(page);
  const pairs = url.search.slice(1).split("&");
  if (!pairs.some(isAppended)) return false;
  url.search = pairs.filter((pair) => !isAppended(pair)).join("&");
  // It throws in a sandboxed page, or when it is called often in a short time: signing in matters more.
  attempt(() => history.replaceState(history.state, "", url));
  return true;
};
