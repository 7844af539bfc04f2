/** Beside JupyterLab's own configuration. */
module.exports = {
  // Ajv's reader of addresses, of which options use none, is `addresses` of src/form/validator.ts.
  resolve: { alias: { 'fast-uri': false } },
  module: {
    rules: [
      // Stylesheets travel as text within scripts, where nothing else makes them smaller.
      {
        test: /\.css$/,
        enforce: 'pre',
        loader: 'builtin:lightningcss-loader',
        options: { minify: true }
      }
    ]
  }
};
