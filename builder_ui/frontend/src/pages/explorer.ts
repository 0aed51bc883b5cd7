// The explorer of the API: Swagger UI on its own page, reading our own document, sending nothing
// anywhere but here.
import SwaggerUI from "swagger-ui-dist/swagger-ui-es-bundle.js";

const place = document.getElementById("explorer")!;

SwaggerUI({
  domNode: place,
  url: place.dataset["document"]!,
  // Tokens are of ten minutes: nothing of them is kept in the browser.
  persistAuthorization: false,
  // Its own deep links warn about underscores; ours is the operation's id behind the #.
  deepLinking: false,
  docExpansion: "list",
  defaultModelsExpandDepth: -1,
  tryItOutEnabled: true,
  validatorUrl: null,
});

let wanted = location.hash.slice(1);

function openWanted(): void {
  const found = wanted && place.querySelector(`[id$="-${CSS.escape(wanted)}"]`);
  if (!found) return;
  wanted = "";
  found.querySelector<HTMLElement>(".opblock-summary-control")?.click();
  found.scrollIntoView();
}

// What it leaves without a name, or says twice, is mended for who cannot see how it looks.
const each = <Found extends Element>(selector: string, mend: (found: Found) => void): void =>
  place.querySelectorAll<Found>(selector).forEach(mend);

function mend(): void {
  openWanted();
  each<HTMLElement>(".scheme-container", (bar) => {
    bar.setAttribute("role", "region");
    bar.setAttribute("aria-label", "Server and token");
  });
  each<HTMLElement>("h3", (title) => title.setAttribute("aria-level", "2"));
  each<HTMLElement>("h4, h5", (title) => title.setAttribute("aria-level", "3"));
  // A link inside a button: the button opens the operation, and its address is known already.
  each<HTMLElement>(".opblock-summary a[href], .opblock-tag a[href]", (link) => link.removeAttribute("href"));
  each<HTMLElement>("select:not([aria-label])", (select) => select.setAttribute("aria-label", nameOf(select)));
  each<HTMLElement>("textarea:not([aria-label])", (text) => text.setAttribute("aria-label", nameOf(text)));
  // What scrolls is reached by keyboard.
  each<HTMLElement>("pre:not([tabindex])", (text) => text.setAttribute("tabindex", "0"));
  each<HTMLElement>(".close-modal", (button) => button.setAttribute("aria-label", "Close"));
  // What can be read on a button is what voice control calls it.
  each<HTMLElement>(".btn[aria-label]:not(.close-modal)", (button) => button.removeAttribute("aria-label"));
}

function nameOf(field: HTMLElement): string {
  if (field.closest(".servers")) return "Server";
  if (field.closest(".content-type-wrapper, .body-param-content-type, .response-control-media-type"))
    return "Media type";
  return field.closest("tr")?.getAttribute("data-param-name") ?? (field.matches("textarea") ? "Body" : "Value");
}

new MutationObserver(mend).observe(place, { childList: true, subtree: true });
