// The emulator as a process. `EMULATOR` is the built program, else cargo builds it. Ends with its standard input.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../../..", import.meta.url));

export const startEmulator = async () => {
  const built = process.env.EMULATOR;
  const [program, args] = built ? [built, []] : ["cargo", ["run", "--quiet", "-p", "emulator", "--"]];
  const child = spawn(program, [...args, "--exit-with-stdin"], { cwd: repository, stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout });
  const url = await new Promise((done, failed) => {
    lines.once("line", (line) => done(/http:\S+/.exec(line)[0]));
    child.once("error", failed);
    child.once("exit", () => failed(new Error("the emulator did not start")));
  });
  const pull = async (method, path, body) => {
    const response = await fetch(`${url}/__emulator${path}`, {
      method,
      headers: { "content-type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
    });
    return response.status === 204 ? undefined : response.json();
  };
  return {
    url,
    /** A lever, by method and path under `/__emulator`. */
    pull,
    /** How many logins and refreshes it was asked for. */
    async logins() {
      const log = await pull("GET", "/log");
      return log.filter(({ method, path }) => method === "POST" && path === "/users/v1/login").length;
    },
    stop: () => child.stdin.end(),
  };
};
