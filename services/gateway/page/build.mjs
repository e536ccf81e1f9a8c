// Builds the page into built/: assets with hashed names, index.html and manifest.json. With --watch after each change.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { build, context } from "esbuild";

const FOLDER = import.meta.dirname;
const BUILT = join(FOLDER, "built");
const FRESH = join(FOLDER, "built.new");

const watching = process.argv.includes("--watch");

const options = {
  absWorkingDir: FOLDER,
  entryPoints: { main: "src/main.tsx", icon: "src/icon.svg" },
  entryNames: "[name]-[hash]",
  outdir: "built/assets",
  bundle: true,
  // One classic script: the browser runs it before it paints anything, so the chosen theme is there from the start.
  format: "iife",
  target: "es2022",
  tsconfigRaw: { compilerOptions: { jsx: "react", jsxFactory: "h", jsxFragmentFactory: "Fragment" } },
  inject: ["jsx.mjs"],
  loader: { ".svg": "copy" },
  charset: "utf8",
  minify: !watching,
  sourcemap: watching ? "inline" : false,
  legalComments: "none",
  metafile: true,
  write: false,
  logLevel: "warning",
  plugins: [{ name: "publish", setup: ({ onEnd }) => onEnd(publish) }],
};

/** Write what was built beside its place and put it there whole, so that no server reads half of it. */
async function publish(result) {
  if (result.errors.length > 0) return;
  const names = Object.fromEntries(result.outputFiles.map((file) => [role(file.path), basename(file.path)]));
  const template = await readFile(join(FOLDER, "index.html"), "utf8");
  const version = createHash("sha256")
    .update(template + JSON.stringify(names))
    .digest("hex")
    .slice(0, 16);
  await rm(FRESH, { recursive: true, force: true });
  await mkdir(join(FRESH, "assets"), { recursive: true });
  for (const { path, contents } of result.outputFiles) {
    const target = join(FRESH, "assets", basename(path));
    await writeFile(target, contents);
    await writeFile(`${target}.gz`, gzipSync(contents, { level: 9 }));
  }
  await writeFile(join(FRESH, "licenses.txt"), await licenses(Object.keys(result.metafile.inputs)));
  await writeFile(join(FRESH, "index.html"), filled(template, { ...names, version }));
  await writeFile(join(FRESH, "manifest.json"), JSON.stringify({ version, assets: names }));
  await rm(BUILT, { recursive: true, force: true });
  await rename(FRESH, BUILT);
}

/** What a file is to the shell: script, style or icon. */
function role(path) {
  return { js: "script", css: "style", svg: "icon" }[path.split(".").at(-1)];
}

/** The template with the values; {{root}} is left for the server. */
function filled(template, values) {
  return template.replaceAll(/\{\{(\w+)\}\}/g, (placeholder, name) => values[name] ?? placeholder);
}

/** The licences of the libraries whose code was built in, one after the other. */
async function licenses(inputs) {
  const packages = new Set(inputs.map((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]));
  const texts = [...packages]
    .filter(Boolean)
    .sort()
    .map(async (name) => {
      const folder = join(FOLDER, "node_modules", name);
      const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
      if (!file) throw new Error(`${name} brings no licence text`);
      return `${name}\n\n${await readFile(join(folder, file), "utf8")}`;
    });
  return (await Promise.all(texts)).join("\n\n");
}

if (watching) await (await context(options)).watch();
else await build(options);
