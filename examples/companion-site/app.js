// The companion site: sign in to the main account, ask for a linking code, show it. Everything about tokens is the
// package's business; this file is about what the player sees.
import { createXsollaClient, isPlayerLinkError } from "playerlink";
import { playerMessage } from "playerlink/messages";

const $ = (id) => document.getElementById(id);
const views = ["starting", "sign-in", "ready", "code", "done"];
// After this long the code is taken off the page. Xsolla does not tell how long it lives.
const CODE_SHOWN_MS = 15 * 60_000;
const ENDED = "Your session has ended. Please sign in again.";

let session;
let shown; // { code, at }: the code on the page, and nowhere else

// ---- what is on the page -------------------------------------------------------------------------------------------

const show = (view) => {
  const before = document.body.dataset.state;
  document.body.dataset.state = view;
  for (const name of views) $(name).hidden = name !== view;
  document.querySelector("main").removeAttribute("aria-busy");
  for (const step of document.querySelectorAll("[data-step]")) {
    if (step.dataset.step === view) step.setAttribute("aria-current", "step");
    else step.removeAttribute("aria-current");
  }
  if (view !== "code") wipe();
  // The button that led here is gone; without this a keyboard would start again at the top of the page.
  if (before !== "starting" && before !== view) $(`${view}-title`)?.focus();
};

// Emptied first, so that the same words are announced again.
const announce = (words) => {
  $("announcer").textContent = "";
  setTimeout(() => ($("announcer").textContent = words), 50);
};

const wipe = () => {
  shown = undefined;
  for (const id of ["code-text", "code-spelled", "code-age"]) $(id).textContent = "";
};

const draw = ({ code, groups, requestedAtMs }) => {
  shown = { code, at: requestedAtMs };
  // Groups are boxes with a gap: whoever selects and copies them gets the code without spaces.
  $("code-text").replaceChildren(
    ...groups.map((group) => Object.assign(document.createElement("span"), { textContent: group })),
  );
  const spelled = groups.map((group) => [...group].join(" ")).join(", ");
  $("code-spelled").textContent = spelled;
  drawAge();
  show("code");
  announce(`Your linking code is ${spelled}`);
};

const ago = new Intl.RelativeTimeFormat("en", { numeric: "always" });
const drawAge = () => {
  if (!shown) return;
  const minutes = Math.floor((Date.now() - shown.at) / 60_000);
  if (minutes * 60_000 >= CODE_SHOWN_MS) return show("ready");
  $("code-age").textContent = minutes < 1 ? "Made just now. Works once." : `Made ${ago.format(-minutes, "minute")}. Works once.`;
};
setInterval(drawAge, 10_000);

// ---- what can go wrong ---------------------------------------------------------------------------------------------

const problem = (error) => {
  const told = playerMessage(error); // there is a sentence for every error, also for one that is not the package's
  if (!isPlayerLinkError(error)) console.error(error);
  if (error.kind === "session-over") return signedOut(told);
  $("problem").textContent = told;
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
    label.textContent = `Try again in ${wait} s`;
    await new Promise((done) => setTimeout(done, 1_000));
    if (wait === 1) calm();
  }
  label.textContent = words;
  button.ariaDisabled = null;
};

// ---- the session ---------------------------------------------------------------------------------------------------

const signedIn = async (opened) => {
  session = opened;
  session.subscribe(({ status }) => status === "signed-out" && session === opened && signedOut(ENDED));
  const { nickname, username } = await session.profile();
  const name = nickname ?? username ?? session.player?.displayName ?? "your account";
  for (const id of ["player", "greeting"]) $(id).textContent = name;
  document.querySelector(".initial").textContent = [...name][0].toUpperCase();
  $("account").hidden = false;
  $("sign-in-form").reset();
  show("ready");
};

const signedOut = (why = "") => {
  session = undefined;
  $("account").hidden = true;
  show("sign-in");
  calm();
  $("problem").textContent = why;
};

const newCode = (button) => press(button, "Getting your code…", async () => draw(await session.createLinkingCode()));

// ---- buttons -------------------------------------------------------------------------------------------------------

const start = async () => {
  const settings = await (await fetch("/settings.json")).json();
  const xsolla = await createXsollaClient({
    baseUrl: settings.baseUrl,
    projectId: settings.projectId,
    oauth: { clientId: settings.clientId, redirectUri: `${location.origin}/` },
  });

  $("sign-in-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const [username, password] = [$("username").value.trim(), $("password").value];
    press($("sign-in-button"), "Signing in…", async () => signedIn(await xsolla.login({ username, password })));
  });
  if (settings.demo && new URLSearchParams(location.search).has("demo")) {
    for (const name of ["username", "password"]) $(name).defaultValue = settings.demo[name];
  }

  const restored = await xsolla.restore();
  if (restored) await signedIn(restored);
  else show("sign-in");
};

$("reveal").addEventListener("click", () => {
  const hidden = $("password").type === "password";
  $("password").type = hidden ? "text" : "password";
  $("reveal").textContent = hidden ? "Hide" : "Show";
  $("reveal").setAttribute("aria-pressed", String(hidden));
});
for (const id of ["get-code", "new-code", "again"]) $(id).addEventListener("click", () => newCode($(id)));
$("entered").addEventListener("click", () => show("done"));
$("sign-out").addEventListener("click", () => {
  const leaving = session;
  signedOut();
  leaving?.logout().catch(problem);
});
$("copy").addEventListener("click", async () => {
  const label = $("copy").querySelector("span");
  try {
    await navigator.clipboard.writeText(shown.code);
    label.textContent = "Copied";
    announce("Copied");
  } catch {
    getSelection().selectAllChildren($("code-text"));
    label.textContent = "Press Ctrl+C";
    announce("Copying was not allowed. The code is selected: copy it yourself.");
  }
  setTimeout(() => (label.textContent = "Copy code"), 3_000);
});

const connection = () => {
  $("offline").textContent = navigator.onLine ? "" : "You are offline. Your code, if there is one, stays here.";
};
for (const event of ["online", "offline"]) addEventListener(event, connection);
connection();

start().catch((error) => {
  show("sign-in");
  problem(error);
});
