// Writing: before a page with unsaved words is left, the browser asks. Pressing one of the form's own buttons saves them.

for (const form of document.querySelectorAll("[data-unsaved]")) {
  let unsaved = form.dataset.unsaved !== "";
  form.addEventListener("input", () => { unsaved = true; });
  form.addEventListener("submit", () => { unsaved = false; });
  window.addEventListener("beforeunload", (event) => {
    if (unsaved) event.preventDefault();
  });
}
