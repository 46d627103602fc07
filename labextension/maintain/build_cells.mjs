// Bundles the view library into the one file that an anywidget needs, with its style sheet beside it.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rspack } from '@rspack/core';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const out = resolve(root, '../widgets/chunkscope_widgets/static');

const compiler = rspack({
  mode: 'production',
  devtool: false,
  entry: resolve(root, 'lib/widgets/src/cell.js'),
  experiments: { outputModule: true },
  output: { path: out, filename: 'cell.js', library: { type: 'module' }, module: true },
  target: ['web', 'es2022']
});
compiler.run((error, stats) => {
  if (error || stats.hasErrors()) {
    console.error(error ?? stats.toString({ all: false, errors: true }));
    process.exitCode = 1;
    return;
  }
  mkdirSync(out, { recursive: true });
  // the panel's own list; what is the panel's alone lies beside it
  const list = readFileSync(resolve(root, 'style/index.css'), 'utf8');
  const sheets = [...list.matchAll(/widgets\/style\/\w+\.css/g)].map(([path]) => readFileSync(resolve(root, '..', path), 'utf8'));
  writeFileSync(resolve(out, 'cell.css'), sheets.join('\n'));
  console.log(`cell.js and cell.css are in ${out}`);
});
