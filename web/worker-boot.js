// Starts the worker: `new Worker("worker-boot.js")`. A classic script, because that is what trunk builds workers for.
importScripts("worker.js");

wasm_bindgen({ module_or_path: "worker_bg.wasm" }).catch((error) => {
  // Thrown outside the promise, it reaches `onerror` of the page's Worker.
  setTimeout(() => {
    throw error;
  });
});
