// The companion site: sign in to the main account, get a linking code, see that the console is linked. Tokens, codes and
// their states are the package's business; this file says which part of the page is seen when.
import { createXsollaClient, isPlayerLinkError } from "playerlink";
import { linkingSource, loadLinking } from "playerlink/linking";
import "playerlink/link-code/define";
import { createLinkEvents } from "./link-events.js";
import { explain, moment, platformName, say, translate } from "./words.js";

const $ = (id) => document.getElementById(id);
const VIEWS = ["starting", "sign-in", "ready", "link"];
// From a QR code on the console, e.g. `?platform=xbox`: only narrows what counts as this link, and holds no secret.
const asked = new URLSearchParams(location.search).get("platform");
const expected = asked && platformName(asked) !== asked ? asked : undefined;

let session;
let linking; // of this session, made with the first code
let events;
let settings;

// ---- what is on the page -------------------------------------------------------------------------------------------

const show = (view) => {
  const before = document.body.dataset.view;
  document.body.dataset.view = view;
  for (const name of VIEWS) $(name).hidden = name !== view;
  document.querySelector("main").removeAttribute("aria-busy");
  for (const step of document.querySelectorAll("[data-step]")) {
    if (step.dataset.step === view) step.setAttribute("aria-current", "step");
    else step.removeAttribute("aria-current");
  }
  // The button that led here is gone; without this a keyboard would start again at the top of the page.
  if (before !== "starting" && before !== view) ($(`${view}-title`) ?? $(view)).focus({ preventScroll: true });
};

/** What the account has linked so far, as far as our server was told. */
const drawLinked = (links) => {
  const seen = new Set();
  const isNew = ({ platform, displayName }, key = `${platform} ${displayName}`) => !seen.has(key) && seen.add(key);
  const row = ({ platform, displayName, atMs }) => {
    const [name, when] = [document.createElement("strong"), document.createElement("span")];
    name.textContent = [platformName(platform), displayName].filter(Boolean).join(" · ");
    when.textContent = say("linked-since", { time: moment(atMs) });
    const item = document.createElement("li");
    item.append(name, " ", when);
    return item;
  };
  $("linked-list").replaceChildren(...links.filter((link) => isNew(link)).map(row));
  $("linked").hidden = links.length === 0;
  $("get-code").querySelector("span").textContent = say(links.length === 0 ? "get-code" : "link-another");
};

const loadLinked = async () => {
  const response = await session.fetch("/api/links");
  if (response.ok) drawLinked((await response.json()).links);
};

// ---- what can go wrong ---------------------------------------------------------------------------------------------

const problem = (error) => {
  if (!isPlayerLinkError(error)) console.error(error);
  if (error.kind === "session-over") return signedOut(explain(error));
  $("problem").textContent = explain(error);
  if (error.kind === "credentials") {
    for (const field of [$("username"), $("password")]) field.setAttribute("aria-invalid", "true");
    $("password").select();
  }
};

const calm = () => {
  $("problem").textContent = "";
  for (const field of [$("username"), $("password")]) field.removeAttribute("aria-invalid");
};

/** Runs what a button asked for: once at a time, with words while it takes, and with a wait where the service wants one. */
const press = async (button, busyWords, work) => {
  if (button.ariaDisabled === "true") return;
  const label = button.querySelector("span");
  const words = label.textContent;
  button.ariaDisabled = "true";
  button.dataset.busy = "";
  label.textContent = busyWords;
  let wait = 0;
  try {
    calm();
    await work();
  } catch (error) {
    problem(error);
    if (error.kind === "busy") wait = Math.ceil((error.retryAfterMs ?? 5_000) / 1_000);
  }
  delete button.dataset.busy;
  for (; wait > 0; wait--) {
    label.textContent = say("wait", { seconds: wait });
    await new Promise((done) => setTimeout(done, 1_000));
    if (wait === 1) calm();
  }
  label.textContent = words;
  button.ariaDisabled = null;
};

// ---- the session ---------------------------------------------------------------------------------------------------

const signedIn = async (opened) => {
  session = opened;
  session.subscribe(({ status }) => status === "signed-out" && session === opened && signedOut(say("ended")));
  // In another tab somebody else signed in: a code for the last player must not stay on this one's screen.
  session.onPlayerChanged(() => session === opened && location.reload());
  const { nickname, username } = await session.profile();
  const name = nickname ?? username ?? session.player?.displayName ?? say("your-account");
  $("player").textContent = name;
  document.querySelector(".initial").textContent = [...name][0].toUpperCase();
  $("linked-next").textContent = say("linked-next", { account: name });
  $("account").hidden = false;
  $("sign-in-form").reset();
  drawLinked([]);
  // The list is an extra: without it a console can still be linked.
  await loadLinked().catch(() => {});
  if (session === opened) show("ready");
};

