// Follows the customer of this page: when the server tells of a change, the content is fetched again and put in place.
"use strict";
(() => {
  const main = document.getElementById("main");
  const note = document.getElementById("live");
  let known = Number(note.dataset.last);
  let isLoading = false;
  let isOutdated = false;

  // What the keyboard stops at: the place of the focus among them is kept.
  const stops = () => [...main.querySelectorAll("a, button, summary, [tabindex]")];

  function replace(fresh) {
    const focused = stops().indexOf(document.activeElement);
    const opened = [...main.querySelectorAll("figure:has(details[open])")].map((figure) => figure.id);
    for (const child of [...main.children]) {
      if (child !== note) child.remove();
    }
    main.append(...[...fresh.children].filter((child) => child.id !== "live"));
    for (const id of opened) {
      document.getElementById(id)?.querySelector("details")?.setAttribute("open", "");
    }
    if (focused >= 0) stops()[focused]?.focus({ preventScroll: true });
  }

  async function refresh() {
    isOutdated = true;
    if (isLoading) return;
    isLoading = true;
    try {
      while (isOutdated) {
        isOutdated = false;
        const answer = await fetch(location.href, { headers: { accept: "text/html" } });
        if (!answer.ok) {
          source.close();
          note.textContent = "This customer cannot be shown any more.";
          return;
        }
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        replace(page.getElementById("main"));
        note.textContent = `Live. Updated at ${new Date().toLocaleTimeString()}.`;
      }
    } catch {
      note.textContent = "Not up to date: the server cannot be reached.";
    } finally {
      isLoading = false;
    }
  }

  const source = new EventSource(note.dataset.events);
  source.addEventListener("open", () => {
    note.textContent = "Live: this page follows the customer.";
  });
  source.addEventListener("error", () => {
    const isOver = source.readyState === EventSource.CLOSED;
    note.textContent = isOver ? "Not live: look again to see changes." : "Not live: trying to reach the server.";
  });
  // A stream begins with all changes of the past; those that the page shows are no news.
  source.addEventListener("microseg.segment.changed", (event) => {
    const sequence = Number(event.lastEventId);
    if (sequence <= known) return;
    known = sequence;
    refresh();
  });
  source.addEventListener("microseg.transactions.changed", refresh);
})();
