"use strict";
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
  if (step === 1) sendDemo();
}
