// What both players need: the misbehaving server as a process, the scenarios, and the installed package. The package and
// the browser come from tests/js/support, as for every other test of the package.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../..", import.meta.url));

export const { sentences, scenarios, construct } = JSON.parse(readFileSync(new URL("scenarios.json", import.meta.url), "utf8"));

/** Starts the server: `CONFORMANCE_SERVER` is the built example, else cargo builds it. Ends with its standard input. */
export const startServer = async () => {
  const built = process.env.CONFORMANCE_SERVER;
  const [program, args] = built ? [built, []] : ["cargo", ["run", "--quiet", "--example", "conformance-server"]];
  const server = spawn(program, args, { cwd: repository, stdio: ["pipe", "pipe", "pipe"] });
  let complaints = "";
  server.stderr.on("data", (text) => (complaints += text));
  const ended = new Promise((done) => server.once("close", done));
  const lines = createInterface({ input: server.stdout });
  const line = await new Promise((done, failed) => {
    lines.once("line", done);
    server.once("error", failed);
    ended.then(() => failed(new Error(`the server did not start: ${complaints}`)));
  });
  return {
    ...JSON.parse(line),
    /** Ends it, and answers with what was scripted and never asked for. */
    async stop() {
      server.stdin.end();
      await ended;
      return complaints;
    },
  };
};
