/** A double of the websocket of telemetry: it sends what the test says, to whoever asks. */
import type { Page, WebSocketRoute } from '@playwright/test';
import type { Wire } from '../ts/builders';

export class TelemetryDouble {
  /** What every hello asked for, in order. */
  readonly hellos: Wire[] = [];
  /** Frames that a reader gets who has nothing yet. */
  frames: ArrayBuffer[] = [];
  /** Frames that were allowed and not yet sent. */
  credit = 0;

  /** Connections that are open. */
  get open(): number {
    return this._sockets.size;
  }

  async install(page: Page): Promise<void> {
    await page.routeWebSocket(/\/dasklab\/api\/clusters\/[^/]+\/telemetry/, socket => {
      this._sockets.add(socket);
      socket.onClose(() => {
        this._sockets.delete(socket);
      });
      socket.onMessage(text => this._onMessage(socket, String(text)));
    });
  }

  /** Send a frame to everybody. */
  send(frame: ArrayBuffer): void {
    this.frames.push(frame);
    for (const socket of this._sockets) {
      this._give(socket, frame);
    }
  }

  /** Break all connections, as a network does. */
  async cut(code: number = 1011): Promise<void> {
    await Promise.all([...this._sockets].map(socket => socket.close({ code })));
    this._sockets.clear();
  }

  private _onMessage(socket: WebSocketRoute, text: string): void {
    const message = JSON.parse(text) as { hello?: Wire; credit?: number };
    if (message.hello) {
      this.hellos.push(message.hello);
      this.credit = 4;
      // Rows are numbered: who has some of them takes only the others.
      this.frames.forEach(frame => this._give(socket, frame));
    }
    this.credit += message.credit ?? 0;
  }

  private _give(socket: WebSocketRoute, frame: ArrayBuffer): void {
    this.credit -= 1;
    socket.send(Buffer.from(frame));
  }

  private readonly _sockets = new Set<WebSocketRoute>();
}
