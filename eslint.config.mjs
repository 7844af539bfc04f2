import js from '@eslint/js';
import jupyter from '@jupyter/eslint-plugin';
import prettier from 'eslint-config-prettier';
import { defineConfig } from 'eslint/config';
import globals from 'globals';
import tseslint from 'typescript-eslint';

/**
 * Who may import whom: index → plugins → outputs → panel → form → clusters → api; `ui` serves those with a
 * face; plugins | panel | widget → plots → plot → telemetry.
 */
const APPLICATION = {
  group: ['@jupyterlab/application'],
  message: 'Only plugins know the application.'
};
const LAYERS = {
  api: ['clusters', 'ui', 'form', 'panel', 'outputs', 'plugins', 'tokens', 'index'],
  clusters: ['ui', 'form', 'panel', 'outputs', 'plugins', 'tokens', 'index'],
  ui: ['clusters', 'form', 'panel', 'outputs', 'plugins', 'tokens', 'index'],
  form: ['panel', 'outputs', 'plugins', 'tokens', 'index'],
  panel: ['outputs', 'plugins', 'tokens', 'index'],
  outputs: ['plugins', 'tokens', 'index'],
  plugins: ['index']
};
/** Free of Jupyter and React, because they are drawn in notebooks' outputs too. */
const PLAIN = {
  telemetry: [
    'api',
    'clusters',
    'form',
    'outputs',
    'panel',
    'plot',
    'plots',
    'plugins',
    'tokens',
    'ui',
    'widget'
  ],
  plot: ['api', 'clusters', 'form', 'outputs', 'panel', 'plots', 'plugins', 'tokens', 'widget'],
  plots: ['api', 'clusters', 'form', 'outputs', 'panel', 'plugins', 'tokens', 'ui', 'widget'],
  widget: ['api', 'clusters', 'form', 'outputs', 'panel', 'plugins', 'tokens', 'ui']
};
const REACT = { group: ['react', 'react-dom'], message: 'No React beneath the panel.' };

const layers = Object.entries(LAYERS).map(([layer, above]) => ({
  files: [`src/${layer}/**/*.{ts,tsx}`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          ...(layer === 'plugins' ? [] : [APPLICATION]),
          ...(layer === 'api' || layer === 'clusters' ? [REACT] : []),
          {
            group: above.flatMap(name => [`../${name}`, `../${name}/*`]),
            message: `Nothing in ${layer}/ may import a layer above it.`
          }
        ]
      }
    ]
  }
}));

const plain = Object.entries(PLAIN).map(([layer, others]) => ({
  files: [`src/${layer}/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            group: ['@jupyterlab/*', '@lumino/*', 'react', 'react-dom'],
            message: 'Telemetry and plots are free of Jupyter and React.'
          },
          {
            // Of what is beside it the engine knows only how numbers are written.
            group:
              layer === 'plot'
                ? [
                    ...others.flatMap(name => [`../${name}`, `../${name}/*`]),
                    '../ui/*',
                    '!../ui/units'
                  ]
                : others.flatMap(name => [`../${name}`, `../${name}/*`]),
            message: `Nothing of that belongs into ${layer}/.`
          }
        ]
      }
    ],
    // They are loaded as a whole, with the first plot; nothing within them is worth a chunk.
    'jupyter/prefer-lazy-imports': 'off'
  }
}));

export default defineConfig([
  {
    ignores: [
      '**/node_modules',
      'labextension/lib',
      'labextension/dist',
      'python',
      'benchmarks',
      'binder',
      'tests/fixtures',
      'test-results',
      '.venv',
      '.yarn'
    ]
  },
  js.configs.recommended,
  tseslint.configs.recommended,
  { plugins: { jupyter } },
  jupyter.configs.recommended,
  {
    files: ['src/**/*.{ts,tsx}'],
    languageOptions: {
      globals: globals.browser,
      parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname }
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { args: 'none' }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // Panes load when one opens. The model and the sidebar's content (some 30 kB together) are
      // there from the start: they are what is wanted at once.
      'jupyter/prefer-lazy-imports': [
        'error',
        {
          ignoreImports: [
            '../api/*',
            '../clusters/*',
            '../outputs/output',
            '../outputs/payload',
            '../panel/model',
            '../panel/sidebar',
            '../telemetry/attention',
            '../ui/*',
            './connect-code',
            './kernel',
            './panel-actions',
            './panes',
            './pick'
          ]
        }
      ],
      curly: ['error', 'all'],
      eqeqeq: 'error',
      'max-lines': ['error', { max: 300 }],
      'no-console': 'error'
    }
  },
  ...layers,
  ...plain,
  {
    // What is written here nobody translates.
    files: ['tests/**/*.{ts,tsx}'],
    languageOptions: { globals: { ...globals.browser, ...globals.node } },
    rules: {
      'jupyter/no-untranslated-string': 'off',
      'no-restricted-properties': [
        'error',
        { property: 'waitForTimeout', message: 'Wait for what you expect, not for a while.' }
      ]
    }
  },
  {
    // These ask for the helpers of Galata, JupyterLab's own test framework, which is not used.
    files: ['tests/ui/**/*.ts'],
    rules: {
      'jupyter/galata-prefer-context-menu-helper': 'off',
      'jupyter/galata-prefer-filebrowser-helper': 'off',
      'jupyter/galata-prefer-menu-helper': 'off',
      'jupyter/galata-prefer-notebook-cell-helper': 'off',
      'jupyter/galata-prefer-sidebar-activity-helper': 'off'
    }
  },
  { files: ['*.mjs', '*.mts', '**/*.cjs'], languageOptions: { globals: globals.node } },
  prettier
]);
