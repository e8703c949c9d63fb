import { type Alert, labelsOf, rankOf } from './alert.ts';
import { type AlertRoute, type AlertSettings, LOG_CHANNEL } from './alert-settings.ts';
import { matchesAll } from './match-rules.ts';
import { nextInHours } from './weekly-hours.ts';

/** One channel of a routed alert, with the route that named it first. */
export interface RoutedTo {
  readonly channelId: string;
  readonly route: AlertRoute;
}

const REMIND_MS = 4 * 3_600_000;
const REMIND_CRITICAL_MS = 1_800_000;

type RouteSettings = Pick<AlertSettings, 'routes' | 'untold'>;

/** The log is told of everything at once, whatever the routes say. */
const LOG_ROUTE: AlertRoute = { id: 'log', channels: [LOG_CHANNEL] };

/** Every channel an alert goes to: the log, and those of the routes that fit. */
export function routesOf(alert: Alert, settings: RouteSettings): readonly RoutedTo[] {
  if (settings.untold?.includes(alert.alertType) === true) return [];
  const found: RoutedTo[] = [{ channelId: LOG_CHANNEL, route: LOG_ROUTE }];
  for (const route of fittingRoutes(alert, settings.routes)) {
    for (const channelId of route.channels) {
      if (found.every((known) => known.channelId !== channelId)) found.push({ channelId, route });
    }
  }
  return found.filter(({ channelId }) => channelId !== alert.avoidChannel);
}

/** The route by which a channel gets an alert; escalations reach channels that no route names. */
export function routeTo(alert: Alert, channelId: string, settings: RouteSettings): AlertRoute {
  const routed = routesOf(alert, settings).find((known) => known.channelId === channelId);
  return routed?.route ?? { id: 'direct', channels: [channelId] };
}

/** The first route that fits and ends the search, and those before it that let it go on. */
export function fittingRoutes(alert: Alert, routes: readonly AlertRoute[]): readonly AlertRoute[] {
  const fitting: AlertRoute[] = [];
  for (const route of routes) {
    if (!routeFits(route, alert)) continue;
    fitting.push(route);
    if (route.continue !== true) break;
  }
  return fitting;
}

/** How often an alert that nobody takes is told again. */
export function remindEveryMs(alert: Alert, settings: Pick<AlertSettings, 'routes'>): number {
  const critical = alert.level === 'CRITICAL' ? REMIND_CRITICAL_MS : REMIND_MS;
  const asked = fittingRoutes(alert, settings.routes).find((route) => route.remindEveryMs !== undefined);
  return asked?.remindEveryMs ?? critical;
}

/** The first instant at which a route lets a notice of this level through. */
export function openFromMs(route: AlertRoute, level: Alert['level'], nowMs: number): number {
  const { activeHours, criticalWaits } = route;
  if (activeHours === undefined || (level === 'CRITICAL' && criticalWaits !== true)) return nowMs;
  return nextInHours(activeHours, nowMs) ?? nowMs;
}

function routeFits(route: AlertRoute, alert: Alert): boolean {
  const { minLevel, alertTypes, matchers } = route;
  if (minLevel !== undefined && rankOf(alert.level) < rankOf(minLevel)) return false;
  if (alertTypes !== undefined && !alertTypes.includes(alert.alertType)) return false;
  return matchers === undefined || matchesAll(matchers, labelsOf(alert), true);
}
