import type { KeepEdit, KeepStep } from './keep-schedule.ts';
import { KeepSimulation } from './keep-simulation.ts';

/** What all the moments for one edit showed. */
export interface EditPoints {
  readonly points: number;
  readonly findings: readonly string[];
}

/** Edits a file that is about to be deleted, or its folder, right before a call of a maintenance run, call by call. */
export async function editAlong(kind: KeepEdit['kind'], stride = 1): Promise<EditPoints> {
  const findings: string[] = [];
  let points = 0;
  for (let at = 1; ; at += stride) {
    const simulation = new KeepSimulation({
      files: [0, 1, 2].map((path) => ({ path, ageDays: 40, bytes: 600, content: path })),
    });
    const step: KeepStep = {
      work: {
        kind: 'maintenance',
        backUp: 'expired-only',
        policy: 0,
        strategy: 1,
        subset: true,
        twice: false,
      },
      trouble: { kind: 'none' },
      edits: [{ at, edit: { kind, path: 1 } }],
    };
    await simulation.step(step);
    const { calls } = simulation.result();
    if (calls < at) return { points, findings };
    await simulation.endInPeace();
    points += 1;
    findings.push(...simulation.result().findings.map((text) => `call ${at}: ${text}`));
  }
}
