import { AUDIT_TYPES } from '@qts-ops/core/client';
import { z } from 'zod';
import { type ApiApp, clientOf } from './api-app.ts';
import { dates, paging, rangeOf } from './input-schemas.ts';
import { auditView, pageOf } from './view-schemas.ts';

const listQuery = z.strictObject({
  audit_type: z.enum(AUDIT_TYPES).optional(),
  target_type: z.string().max(50).optional(),
  target_id: z.string().max(100).optional(),
  operator_id: z.string().max(100).optional(),
  ...dates,
  ...paging,
});

/** The audit log, which is only ever read here: services write it with the act itself. */
export function addAuditRoutes(app: ApiApp): void {
  app.get(
    '/admin/audit-logs',
    {
      config: { permission: 'VIEW', summary: 'Audited acts, newest first.', returns: pageOf(auditView) },
      schema: { querystring: listQuery },
    },
    (request) => {
      const { audit_type, target_type, target_id, operator_id, limit, offset } = request.query;
      return clientOf(request).auditLogs({
        auditType: audit_type,
        targetType: target_type,
        targetId: target_id,
        operatorId: operator_id,
        ...rangeOf(request.query, app.engine.config.timeZone),
        limit,
        offset,
      });
    },
  );
}
