// What every page of the portal loads: each module watches the document by delegation, so parts
// that arrive later by htmx work without being told.
import { startBell } from "./bell";
import { startCombobox } from "./combobox";
import { startCopy } from "./copy";
import { startDialogs } from "./dialogs";
import { startEditing } from "./editing";
import { startFileDrop } from "./filedrop";
import { startForms } from "./forms";
import { startMenus } from "./menus";
import { startNews } from "./news";
import { startPalette } from "./palette";
import { startRecent } from "./recent";
import { startShortcuts } from "./shortcuts";
import { startStream } from "./stream";
import { startSwaps } from "./swaps";
import { startTables } from "./tables";
import { startTheme } from "./theme";
import { startToasts } from "./toasts";

document.documentElement.classList.add("scripted");
startSwaps();
startToasts();
startDialogs();
startMenus();
startForms();
startFileDrop();
startCombobox();
startCopy();
startTables();
startEditing();
startShortcuts();
startPalette();
startRecent();
startTheme();
startNews();
startBell();
startStream();
