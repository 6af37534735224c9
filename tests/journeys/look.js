// What is wrong with the page as it stands: foreign machinery, words outside their box, things that cover others.
(() => {
  const problems = [...window.caught];
  const say = (what, where) => problems.push(`${what}: ${(where.outerHTML ?? where.textContent).slice(0, 160)}`);
  const own = location.origin;

  for (const name of Object.getOwnPropertyNames(window)) {
    if (!window.own.has(name) && !/^\d+$/.test(name) && name !== "__playwright_builtins__") problems.push(`new in window: ${name}`);
  }
  const MACHINERY = "iframe, frame, frameset, object, embed, applet, base, style, img, video, audio, source, math, meta[http-equiv]";
  for (const element of document.querySelectorAll(MACHINERY)) say("machinery", element);
  for (const script of document.scripts) {
    if (!script.src.startsWith(`${own}/static/`) || script.textContent) say("script", script);
  }
  for (const svg of document.querySelectorAll("svg")) if (!svg.matches("[class]")) say("svg", svg);
  for (const element of document.querySelectorAll("*")) {
    for (const { name, value } of element.attributes) {
      if (name.startsWith("on") || name === "style") say(`attribute ${name}`, element);
      if (/^(href|src|action|formaction|data|xlink:href|ping|srcset)$/.test(name)) {
        if (!URL.canParse(value, location.href)) continue; // a browser leads nowhere from such an address
        const scheme = new URL(value, location.href).protocol;
        if (!["http:", "https:", "mailto:"].includes(scheme)) say(`address ${scheme}`, element);
        if (!value.startsWith("/") && !value.startsWith(own) && name !== "href" && value) say("foreign address", element);
      }
    }
  }
  for (const element of document.querySelectorAll(".prose *")) {
    for (const { name } of element.attributes) {
      if (!["href", "lang", "dir", "colspan", "rowspan", "rel"].includes(name)) say(`prose with ${name}`, element);
    }
  }

  const page = document.scrollingElement;
  const width = page.clientWidth;
  if (page.scrollWidth > width) problems.push(`the page is ${page.scrollWidth} wide in ${width}`);
  if (!document.querySelector("main") || !document.querySelector(".footer")) return [...problems, "head, middle or foot is gone"];
  const box = (selector) => document.querySelector(selector).getBoundingClientRect();
  const [head, main, foot] = [box(".masthead"), box("main"), box(".footer")];
  const near = (one, other) => Math.abs(one - other) <= 2;
  if (!near(head.left, 0) || !near(head.width, width)) problems.push("the head does not stand where it should");
  if (!near(foot.left, 0) || !near(foot.width, width)) problems.push("the foot does not stand where it should");
  if (main.top < head.bottom - 1 || main.bottom > foot.top + 1) problems.push("the middle covers head or foot");
  if (!near(foot.bottom + window.scrollY, page.scrollHeight)) problems.push("something stands below the foot");

  const clipped = (element) => {
    for (let at = element; at && at.tagName !== "MAIN"; at = at.parentElement) {
      if (getComputedStyle(at).overflowX !== "visible") return true;
    }
    return false;
  };
  const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  while (texts.nextNode()) {
    const text = texts.currentNode;
    if (!text.data.trim() || !text.parentElement.checkVisibility()) continue;
    range.selectNodeContents(text);
    const rect = range.getBoundingClientRect();
    if (!rect.width || (rect.left >= 0 && rect.right <= width + 1 && rect.top >= main.top - 4 && rect.bottom <= main.bottom + 4)) continue;
    if (!clipped(text.parentElement)) say(`text from ${rect.left} to ${rect.right}, ${rect.top} to ${rect.bottom}`, text);
  }

  for (const thing of document.querySelectorAll("header a, header summary, footer a, .desk a, main form button")) {
    if (!thing.checkVisibility({ checkVisibilityCSS: true }) || thing.matches(".skip-link")) continue;
    thing.scrollIntoView({ block: "center", behavior: "instant" });
    const rect = thing.getClientRects()[0];
    if (!rect) continue;
    const hit = document.elementFromPoint(rect.left + rect.width / 2, rect.top + rect.height / 2);
    if (!hit || !(thing.contains(hit) || hit.contains(thing) || hit.closest("details[open], .form__end"))) say("covered", thing);
  }
  window.scrollTo(0, 0);
  return problems;
})();
