// The language of examples that was chosen last is chosen on the next page too.
const KEPT = "reference-language";
const choices = [...document.querySelectorAll<HTMLInputElement>(".languages input")];

const last = choices.find((choice) => choice.value === sessionStorage.getItem(KEPT));
if (last) last.checked = true;
for (const choice of choices)
  choice.addEventListener("change", () => sessionStorage.setItem(KEPT, choice.value));
