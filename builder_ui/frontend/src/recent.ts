// What was looked at last, for the palette. Ids alone, in the memory of this tab: what they are
// called the server says each time, to who may see it. A page for strangers forgets all.

const KEPT = 8;
const PLACE = "wareflow-recent";

export function startRecent(): void {
  if (!document.querySelector("dialog#palette")) {
    sessionStorage.removeItem(PLACE);
    return;
  }
  note();
  document.addEventListener("htmx:pushedIntoHistory", note);
}

export const recentIds = (): string[] => (sessionStorage.getItem(PLACE) ?? "").split(",").filter(Boolean);

function note(): void {
  const id = /\/([a-z]{3}_[0-9a-z]{26})$/.exec(location.pathname)?.[1];
  if (!id) return;
  const ids = [id, ...recentIds().filter((each) => each !== id)];
  sessionStorage.setItem(PLACE, ids.slice(0, KEPT).join(","));
}
