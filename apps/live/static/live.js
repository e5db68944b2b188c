"use strict";
// The live page: state comes once from /api/state, then by events. Text is only ever set as text, never as markup.

const $ = (id) => document.getElementById(id);
const SENT_VIEWS = [["photo", "photo"], ["objects", "objects"], ["class_map", "what is where"], ["detail_map", "outlines"]];
const SHOWN_VIEWS = [["received", "picture"], ["map", "map"], ["provenance", "what is received, what is made up"], ["drawing", "drawing"], ["avif", "AVIF in the same airtime"]];
const ASKS = ["finer class map", "finer detail map", "scene"];
const SLIDERS = { snr_db: ["SNR", "dB", 0.5], cfo_hz: ["Carrier offset", "Hz", 100], budget_bytes: ["Budget (0: automatic)", "B", 100] };
const MOST_BURSTS = 60;

const pictures = new Map();
const bursts = [];
let pinned = 0, lastShown = 0, mayDrive = true, settings = {}, choices = {};
let sentView = "photo", shownView = "received", retryMs = 250;

function make(name, attributes = {}, text) {
  const svg = ["rect", "title"].includes(name);
  const element = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

async function call(method, path, body, type = "application/json") {
  const answer = await fetch(path, { method, body, headers: body === undefined ? {} : { "content-type": type } });
  if (answer.status === 401) { $("login").showModal(); throw new Error("the token is needed"); }
  const text = await answer.text();
  let told = text;
  try { told = JSON.parse(text); } catch { /* a plain sentence */ }
  if (!answer.ok) throw new Error(typeof told === "string" ? told : String(told.detail?.[0]?.msg ?? told.detail));
  return told;
}

function say(sentence) { $("status").textContent = sentence; }
async function attempt(action, where = "status") {
  try { $(where).textContent = ""; return await action(); } catch (error) { $(where).textContent = error.message; return null; }
}

// State and events

async function look() {
  const state = await call("GET", "/api/state");
  mayDrive = state.may_drive; settings = state.settings; choices = state.choices;
  pictures.clear();
  for (const picture of state.pictures.reverse()) pictures.set(picture.number, picture);
  if (!pictures.has(pinned)) pinned = 0;
  drawSettings(); drawAll(); drawCounts(state.counts);
  if (state.failure) say(state.failure);
}

function listen() {
  const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/events`);
  socket.onopen = () => { retryMs = 250; say(mayDrive ? "connected" : "connected, to look only"); look().catch((error) => say(error.message)); };
  socket.onmessage = (message) => take(JSON.parse(message.data));
  socket.onclose = () => { say("not connected, trying again …"); setTimeout(listen, retryMs); retryMs = Math.min(4000, 2 * retryMs); };
}

function take(event) {
  if (event.type === "picture") takePicture(event.picture);
  else if (event.type === "words") takeWords(event);
  else if (event.type === "burst") { bursts.push(event); bursts.splice(0, bursts.length - MOST_BURSTS); drawBursts(); }
  else if (event.type === "radio") drawRadio(event);
  else if (event.type === "counts") drawCounts(event.counts);
  else if (event.type === "settings") { settings = event.settings; drawSettings(); }
  else if (event.type === "failure") say(event.sentence);
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

// The chosen picture

function viewPath(picture, view) {
  return picture.views[view] ? `/api/pictures/${picture.number}/views/${view}?v=${picture.views[view]}` : null;
}

function setImage(image, path, words) {
  if (path === null) image.removeAttribute("src"); else if (image.getAttribute("src") !== path) image.src = path;
  image.alt = path === null ? "" : words;
}

function drawCaption(place, caption, words) {
  place.replaceChildren();
  let rest = caption ?? "";
  for (const word of words ?? []) {
    const at = rest.indexOf(word);
    if (at < 0) continue;
    place.append(rest.slice(0, at), make("mark", {}, word));
    rest = rest.slice(at + word.length);
  }
  place.append(rest);
}

function drawTabs(place, views, current, picture, pick) {
  place.replaceChildren(...views.map(([view, words]) => {
    const button = make("button", { type: "button", "aria-pressed": view === current }, words);
    button.disabled = !picture?.views[view];
    button.onclick = () => { pick(view); drawChosen(); };
    return button;
  }));
}

function drawBoxes(place, objects, click) {
  place.replaceChildren(...(objects ?? []).map((item) => {
    const [left, top, right, bottom] = item.box.map((share) => 100 * share);
    const box = make("rect", { class: "box", x: left, y: top, width: right - left, height: bottom - top });
    box.append(make("title", {}, `object ${item.number}: ${item.word ?? item.category}, ${Math.round(100 * item.score)} %`));
    if (click) box.onclick = () => click(item);
    return box;
  }));
  $(`${place.id}-labels`).replaceChildren(...(objects ?? []).map((item) => {
    const label = make("span", {}, item.word ?? item.category);
    label.style.left = `${100 * Math.min(item.box[0], 0.8)}%`; label.style.top = `${100 * Math.min(item.box[1], 0.94)}%`;
    return label;
  }));
}

function drawLayers(picture) {
  const came = new Set((picture?.layers_received ?? []).map((layer) => layer.layer));
  const layers = picture?.layers ?? [];
  const total = layers.reduce((sum, layer) => sum + layer.bytes, 0);
  $("layers").replaceChildren(...layers.map((layer) => {
    const bar = make("span", { title: `${layer.name}: ${layer.bytes} bytes, importance ${layer.importance}` });
    bar.style.background = layer.colour; bar.style.flexGrow = layer.bytes;
    if (picture.stage === "sent" && !came.has(layer.layer)) bar.className = "lost";
    return bar;
  }));
  $("layers").setAttribute("aria-label", layers.map((layer) => `${layer.kind} ${layer.bytes} bytes`).join(", ") || "no packet yet");
  $("legend").replaceChildren(...layers.map((layer) => {
    const entry = make("li"), patch = make("i");
    patch.style.background = layer.colour;
    const state = picture.stage !== "sent" ? "" : came.has(layer.layer) ? " ✓" : " ✗";
    entry.append(patch, `${layer.kind} ${layer.bytes} B, importance ${layer.importance}${state}`);
    return entry;
  }));
  $("packet").textContent = picture?.packet_bytes ? `${picture.packet_bytes} bytes, layers ${total} bytes, ${picture.frames} frames` : "";
}

function drawChosen() { drawSent(); drawReceived(); }

function drawSent() {
  const picture = sentOne();
  $("hint").hidden = Boolean(picture);
  if (!picture) return;
  const view = picture.views[sentView] ? sentView : "photo";
  setImage($("sent"), viewPath(picture, view), `what is sent: ${picture.caption ?? picture.name}`);
  drawTabs($("sent-views"), SENT_VIEWS, view, picture, (name) => { sentView = name; });
  drawBoxes($("boxes"), view === "photo" ? picture.objects : []);
  drawCaption($("caption-sent"), picture.caption, picture.words);
  drawLayers(picture);
  const state = picture.error ?? `${picture.stage}${picture.encode_s ? `, encoded in ${picture.encode_s} s` : ""}`;
  $("stage").textContent = `${picture.name} · ${state}`;
  $("notes").textContent = (picture.notes ?? []).join(" ");
}

function drawReceived() {
  const picture = shownOne();
  $("empty").hidden = Boolean(picture);
  if (!picture) return;
  if (picture.number !== lastShown) { lastShown = picture.number; $("asked").textContent = ""; }
  const view = picture.views[shownView] ? shownView : picture.views.received ? "received" : "map";
  setImage($("shown"), viewPath(picture, view), `what came: ${picture.caption_received ?? "no words yet"}`);
  setImage($("original"), viewPath(picture, "photo"), "the original photo");
  drawTabs($("shown-views"), SHOWN_VIEWS, view, picture, (name) => { shownView = name; });
  drawBoxes($("pull"), picture.objects_received, (item) => ask({ words: `object ${item.number}` }));
  drawCaption($("caption"), picture.caption_received, picture.words_received);
  drawAsks(picture);
  const frames = picture.frames ? `${picture.frames_came ?? 0} of ${picture.frames} frames` : "";
  const state = picture.complete ? "complete" : picture.stage === "sent" ? "not complete" : "coming";
  $("came").textContent = [`${picture.name} ·`, frames, state].filter(Boolean).join(" ");
  $("notes-received").textContent = (picture.notes_received ?? []).join(" ");
  compare();
}

function drawAsks(picture) {
  const wishes = [...(picture.objects_received ?? []).map((item) => [`object ${item.number}`, `${item.word ?? item.category} (${item.number})`]), ...ASKS.map((words) => [words, words])];
  $("asks").replaceChildren(...wishes.map(([words, label]) => {
    const button = make("button", { type: "button" }, label);
    button.disabled = !mayDrive || !picture.packet_bytes;
    button.onclick = () => ask({ words });
    return button;
  }));
  if (picture.asked) $("asked").textContent = `“${picture.asked}”: ${picture.answer}.`;
}

function ask(wanted) {
  const number = shownOne()?.number;
  attempt(() => {
    $("asked").textContent = `Asking for ${wanted.words ?? "what is in the box"} …`; // the answer may be here before the reply
    return call("POST", `/api/pictures/${number}/ask`, JSON.stringify(wanted));
  }, "asked");
}

function compare() {
  const share = Number($("compare").value);
  $("original").hidden = share === 0;
  $("original").style.clipPath = `inset(0 ${100 - share}% 0 0)`;
}

function drag() {
  let from = null, box = null;
  const place = (event) => { const edge = $("pull").getBoundingClientRect(); return [(event.clientX - edge.left) / edge.width, (event.clientY - edge.top) / edge.height]; };
  $("pull").onpointerdown = (event) => { if (mayDrive && event.target === $("pull")) { from = place(event); box = make("rect", { class: "drag" }); $("pull").append(box); $("pull").setPointerCapture(event.pointerId); } };
  const ends = (event) => { const to = place(event).map((share) => Math.min(1, Math.max(0, share))); return [Math.min(from[0], to[0]), Math.min(from[1], to[1]), Math.max(from[0], to[0]), Math.max(from[1], to[1])]; };
  $("pull").onpointermove = (event) => { if (from) { const [left, top, right, bottom] = ends(event).map((share) => 100 * share); for (const [key, value] of Object.entries({ x: left, y: top, width: right - left, height: bottom - top })) box.setAttribute(key, value); } };
  $("pull").onpointerup = (event) => { if (!from) return; const found = ends(event); box.remove(); from = null; if (found[2] - found[0] > 0.02 && found[3] - found[1] > 0.02) ask({ box: found }); };
}

// Radio

function drawBursts() {
  const most = Math.max(1, ...bursts.map((burst) => burst.channel_uses));
  $("timeline").replaceChildren(...bursts.map((burst) => {
    const good = burst.header_ok && burst.blocks_ok === burst.blocks;
    const bar = make("span", { class: good ? "" : "bad", title: `${burst.mcs ?? "unread"}: ${burst.blocks_ok} of ${burst.blocks} frames, SNR ${burst.snr_db} dB, ${burst.channel_uses} channel uses` }, good ? "✓" : "✗");
    bar.style.height = `${25 + 75 * burst.channel_uses / most}%`; bar.style.flexGrow = burst.channel_uses;
    return bar;
  }));
  const last = bursts[bursts.length - 1];
  $("quality").textContent = last ? `SNR ${last.snr_db ?? "?"} dB, EVM ${last.evm_db ?? "?"} dB, carrier offset ${last.cfo_hz ?? "?"} Hz` : "";
  drawLine($("history"), bursts.map((burst) => burst.snr_db).filter((value) => value !== null));
}

function pen(canvas) {
  const context = canvas.getContext("2d"), style = getComputedStyle(document.documentElement);
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.strokeStyle = context.fillStyle = style.getPropertyValue("--good"); context.lineWidth = 2; context.font = "12px system-ui";
  return context;
}

function drawLine(canvas, values) {
  const context = pen(canvas);
  if (values.length === 0) return;
  const low = Math.floor(Math.min(...values) - 1), high = Math.ceil(Math.max(...values) + 1), { width, height } = canvas;
  context.beginPath();
  values.forEach((value, at) => context.lineTo(34 + (width - 40) * at / Math.max(1, values.length - 1), height - 6 - (height - 12) * (value - low) / (high - low)));
  context.stroke();
  context.fillText(high, 4, 14); context.fillText(low, 4, height - 4);
}

function drawRadio(event) {
  const context = pen($("constellation")), middle = 110, scale = 75;
  context.globalAlpha = 0.7;
  for (const [real, imaginary] of event.constellation) context.fillRect(middle + scale * real - 1.5, middle - scale * imaginary - 1.5, 3, 3);
  $("mcs-now").textContent = event.mcs ?? "";
  drawLine($("channel"), event.channel_db);
}

function drawCounts(counts) {
  const words = (entries) => Object.entries(entries).map(([name, number]) => `${number} ${name}`).join(", ");
  $("counts").textContent = [`Frames sent: ${words(counts.outcomes) || "none"}.`, counts.frames ? `Frames heard: ${words(counts.frames) || "none"}.` : ""].join(" ");
}

// Settings, gallery

function drawSettings() {
  if ($("settings").contains(document.activeElement)) return;
  const bounds = { snr_db: [-12, 40], cfo_hz: [-15000, 15000], budget_bytes: [0, 20000] };
  const rows = Object.entries(settings).map(([name, value]) => {
    const row = make("label"), shown = make("output", {}, "");
    let input;
    if (SLIDERS[name]) {
      input = make("input", { type: "range", min: bounds[name][0], max: bounds[name][1], step: SLIDERS[name][2], value });
      shown.textContent = `${value} ${SLIDERS[name][1]}`;
      input.oninput = () => { shown.textContent = `${input.value} ${SLIDERS[name][1]}`; };
      input.onchange = () => change(name, Number(input.value));
    } else if (choices[name]) {
      input = make("select");
      input.append(...choices[name].map((choice) => { const option = make("option", { value: choice }, choice || "automatic"); option.selected = choice === value; return option; }));
      input.onchange = () => change(name, input.value);
    } else if (typeof value === "boolean") {
      input = make("input", { type: "checkbox" }); input.checked = value;
      input.onchange = () => change(name, input.checked);
    } else {
      input = make("input", { type: "text", value, maxlength: 200 });
      input.onchange = () => change(name, input.value);
    }
    input.name = name; input.disabled = !mayDrive;
    row.append(make("span", {}, SLIDERS[name]?.[0] ?? { mcs: "MCS", paths: "Multipath", policy: "Protection", without: "Never send", profile: "Bytes are for", texture: "Make up texture", rival: "AVIF beside it" }[name] ?? name), input, shown);
    return row;
  });
  $("settings").replaceChildren(...rows);
}

function change(name, value) { attempt(async () => { settings = await call("PATCH", "/api/settings", JSON.stringify({ [name]: value })); }, "refused"); }

function drawGallery() {
  const words = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const found = [...pictures.values()].reverse().filter((picture) => { const text = `${picture.name} ${picture.caption_received ?? ""}`.toLowerCase(); return words.every((word) => text.includes(word)); });
  $("thumbs").replaceChildren(...found.slice(0, 60).map((picture) => {
    const entry = make("li"), button = make("button", { type: "button", "aria-pressed": picture.number === pinned });
    const image = make("img", { alt: "", loading: "lazy" }), path = viewPath(picture, "received") ?? viewPath(picture, "map");
    if (path) image.src = path;
    button.append(image, make("span", {}, picture.caption_received ?? picture.error ?? picture.stage));
    button.onclick = () => { pinned = pinned === picture.number ? 0 : picture.number; drawAll(); };
    entry.append(button);
    return entry;
  }));
}

function drawAll() {
  for (const id of ["demo", "file", "camera", "explain"]) $(id).disabled = !mayDrive;
  drawChosen(); drawGallery();
}

// Photos in

function submit(name, blob) { pinned = 0; return attempt(() => call("POST", `/api/pictures?name=${encodeURIComponent(name.slice(0, 120))}`, blob, "application/octet-stream")); }

let camera = null;
async function toggleCamera() {
  if (camera) { for (const track of camera.getTracks()) track.stop(); camera = null; $("camera").setAttribute("aria-pressed", "false"); return; }
  try { camera = await navigator.mediaDevices.getUserMedia({ video: { width: 512, height: 384 } }); } catch (error) { say(`No camera: ${error.message}`); return; }
  $("camera").setAttribute("aria-pressed", "true");
  const video = make("video"), canvas = make("canvas");
  video.muted = true; video.srcObject = camera; await video.play();
  while (camera) {
    canvas.width = video.videoWidth; canvas.height = video.videoHeight;
    canvas.getContext("2d").drawImage(video, 0, 0);
    const blob = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", 0.9); });
    const sent = await submit("camera", blob);
    do await new Promise((done) => { setTimeout(done, 200); });
    while (sent && ["waiting", "understanding"].includes(pictures.get(sent.number)?.stage)); // no faster than the sender
  }
}

// The guided run

const GUIDE = [
  ["sender", "A photo", "A photo of a million numbers is about to cross a radio that carries a few thousand bytes. First the sender looks at it: what is there, and where?"],
  ["sender", "Meaning", "It writes a sentence, names objects, draws a map of what is where, and keeps a small picture for the looks. Each is a layer of its own, with its own importance."],
  ["layers", "A packet", "All layers together are a few thousand bytes: a photo of a megabyte, three hundred times smaller. A person can read the packet, layer by layer."],
  ["radio", "On the air", "Bursts of OFDM symbols carry the layers, words first. What matters goes in a more robust scheme, so that it survives more noise."],
  ["caption", "Words first", "At the receiver the words come before anything else; then the map, then the picture, better with every burst."],
  ["received", "A picture again", "What came as pixels is shown as it was; between them the receiver fills in from the map. “What is received, what is made up” shows which is which."],
  ["controls", "Now make it hard", "Turn the SNR down to -3 dB and send again: the fine picture is lost, the words, the map and a blurred picture still arrive."],
];
let step = -1;
function guide(next) {
  document.querySelectorAll(".lit").forEach((element) => element.classList.remove("lit"));
  step = next;
  if (step < 0 || step >= GUIDE.length) { step = -1; $("guide").close(); $("explain").focus(); return; }
  const [place, title, text] = GUIDE[step];
  $("guide-title").textContent = title; $("guide-text").textContent = text;
  $("guide-next").textContent = step === GUIDE.length - 1 ? "Done" : `Next (${step + 1} of ${GUIDE.length})`;
  $(place).classList.add("lit"); $(place).scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  if (!$("guide").open) $("guide").show();
  if (step === 1) attempt(() => call("POST", "/api/demo"));
}

$("demo").onclick = () => { pinned = 0; attempt(() => call("POST", "/api/demo")); };
$("file").onchange = async () => { for (const file of $("file").files) await submit(file.name, file); $("file").value = ""; };
$("camera").onclick = toggleCamera;
$("explain").onclick = () => guide(0);
$("guide-next").onclick = () => guide(step + 1);
$("guide-end").onclick = () => guide(-1);
$("compare").oninput = compare;
$("search").oninput = drawGallery;
$("settings").onsubmit = (event) => event.preventDefault();
$("login-form").onsubmit = () => attempt(async () => { await call("POST", "/api/login", JSON.stringify({ token: $("token").value })); await look(); listen(); });
for (const name of ["dragover", "dragleave", "drop"]) document.addEventListener(name, (event) => { event.preventDefault(); $("drop").classList.toggle("over", name === "dragover"); });
document.addEventListener("drop", async (event) => { if (mayDrive) for (const file of event.dataTransfer.files) await submit(file.name, file); });
drag();
look().then(listen).catch((error) => say(error.message));