const signedOut = (why = "") => {
  session = undefined;
  forgetLinking();
  drawLinked([]);
  $("account").hidden = true;
  show("sign-in");
  calm();
  $("problem").textContent = why;
};

// ---- the code ------------------------------------------------------------------------------------------------------

const forgetLinking = () => {
  linking?.accountSwitched();
  linking?.dispose();
  events?.stop();
  linking = events = $("code").linking = undefined;
  delete document.body.dataset.linking;
};

const startLinking = async () => {
  forgetLinking();
  const opened = session;
  const core = await loadLinking();
  if (session !== opened) return;
  const heard = createLinkEvents({
    open: (path, init) => opened.fetch(path, init),
    ended: () => session === opened && signedOut(say("ended")),
  });
  const source = linkingSource(opened, {
    async requestCode({ signal }) {
      await heard.start(); // first the ear, then the code: nothing can happen unheard
      const { code } = await opened.createLinkingCode({ signal });
      return { code };
    },
    listen: (tell) =>
      heard.listen(({ platform, displayName, conflict }) => tell(conflict ? { conflict } : { platform: platformName(platform), displayName })),
    // Xsolla cannot undo a link. It does not say how long a code lives, so there is no countdown.
    capabilities: { undo: "never", liveCodes: 1, maxAgeHintMs: settings.codeMaxAgeMs },
  });
  events = heard;
  linking = core.createLinking(source, {
    accountName: $("player").textContent,
    expectPlatform: expected && platformName(expected),
    companionUrl: `${location.origin}/`,
  });
  linking.subscribe(({ state, error }) => {
    document.body.dataset.linking = error?.conflict ? "conflict" : state;
    if (["linked", "failed", "cancelled"].includes(state)) heard.stop();
    if (state === "linked") for (const step of document.querySelectorAll("[data-step]")) step.removeAttribute("aria-current");
    if (state === "cancelled" && session === opened) show("ready");
  });
  linking.onLinked(() => loadLinked().catch(() => {}));
  $("code").linking = linking;
  linking.start();
  show("link");
};

// ---- buttons -------------------------------------------------------------------------------------------------------

const start = async () => {
  settings = await (await fetch("/settings.json")).json();
  for (const link of document.querySelectorAll("a.support")) link.href = settings.supportUrl;
  const xsolla = await createXsollaClient({
    baseUrl: settings.baseUrl,
    projectId: settings.projectId,
    oauth: { clientId: settings.clientId, redirectUri: `${location.origin}/` },
  });

  $("sign-in-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const [username, password] = [$("username").value.trim(), $("password").value];
    press($("sign-in-button"), say("signing-in"), async () => signedIn(await xsolla.login({ username, password })));
  });
  if (settings.demo && new URLSearchParams(location.search).has("demo")) {
    for (const name of ["username", "password"]) $(name).defaultValue = settings.demo[name];
  }

  const restored = await xsolla.restore();
  if (restored) await signedIn(restored);
  else show("sign-in");
};

translate(document);
if (expected) $("ready-title").textContent = say("ready-for", { platform: platformName(expected) });

$("reveal").addEventListener("click", () => {
  const hidden = $("password").type === "password";
  $("password").type = hidden ? "text" : "password";
  $("reveal").textContent = say(hidden ? "hide" : "show");
  $("reveal").setAttribute("aria-pressed", String(hidden));
});
$("get-code").addEventListener("click", () => startLinking().catch(problem));
$("sign-out").addEventListener("click", () => {
  const leaving = session;
  signedOut();
  leaving?.logout().catch(problem);
});
// Its way out leads back here, and reporting a link is a link of ours.
$("code").strings = { "close": say("back"), "not-you": "" };
// What only a page can answer: the element knows neither where support is nor how to sign in.
$("code").addEventListener("playerlink-action", ({ detail: { action } }) => {
  if (action === "sign-in") return signedOut(say("ended"));
  // Xsolla moves and removes no links: whoever wants that needs a person.
  if (["support", "switch", "unlink-first"].includes(action)) return void open(settings.supportUrl, "_blank", "noopener,noreferrer");
  forgetLinking();
  show("ready");
});

const connection = () => {
  $("offline").textContent = navigator.onLine ? "" : say("offline");
};
for (const event of ["online", "offline"]) addEventListener(event, connection);
connection();

start().catch((error) => {
  show("sign-in");
  problem(error);
});
