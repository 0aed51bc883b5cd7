// htmx under our policy: no eval, no injected styles, nothing of a page kept in the browser.
import htmx from "htmx.org";
import { announce, toast } from "./toasts";

export function startSwaps(): void {
  Object.assign(htmx.config, {
    allowEval: false,
    includeIndicatorStyles: false,
    selfRequestsOnly: true,
    // Pages hold other people's orders: Back asks the server again instead of local storage.
    historyCacheSize: 0,
    refreshOnHistoryMiss: true,
    scrollIntoViewOnBoost: false,
    responseHandling: [
      { code: "204", swap: false },
      { code: "[23]..", swap: true },
      { code: "422", swap: true },
      { code: "[45]..", swap: false, error: true },
    ],
  });
  document.addEventListener("htmx:configRequest", dropEmptyParameters);
  document.addEventListener("htmx:responseError", tellRefusal);
  keepTyping();
  document.addEventListener("htmx:sendError", () =>
    toast("No connection. Nothing was changed; try again in a moment.", { tone: "bad" }),
  );
  document.addEventListener("htmx:afterSettle", (event) => {
    const told = (event.target as Element).querySelector?.("[data-announce]")?.textContent;
    if (told) announce(told);
  });
}

// Who types on while an answer is under way must not lose letters when the answer replaces the
// field: the words go over into the new one, which then asks again.
function keepTyping(): void {
  let held: { id: string; value: string; caret: number | null } | null = null;
  document.addEventListener("htmx:beforeSwap", () => {
    const field = document.activeElement;
    held =
      field instanceof HTMLInputElement && field.type === "search" && field.id
        ? { id: field.id, value: field.value, caret: field.selectionStart }
        : null;
  });
  document.addEventListener("htmx:afterSwap", () => {
    const field = held && document.getElementById(held.id);
    if (!held || !(field instanceof HTMLInputElement) || field.value === held.value) held = null;
    else {
      field.value = held.value;
      field.setSelectionRange(held.caret, held.caret);
    }
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (held) document.getElementById(held.id)?.dispatchEvent(new Event("input", { bubbles: true }));
    held = null;
  });
}

// ?q=&status= says nothing: an address people share holds only what they chose.
function dropEmptyParameters(event: Event): void {
  const { verb, formData } = (event as CustomEvent).detail as { verb: string; formData: FormData };
  if (verb !== "get") return;
  for (const [name, value] of [...formData.entries()]) if (value === "") formData.delete(name);
}

function tellRefusal(event: Event): void {
  const { xhr } = (event as CustomEvent).detail as { xhr: XMLHttpRequest };
  if (xhr.status === 401) {
    location.reload();
    return;
  }
  const id = xhr.getResponseHeader("X-Request-Id");
  const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
  const told = page.querySelector("h1")?.textContent?.trim() || `The server answered ${xhr.status}`;
  toast(id ? `${told}. Request ${id}.` : `${told}.`, { tone: "bad" });
}
