"use strict";
// State comes once from /api/state, then by events; at the end everything is wired.

// State and events

async function look() {
  const state = await call("GET", "/api/state");
  showEnds(state.ends); drawRecording(state.recording); drawHostCamera(state.camera);
  mayDrive = state.may_drive; settings = state.settings; choices = state.choices;
  pictures.clear();
  for (const picture of state.pictures.reverse()) pictures.set(picture.number, picture);
  if (!pictures.has(pinned)) pinned = 0;
  drawSettings(); drawAll(); drawCounts(state.counts);
  bursts.splice(0, bursts.length, ...state.bursts); drawBursts();
  if (state.radio) drawRadio(state.radio);
  drawSpectrum(state.spectrum);
  failed = Boolean(state.failure);
  if (failed) say(state.failure);
}

// Of two computers each page shows its own end; the radio is heard at the receiver.
function showEnds(ends) {
  $("sender").hidden = !ends.includes("sender");
  $("receiver").hidden = $("radio").hidden = !ends.includes("receiver");
  for (const id of ["actions", "controls"]) $(id).hidden = id === "actions" && !ends.includes("sender");
}

let recording = null, failed = false, online = false;
function drawRecording(told) {
  recording = told;
  $("record").hidden = told === null;
  if (told === null) { $("recorded").textContent = "To record samples: semcom record, at the radio."; return; }
  $("record").textContent = told.on ? "Stop recording" : "Record";
  $("record").setAttribute("aria-pressed", told.on);
  $("recorded").textContent = [told.trouble, told.file && `Recorded: ${told.file}`].filter(Boolean).join(" ");
}

// Only when all is drawn: what is drawn anew must not take the place of what somebody has begun to change.
function sayConnected() { if (online && !failed) say(mayDrive ? "connected" : "connected, to look only"); }

function listen() {
  const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/events`);
  socket.onopen = () => { retryMs = 250; online = true; look().then(sayConnected).catch((error) => say(error.message)); };
  socket.onmessage = (message) => take(JSON.parse(message.data));
  socket.onclose = () => { online = false; tryAgain(LOST); };
}

const LOST = "not connected, trying again …";

function tryAgain(sentence) {
  say(sentence);
  setTimeout(reach, retryMs);
  retryMs = Math.min(4000, 2 * retryMs);
}

// The state first: a refusal has a sentence, which a WebSocket's has not, and the token may be another since a restart.
async function reach() {
  try { await look(); listen(); } catch (error) { if (!$("login").open) tryAgain(error.status ? error.message : LOST); }
}

function take(event) {
  if (event.type === "picture") takePicture(event.picture);
  else if (event.type === "words") takeWords(event);
  else if (event.type === "burst") { bursts.push(event); bursts.splice(0, bursts.length - MOST_BURSTS); drawBursts(); }
  else if (event.type === "radio") drawRadio(event);
  else if (event.type === "spectrum") drawSpectrum(event);
  else if (event.type === "counts") drawCounts(event.counts);
  else if (event.type === "settings") { settings = event.settings; drawSettings(); drawReceived(); }
  else if (event.type === "failure" || event.type === "link") say(event.sentence);
  else if (event.type === "recording") drawRecording(event.recording);
  else if (event.type === "camera") drawHostCamera(event.camera);
  else if (event.type === "resync") look();
}

function takePicture(picture) {
  pictures.set(picture.number, picture);
  drawChosen();
  drawGallery();
}

// A picture that a person chose; else the newest one that has something to show at that end.
function chosenOf(hasSomething) {
  if (pinned) return pictures.get(pinned);
  const found = [...pictures.values()].filter(hasSomething);
  return found.reduce((newest, picture) => (!newest || picture.number > newest.number ? picture : newest), undefined);
}
const sentOne = () => chosenOf((picture) => picture.stage !== "waiting");
const shownOne = () => chosenOf((picture) => picture.caption_received || picture.views.map || picture.views.received);

function takeWords(event) {
  const picture = pictures.get(event.number);
  if (!picture) return;
  picture.caption_received = event.caption; picture.words_received = event.words;
  drawReceived();
}


$("demo").onclick = sendDemo;
$("file").onchange = async () => { const chosen = [...$("file").files]; $("file").value = ""; await submitAll(chosen); };
$("folder").onchange = async () => { const chosen = [...$("folder").files]; $("folder").value = ""; await submitAll(chosen.filter((file) => file.type.startsWith("image/"))); };
$("camera").onclick = toggleCamera;
$("host-camera").onclick = () => attempt(async () => drawHostCamera(await call("PUT", "/api/camera", JSON.stringify({ on: !hostCamera.on }))));
$("explain").onclick = () => guide(0);
$("guide-next").onclick = () => guide(step + 1);
$("record").onclick = () => attempt(async () => drawRecording(await call("PUT", "/api/recording", JSON.stringify({ on: !recording.on }))));
$("guide-end").onclick = () => guide(-1);
$("compare").oninput = compare;
$("search").oninput = drawGallery;
$("settings").onsubmit = (event) => event.preventDefault();
$("login-form").onsubmit = (event) => {
  event.preventDefault();
  attempt(async () => { await call("POST", "/api/login", JSON.stringify({ token: $("token").value })); $("login").close(); await reach(); }, "login-said");
};
for (const name of ["dragover", "dragleave", "drop"]) document.addEventListener(name, (event) => { event.preventDefault(); $("drop").classList.toggle("over", name === "dragover"); });
document.addEventListener("drop", async (event) => { if (mayDrive) await submitAll([...event.dataTransfer.files]); });
drag();
reach();
