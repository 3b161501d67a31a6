// What another process does with the files: `node file-store.mjs <job> <folder>`. Jobs but the last wait to be told.
import { once } from "node:events";
import { createRallyHereClient } from "playerlink";
import { fileStore } from "playerlink/node-store";
import { createServices, rallyhereOptions } from "../services.mjs";

const [job, folder] = process.argv.slice(2);
const store = fileStore(folder);

const jobs = {
  async count() {
    for (let counted = 0; counted < 50; ) {
      const found = await store.load("count");
      if (await store.compareAndSwap("count", found, String(Number(found) + 1))) counted++;
    }
  },
  async write() {
    await store.lock("session", new AbortController().signal);
    for (let round = 0; ; round++) {
      const found = await store.load("letters");
      await store.compareAndSwap("letters", found, (round % 2 ? "a" : "b").repeat(20_000));
      if (round === 0) process.send("begun");
    }
  },
  async hold() {
    const release = await store.lock("session", new AbortController().signal);
    process.send("held");
    await once(process, "message");
    release();
  },
};

if (job === "restore") {
  const rallyhere = await createRallyHereClient({ ...rallyhereOptions(createServices()), store });
  const session = await rallyhere.restore();
  console.log(JSON.stringify({ player: session?.player.displayName, durability: session?.getSnapshot().durability }));
} else {
  process.send("ready");
  await once(process, "message");
  await jobs[job]();
  process.disconnect();
}
