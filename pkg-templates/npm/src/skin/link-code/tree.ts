// Elements without markup as text: clean under Trusted Types and any Content-Security-Policy.

type Attributes = Readonly<Record<string, string>>;

const attach = <E extends Element>(element: E, attributes: Attributes, children: (Node | string)[]): E => {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
};

export const make = <K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Attributes = {}, ...children: (Node | string)[]): HTMLElementTagNameMap[K] =>
  attach(document.createElement(tag), attributes, children);

export const draw = <K extends keyof SVGElementTagNameMap>(tag: K, attributes: Attributes = {}, ...children: (Node | string)[]): SVGElementTagNameMap[K] =>
  attach(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

/** Touches the document only when something changes: what does not change is not read out again. */
export const setText = (element: Element, text: string): void => {
  if (element.textContent !== text) element.textContent = text;
};

/** Text, or nothing at all. */
export const setLine = (element: HTMLElement, text: string): void => {
  setText(element, text);
  element.hidden = !text;
};

export const setLines = (element: HTMLElement, lines: readonly string[]): void => {
  if ([...element.children].map((line) => line.textContent).join("\n") !== lines.join("\n")) {
    element.replaceChildren(...lines.map((line) => make("div", {}, line)));
  }
  element.hidden = !lines.length;
};

const sheets = new Map<string, CSSStyleSheet>();

/** The shadow tree of an element, empty: an earlier one (of a server, or of an earlier life) is taken over. */
export const openShadow = (host: HTMLElement, css: string, delegatesFocus = false): ShadowRoot => {
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open", delegatesFocus });
  let sheet = sheets.get(css);
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    sheets.set(css, sheet);
  }
  root.adoptedStyleSheets = [sheet];
  root.replaceChildren();
  return root;
};

/** The language of the text around: the closest `lang`, out of shadow trees too. */
export const languageAround = (host: Element): string => {
  for (let node: Element | null = host; node; ) {
    const found: Element | null = node.closest("[lang]");
    if (found) return found.getAttribute("lang") || "en";
    const root = node.getRootNode();
    node = root instanceof ShadowRoot ? root.host : null;
  }
  return "en";
};

/** Custom states, where the browser has them. */
export const setState = (internals: ElementInternals, name: string, on: boolean): void => {
  try {
    if (on) internals.states.add(name);
    else internals.states.delete(name);
  } catch {
    // Engines of before 2024 want dashes or have none: then only the attribute tells.
  }
};

/** What was set on the element before its class was there goes through the setters. */
export const upgrade = <E extends HTMLElement>(host: E, names: (keyof E)[]): void => {
  for (const name of names) {
    if (!Object.hasOwn(host, name)) continue;
    const own = host[name];
    delete (host as Partial<E>)[name];
    host[name] = own;
  }
};

/** Runs after a move inside of the document, and only if it was none: a removal. */
export const onceRemoved = (host: HTMLElement, removed: () => void): void => {
  queueMicrotask(() => {
    if (!host.isConnected) removed();
  });
};

// On a server there are no elements: the module must be importable all the same.
export const ElementBase: typeof HTMLElement = globalThis.HTMLElement ?? (class {} as typeof HTMLElement);

/** Unless the name is taken, and not on a server. */
export const define = (name: string, element: CustomElementConstructor, registry = globalThis.customElements): void => {
  if (registry && !registry.get(name)) registry.define(name, element);
};
