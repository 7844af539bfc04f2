/** Beside JupyterLab's own configuration: Ajv's reader of addresses, of which options use none. */
module.exports = {
  // In its place stands `addresses` of src/form/validator.ts.
  resolve: { alias: { 'fast-uri': false } }
};
