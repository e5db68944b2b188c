"use strict";
// The sender's side: the photo, what is found in it, and its packet.

const SENT_VIEWS = [["photo", "photo"], ["objects", "objects"], ["class_map", "what is where"], ["detail_map", "outlines"]];

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
