"use strict";
// The sender's side: the photo, what is found in it, and its packet.

const SENT_VIEWS = [["photo", "photo"], ["class_map", "what is where (A)"], ["detail_map", "outlines (B)"]];
const OVERLAYS = { boxes: ["boxes", true], words: ["words", true], frames: ["close-ups", true] };

function drawOverlays(picture) {
  refill($("overlays"), Object.entries(OVERLAYS).map(([name, [words, on]]) => {
    const button = make("button", { type: "button", "aria-pressed": on }, words);
    button.disabled = !(name === "frames" ? picture.close_ups : picture.objects)?.length;
    button.onclick = () => { OVERLAYS[name][1] = !on; drawSent(); };
    return button;
  }));
}

function drawLayers(picture) {
  const came = new Set((picture?.layers_received ?? []).map((layer) => layer.layer));
  const layers = picture?.layers ?? [];
  const total = layers.reduce((sum, layer) => sum + layer.bytes, 0);
  $("layers").replaceChildren(...layers.map((layer) => {
    const bar = make("span", { title: `${layer.name}: ${layer.bytes} bytes, importance ${layer.importance}` });
    bar.style.background = layer.colour; bar.style.flexGrow = layer.bytes;
    if (picture.stage === "sent" && picture.layers_received && !came.has(layer.layer)) bar.className = "lost";
    return bar;
  }));
  $("layers").setAttribute("aria-label", layers.map((layer) => `${layer.kind} ${layer.bytes} bytes`).join(", ") || "no packet yet");
  $("legend").replaceChildren(...layers.map((layer) => {
    const entry = make("li"), patch = make("i"), dots = make("span", { class: "dots", "aria-hidden": "true", title: `importance ${layer.importance} of 7` });
    patch.style.background = layer.colour;
    dots.append("●".repeat(layer.importance), make("s", {}, "●".repeat(7 - layer.importance)));
    const state = picture.stage !== "sent" || !picture.layers_received ? "" : came.has(layer.layer) ? "✓" : "✗";
    entry.append(patch, make("span", {}, [layer.kind.replaceAll("_", " "), layer.subject].filter(Boolean).join(": ")), make("span", { class: "number" }, `${layer.bytes} B`), make("span", { class: "unseen" }, `importance ${layer.importance}`), dots, make("span", { class: "state" }, state));
    return entry;
  }));
  $("packet").textContent = picture?.packet_bytes ? `${picture.packet_bytes} bytes, layers ${total} bytes, ${picture.frames} frames` : "";
}

function drawChosen() { drawSent(); drawReceived(); }

function drawSent() {
  const picture = sentOne() ?? NOTHING;
  $("hint").hidden = picture !== NOTHING;
  const view = picture.views[sentView] ? sentView : "photo";
  setImage($("sent"), viewPath(picture, view), `what is sent: ${picture.caption ?? picture.name}`);
  drawTabs($("sent-views"), SENT_VIEWS, view, picture, (name) => { sentView = name; });
  drawOverlays(picture);
  drawBoxes($("boxes"), OVERLAYS.boxes[1] ? picture.objects : [], null, OVERLAYS.frames[1] ? picture.close_ups : []);
  $("boxes-labels").hidden = !OVERLAYS.words[1];
  drawCaption($("caption-sent"), picture.caption, picture.words);
  drawLayers(picture);
  const state = picture.error ?? `${picture.stage}${picture.encode_s ? `, encoded in ${picture.encode_s} s` : ""}`;
  $("stage").textContent = picture === NOTHING ? "" : `${picture.name} · ${state}`;
  $("notes").textContent = (picture.notes ?? []).join(" ");
}
