"use strict";
// The radio: bursts, constellation, channel, counts.

const MOST_BURSTS = 60, SHOWN_BURSTS = 8;

function drawBursts() {
  const most = Math.max(1, ...bursts.map((burst) => burst.channel_uses));
  $("timeline").replaceChildren(...bursts.map((burst) => {
    const good = burst.header_ok && burst.blocks_ok === burst.blocks;
    const bar = make("span", { class: good ? "" : "bad", title: `${burst.mcs ?? "unread"}: ${burst.blocks_ok} of ${burst.blocks} frames, SNR ${burst.snr_db} dB, ${burst.channel_uses} channel uses` }, good ? "✓" : "✗");
    bar.style.height = `${25 + 75 * burst.channel_uses / most}%`; bar.style.flexGrow = burst.channel_uses;
    return bar;
  }));
  const last = bursts[bursts.length - 1];
  $("quality").textContent = last ? `SNR ${last.snr_db?.toFixed(1) ?? "?"} dB` : "";
  $("bursts").replaceChildren(...bursts.slice(-SHOWN_BURSTS).reverse().map(row));
  $("bursts-table").hidden = bursts.length === 0;
  for (const [id, name, unit, digits] of [["history", "snr_db", "dB", 1], ["evm", "evm_db", "dB", 1], ["cfo", "cfo_hz", "Hz", 0]]) {
    const values = bursts.map((burst) => burst[name]).filter((value) => value !== null);
    drawLine($(id), values);
    $(`${id}-now`).textContent = values.length ? `${values[values.length - 1].toFixed(digits)} ${unit}` : unit;
  }
}

// One burst: when, which layers it made whole, bytes, MCS, how many frames passed their CRC, how many by repeats.
function row(burst) {
  const good = burst.header_ok && burst.blocks_ok === burst.blocks, line = make("tr", good ? {} : { class: "bad" });
  const fate = burst.header_ok ? `${good ? "✓" : "✗"} ${burst.blocks_ok}/${burst.blocks}` : "✗ signal field";
  const cells = [new Date(1000 * burst.time_s).toLocaleTimeString([], { hour12: false }), burst.layers.map((kind) => kind.replaceAll("_", " ")).join(", ") || (burst.bytes ? "part of a layer" : "nothing"), burst.bytes, burst.mcs ?? "?", fate, burst.repaired || ""];
  line.append(...cells.map((text) => make("td", {}, text)));
  if (burst.note) line.title = burst.note;
  return line;
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
  const canvas = $("constellation"), context = pen(canvas), middle = canvas.width / 2, scale = 75;
  context.save();
  context.strokeStyle = getComputedStyle(document.documentElement).getPropertyValue("--line"); context.lineWidth = 1;
  context.beginPath(); context.moveTo(0, middle); context.lineTo(canvas.width, middle); context.moveTo(middle, 0); context.lineTo(middle, canvas.height); context.stroke();
  context.restore();
  context.globalAlpha = 0.7;
  for (const [real, imaginary] of event.constellation) context.fillRect(middle + scale * real - 1.5, middle - scale * imaginary - 1.5, 3, 3);
  context.globalAlpha = 1;
  $("mcs-now").textContent = event.mcs ?? "";
  drawLine($("channel"), event.channel_db);
}

// What the receiver hears; a radio of before does not tell it.
function drawSpectrum(told) {
  $("spectrum").parentElement.hidden = !told;
  if (!told) return;
  $("span-now").textContent = told.sample_rate_hz === null ? "" : `${told.sample_rate_hz / 1e6} MHz`;
  drawLine($("spectrum"), told.spectrum_db);
}

const CAUSES = { delivered: "came", missed: "burst not noticed", header: "signal field lost", crc: "CRC failed", "on air": "on air", new: "whole", failed: "CRC failed", duplicate: "came twice", refused: "no frame of ours" };
const GOOD = ["delivered", "on air", "new"];

function drawCounts(counts) {
  const chips = (title, entries) => {
    const found = Object.entries(entries ?? {}).filter(([, number]) => number);
    return found.length === 0 ? [] : [make("dt", {}, title), ...found.map(([name, number]) => make("dd", GOOD.includes(name) ? {} : { class: "bad" }, `${number} ${CAUSES[name] ?? name}`))];
  };
  const all = [...chips("sent", counts.outcomes), ...chips("heard", counts.frames)];
  $("counts").replaceChildren(...(all.length ? all : [make("dt", {}, "none yet")]));
}
