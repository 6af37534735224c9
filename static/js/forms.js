// Forms: how many characters are left, empty rows shown one at a time, the error summary in view, no double sending.

const language = document.documentElement.lang;
const asNumber = new Intl.NumberFormat(language);

function showWhatIsLeft(field, note) {
  const left = Number(field.dataset.limit) - [...field.value].length;
  note.classList.toggle("field__limit--near", left >= 0 && left < Number(field.dataset.limit) * 0.1);
  note.classList.toggle("field__limit--over", left < 0);
  const words = left < 0 ? note.dataset.over : note.dataset.left;
  note.textContent = words.replace("{n}", asNumber.format(Math.abs(left)));
}

for (const field of document.querySelectorAll("[data-limit]")) {
  const note = document.getElementById(`${field.id}-limit`);
  if (note) field.addEventListener("input", () => showWhatIsLeft(field, note));
}

// Without script all the empty rows are there; with it, one, and a button for the next.
for (const list of document.querySelectorAll("[data-rows]")) {
  const isEmpty = (row) => !row.querySelector("input, textarea").value;
  const spare = [...list.children].filter(isEmpty).slice(1);
  if (spare.length === 0) continue;
  for (const row of spare) row.hidden = true;
  const more = document.createElement("button");
  more.type = "button";
  more.className = "button button--quiet button--small";
  more.textContent = list.dataset.add;
  more.addEventListener("click", () => {
    const row = spare.shift();
    row.hidden = false;
    row.querySelector("input, textarea").focus();
    more.hidden = spare.length === 0;
  });
  list.after(more);
}

document.getElementById("error-summary")?.focus();

// A second press within a moment is the same press. The server would notice too; this spares the wait.
for (const form of document.querySelectorAll("form[method=post]")) {
  let sentAt = 0;
  form.addEventListener("submit", (event) => {
    if (event.timeStamp - sentAt < 3000 && sentAt) event.preventDefault();
    else sentAt = event.timeStamp;
  });
}
