"use strict";
// The receiver's side: words, map, picture, and asking for more.

const SHOWN_VIEWS = [["received", "picture"], ["map", "map"], ["provenance", "what is received, what is made up"], ["drawing", "drawing"]];
const ASKS = [["finer class map", "finer map (A)"], ["finer detail map", "finer outlines (B)"], ["scene", "finer picture"]];

function drawReceived() {
  const picture = shownOne() ?? NOTHING;
  $("empty").hidden = picture !== NOTHING;
  if (picture.number !== lastShown) { lastShown = picture.number; $("asked").textContent = ""; }
  const view = picture.views[shownView] ? shownView : picture.views.received ? "received" : "map";
  setImage($("shown"), viewPath(picture, view), `what came: ${picture.caption_received ?? "no words yet"}`);
  setImage($("original"), viewPath(picture, "photo"), "the original photo");
  drawTabs($("shown-views"), SHOWN_VIEWS, view, picture, (name) => { shownView = name; });
  drawBoxes($("pull"), picture.objects_received, (item) => ask({ words: `object ${item.number}` }), picture.close_ups_received);
  drawCaption($("caption"), picture.caption_received, picture.words_received);
  drawBacking(picture);
  drawRival(picture);
  drawAsks(picture);
  $("compare").parentElement.hidden = !picture.views.photo;
  const frames = picture.frames ? `${picture.frames_came ?? 0} of ${picture.frames} frames,` : "";
  const lost = picture.stage === "sent" && picture.frames_came < picture.frames;
  const state = picture.complete ? "complete" : lost ? "not complete" : "coming";
  $("came").textContent = picture === NOTHING ? "" : [`${picture.name} ·`, frames, state].filter(Boolean).join(" ");
  $("notes-received").textContent = (picture.notes_received ?? []).join(" ");
  compare();
}

// What speaks for each word of the caption, beside the caption itself.
function drawBacking(picture) {
  $("backing").replaceChildren(...(picture.backing_received ?? []).map((item) => {
    const entry = make("li", item.by === "the caption alone" ? { class: "alone" } : {});
    entry.append(make("b", {}, item.word), ` ${item.by}`);
    entry.onpointerenter = () => light(item.word, true); entry.onpointerleave = () => light(item.word, false);
    return entry;
  }));
}

// The same photo as a picture file, where that is sent, too.
function drawRival(picture) {
  const { avif_error: error, avif_frames: frames, avif_frames_came: came = 0, avif_frames_settled: settled = 0 } = picture;
  $("rival").hidden = frames === undefined;
  setImage($("avif"), viewPath(picture, "avif"), "the same photo as AVIF file");
  const state = frames === null ? "being coded" : settled < frames ? "coming" : `nothing to show, ${came} of ${frames} frames came`;
  $("avif-said").textContent = error ? `: ${error}` : picture.views.avif ? "" : `: ${state}`;
}

const ALL_BUT_WORDS = "objects,class_map,detail_map,sub_image,close_ups";

function drawAsks(picture) {
  const wishes = [...(picture.objects_received ?? []).map((item) => [`object ${item.number}`, `${item.word ?? item.category} (${item.number})`]), ...ASKS];
  const buttons = wishes.map(([words, label]) => {
    const button = make("button", { type: "button" }, label);
    button.disabled = !mayDrive || !(picture.packet_bytes || picture.layers_received);
    button.onclick = () => ask({ words });
    return button;
  });
  if (settings.skip !== undefined) {
    const only = settings.skip === ALL_BUT_WORDS, button = make("button", { type: "button", "aria-pressed": only }, "the words only, from the next picture on");
    button.disabled = !mayDrive;
    button.onclick = () => change("skip", only ? "" : ALL_BUT_WORDS);
    buttons.push(button);
  }
  refill($("asks"), buttons);
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
