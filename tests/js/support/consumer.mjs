// A project of a user: the tarball installed into a fresh folder, with the tiny consumers of tests/packaging next to it.
// The source is never imported: what these tests prove, they prove for what is published.
import { execFile, execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const repository = fileURLToPath(new URL("../../../", import.meta.url));

const install = () => {
  const tarball = process.env.PLAYERLINK_TARBALL;
  if (!tarball) throw new Error("PLAYERLINK_TARBALL is not set: run `cargo xtask test js`");
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "playerlink-consumer-")));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "consumer", private: true }));
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  // Offline: the package has no dependencies, and this is where we would notice one.
  execFileSync(npm, ["install", "--offline", "--no-audit", "--no-fund", "--silent", resolve(tarball)], { cwd: folder });
  cpSync(join(repository, "tests/packaging"), folder, { recursive: true });
  for (const name of ["services.mjs", "core-host.mjs"]) cpSync(join(repository, "tests/js/support", name), join(folder, name));
  return folder;
};

/** The consumer's folder. */
export const consumer = install();

/** The folder of the installed package. */
export const installed = join(consumer, "node_modules/playerlink");

/** The installed package, resolved as the consumer's own code resolves it. */
export const load = (specifier = "playerlink") => {
  const resolver = join(consumer, "resolver.mjs");
  writeFileSync(resolver, "export const load = (specifier) => import(specifier);");
  return import(pathToFileURL(resolver)).then((module) => module.load(specifier));
};

/** A tool of this repository that is no dependency of the tests themselves. */
export const tool = (path) => join(repository, "pkg-templates/npm/node_modules", path);

/** Runs Node on a consumer's file. Resolves when the process has ended by itself; kills nothing, so a hang is a failure. */
export const node = (...args) =>
  new Promise((done, failed) => {
    execFile(process.execPath, args, { cwd: consumer, timeout: 30_000 }, (error, stdout, stderr) => {
      if (error) failed(new Error(`node ${args.join(" ")}: ${error.killed ? "did not end" : stderr}`));
      else done(stdout);
    });
  });
