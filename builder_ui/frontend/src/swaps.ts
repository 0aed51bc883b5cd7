// htmx under our policy: no eval, no injected styles, nothing of a page kept in the browser.
import htmx from "htmx.org";
import { announce, toast } from "./toasts";
import { say } from "./words";

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
    toast(say("No connection. Nothing was changed; try again in a moment."), { tone: "bad" }),
  );
  document.addEventListener("htmx:afterSettle", (event) => {
    const told = (event.target as Element).querySelector?.("[data-announce]")?.textContent;
    if (told) announce(told);
  });
}

// Who types on while an answer is under way must not lose letters when the answer replaces the
// field: the words go over into the new one. It then asks again, unless the answer was about these
// very words: letters typed before htmx listens to the new field (it does so when all has settled)
// are noticed too, and words that the server trims are not asked for over and over.
function keepTyping(): void {
  let asked = "";
  let held: { id: string; value: string; caret: number | null } | null = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    const field = searchInUse();
    held = field && { id: field.id, value: field.value, caret: field.selectionStart };
    if (field) asked = askedFor(field.name, (event as CustomEvent).detail);
  });
  document.addEventListener("htmx:afterSwap", () => {
    const field = held && document.getElementById(held.id);
    if (!held || !(field instanceof HTMLInputElement) || field.value === held.value) return;
    field.value = held.value;
    field.setSelectionRange(held.caret, held.caret);
  });
  document.addEventListener("htmx:afterSettle", () => {
    const field = searchInUse();
    if (held && field?.id === held.id && field.value !== asked)
      field.dispatchEvent(new Event("input", { bubbles: true }));
    held = null;
  });
}

function searchInUse(): HTMLInputElement | null {
  const field = document.activeElement;
  const searches = field instanceof HTMLInputElement && field.type === "search" && field.id !== "";
  return searches ? field : null;
}

function askedFor(name: string, { pathInfo }: { pathInfo: { finalRequestPath: string } }): string {
  return new URL(pathInfo.finalRequestPath, location.href).searchParams.get(name) ?? "";
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
  toast(refusalIn(xhr.responseText, xhr.status, xhr.getResponseHeader("X-Request-Id")), { tone: "bad" });
}

/** What a page that refuses something says of it. */
export function refusalIn(html: string, status: number, id: string | null): string {
  const page = new DOMParser().parseFromString(html, "text/html");
  const told = page.querySelector("h1")?.textContent?.trim() || say("The server answered %(status)s", { status });
  return id ? say("%(told)s. Request %(id)s.", { told, id }) : `${told}.`;
}
