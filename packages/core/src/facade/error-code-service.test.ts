import { describe, expect, it } from 'vitest';
import { SPECIFICATION_ERRORS } from '../adapters/store-sql/specification-errors.ts';
import '../run/executions/execution-errors.ts';
import { ErrorCodeService } from './error-code-service.ts';

const service = new ErrorCodeService();

describe('looking up an error code', () => {
  it('tells users, operators and machines apart', () => {
    expect(service.getErrorInfo('BAT-0303')).toMatchObject({
      errorCode: 'BAT-0303',
      category: 'BAT',
      severity: 'ERROR',
      userMessage: 'The run took too long.',
      autoAlert: true,
      known: true,
    });
    expect(service.getErrorInfo('BAT-0303').actionGuide).not.toEqual([]);
    expect(new ErrorCodeService('ko').getUserMessage('BAT-0303')).toBe('처리 시간이 초과되었습니다.');
  });

  it('finds every code of the specification, by itself or by the one of ours that means the same', () => {
    expect(SPECIFICATION_ERRORS).toHaveLength(17);
    for (const [code] of SPECIFICATION_ERRORS) {
      const info = service.getErrorInfo(code);
      expect(info).toMatchObject({ known: true, category: code.split('-')[1] });
    }
    expect(service.getErrorInfo('C1-BAT-003').errorCode).toBe('BAT-0303');
  });

  it('has safe texts for a code nobody declared, and raises no alert by itself', () => {
    expect(service.getErrorInfo('C1-EXT-777')).toMatchObject({
      errorCode: 'C1-EXT-777',
      category: 'EXT',
      autoAlert: false,
      actionGuide: [],
      known: false,
    });
    expect(service.getUserMessage('postgres://kim:pw@db')).not.toContain('postgres');
    expect(service.getOpsMessage('XYZ')).toBe('unknown error code XYZ');
    expect(service.getErrorInfo('').category).toBe('SYS');
  });

  it('never tells users the cause', () => {
    for (const code of service.listCodes()) {
      const { userMessage, opsMessage } = service.getErrorInfo(code);
      expect(userMessage).not.toBe('');
      expect(userMessage).not.toBe(opsMessage);
    }
  });
});
