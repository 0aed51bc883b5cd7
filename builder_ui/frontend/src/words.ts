// Sentences of scripts, in the language of the page: where that is not English it brings their
// translations in a block. `say("…")` and `sayOf(count, "…", "…")` are found by the extraction, so
// the sentences stand there in full, in double quotes.
type Values = Record<string, string | number>;

const block = document.getElementById("words");
const translations = (block ? JSON.parse(block.textContent ?? "{}") : {}) as Record<string, string>;

export function say(sentence: string, values: Values = {}): string {
  return (translations[sentence] ?? sentence).replace(/%\((\w+)\)s/g, (_, name: string) => String(values[name]));
}

/** In the form that English has for the count. */
export function sayOf(count: number, one: string, several: string, values: Values = {}): string {
  return say(count === 1 ? one : several, { count, ...values });
}
