"use strict";
// Settings and gallery.

const SLIDERS = { snr_db: ["SNR", "dB", 0.5], cfo_hz: ["Carrier offset", "Hz", 100], doppler_hz: ["Fading, Doppler", "Hz", 1, "none"], interference_db: ["Interference", "dB", 1, "none"], interference_hz: ["Interference at", "kHz", 1000], budget_bytes: ["Budget", "B", 100, "automatic"] }; // name, unit, step, word for the least

function drawSettings() {
  if ($("settings").contains(document.activeElement)) return;
  const bounds = { snr_db: [-12, 40], cfo_hz: [-15000, 15000], doppler_hz: [0, 300], interference_db: [-40, 20], interference_hz: [-500000, 500000], budget_bytes: [0, 20000] };
  const rows = Object.entries(settings).map(([name, value]) => {
    if (name === "skip") return drawSkipped(value);
    const row = make("label"), shown = make("output", {}, "");
    let input;
    if (SLIDERS[name]) {
      input = make("input", { type: "range", min: bounds[name][0], max: bounds[name][1], step: SLIDERS[name][2], value });
      input.oninput = () => { const [, unit, , least] = SLIDERS[name]; shown.textContent = least && input.value === input.min ? least : `${unit === "kHz" ? input.value / 1000 : input.value} ${unit}`; };
      input.oninput();
      input.onchange = () => change(name, Number(input.value));
    } else if (choices[name]) {
      input = make("select");
      input.append(...choices[name].map((choice) => { const option = make("option", { value: choice }, choice || "automatic"); option.selected = choice === value; return option; }));
      input.onchange = () => change(name, input.value);
    } else if (typeof value === "boolean") {
      input = make("input", { type: "checkbox" }); input.checked = value;
      input.onchange = () => change(name, input.checked);
    } else {
      input = make("input", { type: "text", value, maxlength: 200, placeholder: "such as person, vehicle" });
      input.onchange = () => change(name, input.value);
    }
    input.name = name; input.disabled = !mayDrive;
    row.append(make("span", {}, SLIDERS[name]?.[0] ?? { mcs: "MCS", paths: "Multipath", policy: "Protection", without: "Never send", profile: "Bytes are for", texture: "Make up texture", rival: "AVIF beside it" }[name] ?? name), input, shown);
    return row;
  });
  $("settings").replaceChildren(...rows);
}

// A switch for each kind of layer: what is pressed is sent.
function drawSkipped(value) {
  const group = make("fieldset", { name: "skip" }), buttons = make("div", { class: "tabs" });
  let left = new Set();
  group.take = (taken) => {
    left = new Set(taken.split(",").filter(Boolean));
    for (const button of buttons.children) button.setAttribute("aria-pressed", !left.has(button.name));
  };
  group.append(make("legend", {}, "Layers to send"), buttons);
  buttons.append(...choices.skip.map((kind) => {
    const button = make("button", { type: "button" }, kind.replaceAll("_", " "));
    button.disabled = !mayDrive;
    button.name = kind;
    button.onclick = () => { if (!left.delete(kind)) left.add(kind); change("skip", [...left].join(",")); };
    return button;
  }));
  group.take(value);
  return group;
}

// A control shows what the host took: a switch moves when the host has answered, and what it refused springs back.
async function change(name, value) {
  await attempt(async () => { settings = await call("PATCH", "/api/settings", JSON.stringify({ [name]: value })); }, "refused");
  const control = document.querySelector(`#settings [name="${name}"]`);
  if (control?.take) control.take(settings[name]);
  else if (control?.type === "checkbox") control.checked = settings[name];
  else if (control) { control.value = settings[name]; control.oninput?.(); }
}

function drawGallery() {
  const words = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const isSender = $("receiver").hidden; // on a computer of its own: what came is not known here
  const captionOf = (picture) => (isSender ? picture.caption : picture.caption_received);
  $("gallery-title").textContent = isSender ? "All that went out" : "All that came";
  const found = [...pictures.values()].reverse().filter((picture) => { const text = `${picture.name} ${captionOf(picture) ?? ""}`.toLowerCase(); return words.every((word) => text.includes(word)); });
  refill($("thumbs"), found.slice(0, 60).map((picture) => {
    const entry = make("li"), button = make("button", { type: "button", "aria-pressed": picture.number === pinned });
    const image = make("img", { alt: "", loading: "lazy" }), path = isSender ? viewPath(picture, "photo") : viewPath(picture, "received") ?? viewPath(picture, "map");
    if (path) image.src = path;
    button.append(image, make("span", {}, captionOf(picture) ?? picture.error ?? picture.stage));
    button.onclick = () => { pinned = pinned === picture.number ? 0 : picture.number; drawAll(); };
    entry.append(button);
    return entry;
  }));
}

function drawAll() {
  for (const id of ["demo", "file", "folder", "camera", "host-camera", "explain"]) $(id).disabled = !mayDrive;
  drawChosen(); drawGallery();
}
