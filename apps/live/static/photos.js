"use strict";
// Photos in: files, drops, camera.

function submit(name, blob, quick = false) { pinned = 0; return attempt(() => call("POST", `/api/pictures?name=${encodeURIComponent(name.slice(0, 120))}&quick=${quick}`, blob, "application/octet-stream")); }

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
  try { camera = await navigator.mediaDevices.getUserMedia({ video: { width: 512, height: 384 } }); } catch (error) { say(`No camera: ${error.message}`); return; }
  $("camera").setAttribute("aria-pressed", "true");
  const video = make("video"), canvas = make("canvas");
  video.muted = true; video.srcObject = camera; await video.play();
  while (camera) {
    canvas.width = video.videoWidth; canvas.height = video.videoHeight;
    canvas.getContext("2d").drawImage(video, 0, 0);
    const blob = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", 0.9); });
    const sent = await submit("camera", blob, true);
    do await new Promise((done) => { setTimeout(done, 50); });
    while (camera && sent && (pictures.get(sent.number)?.stage ?? "waiting") === "waiting"); // one waits while one is encoded
  }
}
