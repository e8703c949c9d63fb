import { z } from 'zod';
import { type ApiApp, actOf, clientOf } from './api-app.ts';
import { backupsView } from './backup-schemas.ts';
import { keepActBody } from './input-schemas.ts';
import { actResult } from './view-schemas.ts';

/** Backups as the last runs left them, and the record of acts that are done on them outside the engine. */
export function addBackupRoutes(app: ApiApp): void {
  app.get(
    '/admin/backups',
    {
      config: {
        permission: 'VIEW',
        summary: 'Backups as the last runs left them; no disk is looked at.',
        returns: backupsView,
      },
      schema: { querystring: z.strictObject({}) },
    },
    (request) => clientOf(request).backups(),
  );

  app.post(
    '/admin/backups/acts',
    {
      config: {
        permission: 'RUN',
        summary: 'Writes the audit row of an act on backups that a program does itself, such as a restore.',
        returns: actResult,
      },
      schema: { body: keepActBody },
    },
    (request) => {
      const { act, subject, reason } = request.body;
      return clientOf(request).recordKeepAct(act, { ...actOf(request, reason, undefined), subject });
    },
  );
}
