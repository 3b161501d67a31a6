import { createRallyHereClient } from "playerlink";
import { createServices, rallyhereOptions } from "../services.mjs";

const inPage = async () => {
  const rallyhere = await createRallyHereClient(rallyhereOptions(createServices()));
  return (await rallyhere.login({ grant: "steam", ticket: "14000000ab" })).player?.displayName;
};
// Workers are where other ways of shipping wasm break.
const inWorker = () =>
  new Promise((done, failed) => {
    const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }) => done(data);
    worker.onerror = ({ message }) => failed(new Error(message));
  });

Promise.all([inPage(), inWorker()]).then(([page, worker]) => {
  globalThis.result = { page, worker };
});
