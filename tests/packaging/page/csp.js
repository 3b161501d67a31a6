import { createXsollaClient, isPlayerLinkError } from "/node_modules/playerlink/index.js";
import { createServices, xsollaOptions } from "/services.mjs";

const signIn = async () => {
  const xsolla = await createXsollaClient(xsollaOptions(createServices()));
  // With a signal: what listens to it must not need `eval` either.
  const { signal } = new AbortController();
  return (await xsolla.login({ username: "nova", password: "secret" }, { signal })).accessToken({ signal });
};
globalThis.result = await signIn().then(
  () => ["none"],
  (error) => (isPlayerLinkError(error) ? [error.kind, error.message] : ["foreign", String(error)]),
);
