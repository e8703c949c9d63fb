export type { ApiEngine, ApiReports } from './api/api-app.ts';
export { type SocketServer, serveSocket } from './api/serve-socket.ts';
export { main } from './main.ts';
