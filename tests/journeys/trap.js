// Runs before anything else in a page: whatever a script of a stranger could do leaves a mark. (eval is the policy's.)
(() => {
  const caught = [];
  Object.defineProperty(window, "caught", { value: caught });
  for (const name of ["alert", "confirm", "prompt", "print", "open", "fetch", "postMessage"]) {
    const real = window[name];
    window[name] = (...told) => {
      caught.push(`${name}(${told.map(String).join().slice(0, 80)})`);
      return name === "fetch" ? real(...told) : undefined;
    };
  }
  Object.defineProperty(window, "own", { value: new Set([...Object.getOwnPropertyNames(window), "own"]) });
  document.addEventListener("securitypolicyviolation", (event) => {
    caught.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
  });
})();
