"use strict";
// Photos in: files, drops, camera.

function sendDemo() { pinned = 0; return attempt(() => call("POST", "/api/demo")); }

function submit(name, blob, quick = false) { pinned = 0; return call("POST", `/api/pictures?name=${encodeURIComponent(name.slice(0, 120))}&quick=${quick}`, blob, "application/octet-stream"); }

// Where as many photos wait at the sender as may, the next one waits here.
async function submitPatiently(file) {
  for (;;) {
    try { return await submit(file.name, file); } catch (error) { if (error.status !== 429) throw error; }
    await pause(250);
  }
}

// One after the other; what is refused is said, and the next one goes.
async function submitAll(files) {
  sayConnected();
  for (const file of files) await submitPatiently(file).catch((error) => say(error.message));
}

const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });

let camera = null, hostCamera = null;

// The camera of the computer that sends; its pictures go there without this browser.
function drawHostCamera(told) {
  hostCamera = told;
  $("host-camera").hidden = told === null;
  if (told === null) return;
  $("host-camera").setAttribute("aria-pressed", told.on);
  if (told.trouble) say(told.trouble);
}

async function toggleCamera() {
  if (camera) { for (const track of camera.getTracks()) track.stop(); camera = null; $("camera").setAttribute("aria-pressed", "false"); return; }
  if (!navigator.mediaDevices) { say("No camera: over the network a browser gives it to HTTPS pages only, see semcom live --certificate."); return; }
  try { camera = await navigator.mediaDevices.getUserMedia({ video: { width: 512, height: 384 } }); } catch (error) { say(`No camera: ${error.message}`); return; }
  $("camera").setAttribute("aria-pressed", "true");
  const video = make("video"), canvas = make("canvas");
  video.muted = true; video.srcObject = camera; await video.play();
  while (camera) {
    canvas.width = video.videoWidth; canvas.height = video.videoHeight;
    canvas.getContext("2d").drawImage(video, 0, 0);
    const blob = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", 0.9); });
    const sent = await attempt(() => submit("camera", blob, true));
    do await pause(50);
    while (camera && sent && (pictures.get(sent.number)?.stage ?? "waiting") === "waiting"); // one waits while one is encoded
  }
}
