import { createXsollaClient } from "playerlink";
import { createServices, xsollaOptions } from "../services.mjs";

const signIn = async () => {
  const xsolla = await createXsollaClient(xsollaOptions(createServices()));
  const session = await xsolla.login({ username: "nova", password: "secret" });
  return (await session.createLinkingCode()).code;
};
signIn().then(postMessage);
