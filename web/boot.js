// Starts the app. A file of its own, so that the page's policy needs no exception for inline scripts.
import init from "./app.js";

try {
  await init({ module_or_path: new URL("app_bg.wasm", import.meta.url) });
} catch (error) {
  const message = document.createElement("p");
  message.setAttribute("role", "alert");
  message.textContent = `Snaptape could not start: ${error}. It needs a browser with WebAssembly and workers.`;
  document.body.prepend(message);
  throw error;
}
