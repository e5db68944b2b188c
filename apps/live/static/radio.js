"use strict";
// The radio: bursts, constellation, channel, counts.

const MOST_BURSTS = 60;

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
  if (event.spectrum_db) drawLine($("spectrum"), event.spectrum_db);
}

function drawCounts(counts) {
  const words = (entries) => Object.entries(entries).map(([name, number]) => `${number} ${name}`).join(", ");
  $("counts").textContent = [`Frames sent: ${words(counts.outcomes) || "none"}.`, counts.frames ? `Frames heard: ${words(counts.frames) || "none"}.` : ""].join(" ");
}
