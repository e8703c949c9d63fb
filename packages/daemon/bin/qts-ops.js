#!/usr/bin/env node
var v = process.versions.node.split('.').map(Number);
if (v[0] < 24 || (v[0] === 24 && v[1] < 15)) {
  process.stderr.write(
    `qts-ops needs Node.js 24.15 or newer; this is ${process.version} (${process.execPath}).\n`,
  );
  process.exit(1);
}
void import('node:module').then((module) => {
  module.enableCompileCache();
  return import('../dist/main.js').then((m) => m.main(process.argv.slice(2)));
});
