// Starts the program, for the page and in its workers: `new Worker("boot.js", { name: "look" })`. A file of its own, so that the
// page's policy needs no exception for inline scripts.
import init from "./snaptape.js";

try {
  await init({ module_or_path: new URL("snaptape_bg.wasm", import.meta.url) });
} catch (error) {
  if (globalThis.document) {
    const message = document.createElement("p");
    message.setAttribute("role", "alert");
    message.textContent = `Snaptape could not start: ${error}. It needs a browser with WebAssembly and workers.`;
    document.body.prepend(message);
  }
  // In a worker, it reaches `onerror` of the page's Worker.
  throw error;
}
