// What a browser gets for `playerlink/server`. Importing works, so that a file shared by server and page does not break
// the page; only the call fails, with a sentence.
import { fail } from "./error.js";

export { isPlayerLinkError } from "./error.js";

const refuse = async (): Promise<never> => {
  throw fail({
    kind: "configuration",
    message: "playerlink/server works in Node only: a page must never hold a server secret, so ask your own server instead",
  });
};

export const createXsollaServer = refuse;
export const createPlayFabServer = refuse;
