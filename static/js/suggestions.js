// Suggestions under the search box, a combobox as the ARIA practices describe it: arrows move through the list, Enter
// takes what is marked, Escape closes, Home and End go back to the words. Without script the box is a plain form.
// What is taken is looked for among everything: a theme, an organisation or a place as a choice, the rest by its words.

const PAUSE = 120; // milliseconds after a key, so that not every letter asks
const asNumber = new Intl.NumberFormat(document.documentElement.lang);

class Suggestions {
  constructor(form) {
    this.form = form;
    this.input = form.querySelector("input[name=q]");
    this.list = made("ul", { id: "suggestions", role: "listbox", class: "suggestions", hidden: "", "aria-label": form.dataset.label });
    this.status = made("p", { role: "status", class: "visually-hidden" });
    this.known = new Map(); // what was asked since the page was opened
    this.input.type = "text"; // a search field may not be a combobox
    set(this.input, { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id });
    form.append(this.list, this.status);
    this.input.addEventListener("input", () => this.later());
    this.input.addEventListener("keydown", (event) => this.press(event));
    this.input.addEventListener("blur", () => this.close());
    this.list.addEventListener("pointerdown", (event) => event.preventDefault()); // the box keeps the focus
    this.list.addEventListener("click", (event) => this.take(event.target.closest("[role=option]")));
  }

  later() {
    this.mark(null);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), PAUSE);
  }

  async ask() {
    this.asking?.abort();
    const typed = this.input.value.trim();
    if (!typed) return this.close();
    if (!this.known.has(typed)) {
      this.asking = new AbortController();
      try {
        const address = `${this.form.dataset.suggestions}&q=${encodeURIComponent(typed.slice(0, 200))}`;
        const answer = await fetch(address, { signal: this.asking.signal, credentials: "omit" });
        if (!answer.ok) return this.close();
        this.known.set(typed, (await answer.json()).suggestions);
      } catch {
        return; // a newer key was pressed, or there is no connection: searching itself will say so
      }
    }
    if (document.activeElement === this.input && this.input.value.trim() === typed) this.show(this.known.get(typed));
  }

  show(suggestions) {
    this.close();
    if (!suggestions.length) return;
    this.list.replaceChildren(...suggestions.map((each, number) => this.option(each, number)));
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.status.textContent = this.form.dataset.found.replace("{n}", asNumber.format(suggestions.length));
  }

  option({ text, kind, language, value }, number) {
    const option = made("li", { id: `suggestion-${number}`, role: "option", "aria-selected": "false" });
    const words = made("span", { class: "user-text", dir: "auto", ...(language && { lang: language }) });
    words.textContent = text;
    option.append(words);
    const foreign = language && language !== document.documentElement.lang;
    const name = foreign ? this.form.getAttribute(`data-in-${language}`) : this.form.dataset[kind];
    const label = made("span", { class: "suggestions__kind", ...(foreign && { lang: language, dir: "auto" }) });
    if (name) option.append(" ", Object.assign(label, { textContent: name }));
    Object.assign(option.dataset, { text, name: value ? kind : "q", value: value || text });
    return option;
  }

  close() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.mark(null);
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.status.textContent = "";
  }

  mark(option) {
    this.marked?.setAttribute("aria-selected", "false");
    this.marked = option;
    if (!option) return this.input.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", option.id);
  }

  press(event) {
    if (event.isComposing || event.ctrlKey || event.metaKey) return; // Enter may only end a syllable
    const open = !this.list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (event.altKey && event.key === "ArrowUp") this.close();
      else if (open && !event.altKey) this.move(event.key === "ArrowDown" ? 1 : -1);
      else if (!open) this.ask();
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      this.close();
    } else if (event.key === "Enter" && open && this.marked) {
      event.preventDefault();
      this.take(this.marked);
    } else if (event.key === "Home" || event.key === "End" || event.key === "ArrowLeft" || event.key === "ArrowRight") {
      this.mark(null);
    } else if (event.key === "Enter") {
      this.close();
    }
  }

  // Through the list and, between its end and its beginning, the words themselves.
  move(by) {
    const places = [null, ...this.list.children];
    const at = places.indexOf(this.marked ?? null) + by;
    this.mark(places.at(at % places.length));
  }

  take(option) {
    if (!option) return;
    const { text, name, value } = option.dataset;
    this.input.value = text;
    this.close();
    location.assign(`${this.form.action}?${new URLSearchParams({ [name]: value })}`);
  }
}

function made(tag, attributes) {
  return set(document.createElement(tag), attributes);
}

function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

document.querySelectorAll("form[data-suggestions]").forEach((form) => new Suggestions(form));
