/** As much of anywidget's model as is needed, and of what it takes a module to be. */

export interface IModel {
  get(name: string): unknown;
  on(event: 'msg:custom', call: (message: unknown, buffers: ReadonlyArray<DataView>) => void): void;
  on(event: `change:${string}`, call: () => void): void;
  send(message: unknown): void;
}

export interface IWidgetModule {
  initialize(of: { model: IModel }): () => void;
  render(of: { model: IModel; el: HTMLElement }): () => void;
}
