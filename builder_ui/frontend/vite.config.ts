// Builds the browser code into ../static: hashed files, precompressed, and the manifest that
// builder_ui/shell/assets.py reads. Every file of src/pages/ is an entry of its own.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

const source = join(import.meta.dirname, "src");
// Read from above, because git keeps no empty folder and there may be no pages yet.
const pages = readdirSync(source, { recursive: true, encoding: "utf8" })
  .filter((name) => /^pages[/\\][^/\\]+\.ts$/.test(name))
  .map((name) => join(source, name));

// The server hands out the .gz beside a file, so it never compresses while somebody waits.
function precompressed(): Plugin {
  return {
    name: "precompressed",
    writeBundle(options, bundle) {
      for (const name of Object.keys(bundle).filter((name) => /\.(js|css|svg|txt)$/.test(name))) {
        const path = join(options.dir ?? "", name);
        writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
      }
    },
  };
}

// The icon of the browser tab belongs to no module, but wants a hashed name like all the others.
function tabIcon(): Plugin {
  return {
    name: "tab-icon",
    buildStart() {
      const path = join(source, "icon.svg");
      const icon = readFileSync(path);
      this.emitFile({ type: "asset", name: "icon.svg", originalFileName: "src/icon.svg", source: icon });
    },
  };
}

// The policy forbids data: addresses; what Swagger UI draws with them, our own rules draw instead.
function withoutDataAddresses(): Plugin {
  return {
    name: "without-data-addresses",
    generateBundle(_options, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type !== "asset" || !file.fileName.endsWith(".css")) continue;
        file.source = String(file.source).replace(/url\((?:"data:(?:[^"\\]|\\.)*"|'data:(?:[^'\\]|\\.)*'|data:[^)]*)\)/g, "none");
      }
    },
  };
}

// Most licences want their text beside what is shipped: one file with that of every package in it.
function licences(): Plugin {
  const file = (folder: string): string | undefined =>
    readdirSync(folder).find((name) => /^licen[cs]e(\.|$)/i.test(name));
  return {
    name: "licences",
    generateBundle() {
      const folders = [...this.getModuleIds()]
        .map((id) => /^.*[/\\]node_modules[/\\](?:@[^/\\]+[/\\])?[^/\\]+/.exec(id.replace(/^\0/, ""))?.[0])
        .filter((folder) => folder !== undefined && existsSync(join(folder, "package.json")));
      const texts = [...new Set(folders as string[])].sort().map((folder) => {
        const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
        const found = file(folder);
        const text = found ? readFileSync(join(folder, found), "utf8") : "";
        return `${name} ${version} (${license})\n\n${text.trim()}\n`;
      });
      const source = texts.join(`\n${"-".repeat(72)}\n\n`);
      this.emitFile({ type: "asset", name: "licences.txt", originalFileName: "src/licences.txt", source });
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  base: "/static/",
  publicDir: false,
  plugins: [tabIcon(), withoutDataAddresses(), licences(), precompressed()],
  build: {
    outDir: "../static",
    emptyOutDir: true,
    manifest: "manifest.json",
    // The content security policy forbids data: addresses, so nothing may be inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: ["chrome125", "firefox128", "safari17.5"],
    rolldownOptions: {
      // htmx holds an eval that allowEval: false never reaches, and the policy would refuse; what
      // React Flow says to servers that render is nothing to us.
      checks: { eval: false, moduleLevelDirective: false },
      input: [
        join(source, "portal.ts"),
        join(source, "styles/portal.css"),
        join(source, "styles/statechart.css"),
        join(source, "styles/dashboard.css"),
        join(source, "styles/reference.css"),
        join(source, "styles/explorer.css"),
        ...pages,
      ],
      output: {
        entryFileNames: "[name]-[hash].js",
        chunkFileNames: "[name]-[hash].js",
        assetFileNames: "[name]-[hash][extname]",
      },
    },
  },
});
