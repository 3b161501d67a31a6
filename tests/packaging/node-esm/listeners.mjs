// Two listeners of one session, of which the first throws.
import { createRallyHereClient } from "playerlink";
import { createServices, rallyhereOptions } from "../services.mjs";

const thrown = [];
process.on("uncaughtException", (error) => thrown.push(error.message));

const rallyhere = await createRallyHereClient(rallyhereOptions(createServices()));
const session = await rallyhere.login({ grant: "steam", ticket: "14000000ab" });
const heard = [];
const stops = [
  session.subscribe(() => {
    throw new Error("listener");
  }),
  session.subscribe((snapshot) => heard.push(snapshot === session.getSnapshot() && snapshot.status)),
];
const turn = () => new Promise((done) => setImmediate(done));
await session.logout();
await turn();
const before = heard.length;
for (const stop of [...stops, ...stops]) stop();
await session.logout();
await turn();
console.log(JSON.stringify({ heard: heard.at(-1), thrown: thrown[0], afterStop: heard.length - before }));
