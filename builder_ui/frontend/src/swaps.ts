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
  document.addEventListener("htmx:sendError", () =>
    toast("No connection. Nothing was changed; try again in a moment.", { tone: "bad" }),
  );
  document.addEventListener("htmx:afterSettle", (event) => {
    const told = (event.target as Element).querySelector?.("[data-announce]")?.textContent;
    if (told) announce(told);
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
