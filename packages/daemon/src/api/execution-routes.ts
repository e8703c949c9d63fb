import { z } from 'zod';
import { type ApiApp, actOf, clientOf } from './api-app.ts';
import {
  actBody,
  dates,
  flag,
  idParams,
  jobParams,
  offsetQuery,
  paging,
  rangeOf,
  startBody,
} from './input-schemas.ts';
import {
  actResult,
  executionDetail,
  executionStatus,
  executionView,
  outputChunk,
  pageOf,
  runType,
} from './view-schemas.ts';

const listQuery = z.strictObject({
  job_id: z.string().min(1).max(50).optional(),
  status: executionStatus.optional(),
  run_type: runType.optional(),
  ...dates,
  ...paging,
});

const detailQuery = z.strictObject({ include_logs: flag.default('true') });

/** Executions: what ran, what it said, start and stop. */
export function addExecutionRoutes(app: ApiApp): void {
  addReading(app);
  addActing(app);
}

function addReading(app: ApiApp): void {
  app.get(
    '/admin/batch/executions',
    {
      config: { permission: 'VIEW', summary: 'Executions, newest first.', returns: pageOf(executionView) },
      schema: { querystring: listQuery },
    },
    (request) => {
      const { job_id, status, run_type, limit, offset } = request.query;
      return clientOf(request).executions({
        jobId: job_id,
        status,
        runType: run_type,
        ...rangeOf(request.query, app.engine.config.timeZone),
        limit,
        offset,
      });
    },
  );

  app.get(
    '/admin/batch/executions/:id',
    {
      config: {
        permission: 'VIEW',
        summary: 'One execution with everything known about it.',
        returns: executionDetail,
      },
      schema: { params: idParams, querystring: detailQuery },
    },
    async (request) => {
      const detail = await clientOf(request).execution(request.params.id);
      return request.query.include_logs === 'true' ? detail : { ...detail, log: [] };
    },
  );

  app.get(
    '/admin/batch/executions/:id/output',
    {
      config: {
        permission: 'VIEW',
        summary: 'Captured output from an offset on; ask again to follow.',
        returns: outputChunk,
      },
      schema: { params: idParams, querystring: offsetQuery },
    },
    (request) => clientOf(request).output(request.params.id, request.query.offset),
  );
}

function addActing(app: ApiApp): void {
  app.post(
    '/admin/batch/executions/:job_id/start',
    {
      config: {
        permission: 'RUN',
        summary: 'Starts a MANUAL execution of a target now.',
        returns: actResult,
      },
      schema: { params: jobParams, body: startBody },
    },
    (request) => {
      const { operator_reason, params, parent_execution_id, expected_revision } = request.body;
      return clientOf(request).trigger(request.params.job_id, {
        ...actOf(request, operator_reason, expected_revision),
        params,
        parentExecutionId: parent_execution_id,
      });
    },
  );

  app.post(
    '/admin/batch/executions/:id/stop',
    {
      config: {
        permission: 'STOP',
        summary: 'Ends a READY or RUNNING execution as STOPPED.',
        returns: actResult,
      },
      schema: { params: idParams, body: actBody },
    },
    (request) => {
      const { reason, expected_revision } = request.body;
      return clientOf(request).stop(request.params.id, actOf(request, reason, expected_revision));
    },
  );
}
