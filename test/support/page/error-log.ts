/** Runs in the page, before its own scripts: keeps its uncaught errors, where a driver tells of none. */

/** Uncaught errors and unhandled rejections, in words. */
export type ErrorLog = string[];

declare global {
  interface Window {
    errorLog: ErrorLog;
  }
}

window.errorLog = [];
window.addEventListener('error', ({ message }) => window.errorLog.push(message));
window.addEventListener('unhandledrejection', ({ reason }) => window.errorLog.push(String(reason)));
