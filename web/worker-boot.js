// Starts a program in a worker: `new Worker("worker-boot.js", { name: "look" })`. A classic script, because that is what
// trunk builds workers for.
importScripts(`${self.name}.js`);

wasm_bindgen({ module_or_path: `${self.name}_bg.wasm` }).catch((error) => {
  // Thrown outside the promise, it reaches `onerror` of the page's Worker.
  setTimeout(() => {
    throw error;
  });
});
