/** The widget for front ends other than JupyterLab: one module and its style. */
import path from 'node:path';
import { defineConfig } from 'vite';

export default defineConfig({
  root: path.resolve(import.meta.dirname, '..'),
  build: {
    target: 'es2022',
    outDir: 'python/dasklab/static',
    emptyOutDir: true,
    lib: {
      entry: 'src/widget/index.ts',
      formats: ['es'],
      fileName: () => 'widget.js',
      cssFileName: 'widget'
    }
  }
});
