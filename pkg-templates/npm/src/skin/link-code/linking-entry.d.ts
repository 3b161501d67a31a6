// The package's own entry, as the bundles import it (`./linking.js`; see bundle.mjs).
declare module "#linking" {
  export const loadLinking: typeof import("../../api/linking.js").loadLinking;
}
