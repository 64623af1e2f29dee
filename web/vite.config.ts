import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

/** The oldest browsers that the pages are promised for. */
const floor = ['chrome109', 'firefox115', 'safari15.6'];

const compressible = /\.(html|js|css|svg)$/;

/**
 * Leaves a .br and a .gz beside each text file, so that the server compresses nothing that it serves a thousand times.
 * dist is emptied by hand: its committed index.html, which stands in for pages that were never built, must stay.
 */
function precompress(): Plugin {
  let dist = '';
  return {
    name: 'navette-precompress',
    apply: 'build',
    configResolved(config) {
      dist = config.build.outDir;
    },
    async buildStart() {
      for (const name of await readdir(dist)) {
        if (name !== 'index.html') await rm(join(dist, name), { recursive: true });
      }
    },
    async closeBundle() {
      const names = await readdir(dist, { recursive: true });
      await Promise.all(
        names.filter((name) => compressible.test(name) && name !== 'index.html').map((name) => pack(join(dist, name))),
      );
    },
  };
}

async function pack(path: string): Promise<void> {
  const text = await readFile(path);
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
  await writeFile(`${path}.br`, await promisify(brotliCompress)(text, quality));
  await writeFile(`${path}.gz`, await promisify(gzip)(text, { level: 9 }));
}

export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  plugins: [precompress()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: join(import.meta.dirname, 'dist'),
    emptyOutDir: false,
    target: floor,
    cssTarget: floor, // what is younger, as light-dark(), is written in older terms by the build
    cssMinify: 'lightningcss',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      input: ['portal.html', 'composants.html'],
      checks: { pluginTimings: false }, // a slow machine is no fault of a plugin
    },
  },
  test: { include: ['src/**/*.test.ts', 'src/**/*.test.tsx', 'test/**/*.test.ts'] },
} as Parameters<typeof defineConfig>[0]);
