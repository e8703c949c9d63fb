import { reasonProblem } from '@qts-ops/core/client';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AlertAct, isAlertAct } from '../src/state/act.ts';
import type { SeenRequest } from './recorded-acts.ts';
import { RecordedEngine } from './recorded-client.ts';
import { executionId, NOW_MS, snapshotOf, targetView } from './recorded-data.ts';
import { RecordedScreen } from './recorded-screen.ts';
import { ALERTS, SILENCES } from './recorded-watch.ts';

/** What may happen to a screen: keys in chunks of any size, a list that moves, a connection that comes and goes. */
type Step =
  | { readonly kind: 'keys'; readonly text: string }
  | { readonly kind: 'key'; readonly name: string }
  | { readonly kind: 'paste'; readonly text: string }
  | { readonly kind: 'act'; readonly key: string; readonly reason: string; readonly waitMs: number }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'fail' | 'heal' | 'pause' | 'unpause' | 'run' | 'end'; readonly target: number }
  | { readonly kind: 'raise' | 'resolve' | 'take'; readonly target: number }
  | { readonly kind: 'lose' | 'restore' | 'restart' | 'hold' | 'release' }
  | { readonly kind: 'loseAct'; readonly when: 'before' | 'after' };

type EngineStep = Exclude<Step, { kind: 'keys' | 'key' | 'act' | 'paste' | 'wait' }>;

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];

const target = fc.nat({ max: NAMES.length - 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('keys' as const),
      text: fc.string({
        unit: fc.constantFrom(...'jjkkgGrpxcausyyn/!F122222345666leq \r\u001b'),
        maxLength: 6,
      }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('key' as const),
      name: fc.constantFrom('up', 'down', 'enter', 'esc', 'y', 'n', 'left', 'tab', 'ctrl-r', 'pgdn'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('act' as const),
      key: fc.constantFrom('r', 'p', 'x', 'c', 'a', 'u', 's'),
      reason: fc.constantFrom(
        'because',
        'the venue is back again',
        'vendor fixed its feed',
        '          ',
        '거래소 점검이 끝났습니다',
      ),
      waitMs: fc.constantFrom(0, 399, 400, 400, 400, 1_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('paste' as const),
      text: fc.constantFrom('the venue is back again', 'y', 'r\ny\n'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.constantFrom(10, 100, 400, 600, 3_000, 6_000),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'fail' as const,
        'heal' as const,
        'pause' as const,
        'unpause' as const,
        'run' as const,
        'end' as const,
        'raise' as const,
        'resolve' as const,
        'take' as const,
      ),
      target,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'lose' as const,
        'restore' as const,
        'restore' as const,
        'restart' as const,
        'hold' as const,
        'release' as const,
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('loseAct' as const),
      when: fc.constantFrom('before' as const, 'after' as const),
    }),
  },
);

/** Watches one screen: what was selected when each dialog opened, and that nothing is sent in deaf time. */
class Witness {
  readonly screen: RecordedScreen;
  /** By request id: the subject a person saw when the dialog opened. */
  readonly meant = new Map<string, string>();

  constructor(screen: RecordedScreen) {
    this.screen = screen;
  }

  press(key: string): void {
    const before = this.screen.state;
    const { dialog } = before;
    const deaf = dialog !== undefined && this.screen.clock.nowMs() < dialog.deafUntilMs;
    this.screen.press(key);
    if (deaf && dialog.step.kind !== 'sending')
      expect(this.screen.state.dialog?.step.kind).not.toBe('sending');
    const opened = this.screen.state.dialog;
    if (dialog !== undefined || opened === undefined) return;
    const row = before[before.tab].place.selectedId;
    const onRun = before.tab === 'executions' || before.pages.at(-1)?.kind === 'log';
    const running = before.world.targets.get(row ?? '')?.running?.executionId;
    const page = before.pages.at(-1);
    if (isAlertAct(opened.act)) {
      this.meant.set(
        opened.requestId,
        this.#alertMeant(opened.act, page?.kind === 'alert' ? page.alertId : row),
      );
      return;
    }
    if (opened.act === 'unsilence') {
      this.meant.set(opened.requestId, (page?.kind === 'silence' ? page.silenceId : row) ?? '?');
      return;
    }
    const seen = page?.kind === 'log' ? page.executionId : row;
    this.meant.set(opened.requestId, opened.act === 'stop' && !onRun ? (running ?? '?') : (seen ?? '?'));
  }

  /** A silence is about the key of the alert, everything else about its id. */
  #alertMeant(act: AlertAct, id = '?'): string {
    return act === 'silence' ? `dedupKey=${this.screen.engine.alert(id).dedupKey}` : id;
  }
}

function changeAlert(engine: RecordedEngine, kind: 'raise' | 'resolve' | 'take', index: number): void {
  const recorded = ALERTS[index % 4];
  if (recorded === undefined) return;
  const alert = engine.alert(recorded.id);
  if (kind === 'raise')
    engine.putAlert({ ...alert, state: 'firing', level: 'CRITICAL', count: alert.count + 1 });
  else if (kind === 'resolve') engine.putAlert({ ...alert, state: 'resolved', resolvedAtMs: NOW_MS });
  else engine.putAlert({ ...alert, state: 'acknowledged', acknowledgedBy: 'bob' });
}

async function perform(witness: Witness, step: Step): Promise<void> {
  const { screen } = witness;
  switch (step.kind) {
    case 'keys':
      for (const letter of step.text) witness.press(nameOf(letter));
      break;
    case 'key':
      witness.press(step.name);
      break;
    case 'act':
      performAct(witness, step);
      break;
    case 'paste':
      screen.control.paste(step.text);
      break;
    case 'wait':
      await screen.advance(step.ms);
      screen.engine.beat();
      break;
    case 'restore':
      changeEngine(screen.engine, step);
      screen.engine.release();
      await screen.advance(10_000);
      screen.engine.beat();
      break;
    default:
      changeEngine(screen.engine, step);
  }
  await screen.settle();
}

/** The whole way of an act, waited for long enough or not. */
function performAct(witness: Witness, step: Extract<Step, { kind: 'act' }>): void {
  const { screen } = witness;
  if (step.waitMs > 0) witness.press('esc');
  witness.press(step.key);
  screen.clock.advance(step.waitMs);
  if (screen.state.dialog !== undefined) screen.type(step.reason);
  witness.press('enter');
  screen.clock.advance(step.waitMs);
  witness.press('y');
}

function changeEngine(engine: RecordedEngine, step: EngineStep): void {
  const name = 'target' in step ? (NAMES[step.target] ?? 'a') : 'a';
  const target = engine.target(name);
  const changes: Readonly<Record<EngineStep['kind'], () => void>> = {
    fail: () =>
      engine.change(name, { consecutiveErrors: target.consecutiveErrors + 1, lastStatus: 'FAILED' }),
    heal: () => engine.change(name, { consecutiveErrors: 0, lastStatus: 'SUCCESS' }),
    pause: () =>
      engine.change(name, { pause: { operatorId: 'bob', atMs: NOW_MS, reason: 'bob has his reasons' } }),
    unpause: () => engine.drop(name, 'pause'),
    run: () => engine.change(name, { running: runOf(9_000 + engine.snapshot.seq) }),
    end: () => engine.drop(name, 'running'),
    raise: () => changeAlert(engine, 'raise', NAMES.indexOf(name)),
    resolve: () => changeAlert(engine, 'resolve', NAMES.indexOf(name)),
    take: () => changeAlert(engine, 'take', NAMES.indexOf(name)),
    lose: () => engine.lose(),
    restore: () => {
      engine.down = false;
    },
    restart: () => engine.restart(`boot-${engine.snapshot.seq}`),
    hold: () => {
      engine.hold = true;
    },
    release: () => engine.release(),
    loseAct: () => {
      engine.loseNextAct = step.kind === 'loseAct' ? step.when : 'before';
    },
  };
  changes[step.kind]();
}

function runOf(number: number) {
  return { executionId: executionId(number), runType: 'AUTO' as const, startedAtMs: NOW_MS, stopping: false };
}

function nameOf(letter: string): string {
  if (letter === '\r') return 'enter';
  if (letter === ' ') return 'space';
  return letter === '\u001b' ? 'esc' : letter;
}

describe('whatever happens to the list, the keys and the connection', () => {
  it('acts on what was selected when the dialog opened, with a reason, once, and never in deaf time', async () => {
    let sent = 0;
    let onAlerts = 0;
    let onSilences = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async (steps) => {
        const engine = new RecordedEngine(snapshotOf(NAMES.map((id) => targetView(id))));
        engine.silences = SILENCES;
        await using screen = await RecordedScreen.open({ engine });
        const witness = new Witness(screen);
        for (const each of steps) await perform(witness, each);
        engine.release();
        await screen.settle();
        sent += engine.requests.length;
        onSilences += engine.requests.filter(({ act }) => act === 'unsilence').length;
        onAlerts += engine.requests.filter(({ act }) => isAlertAct(act)).length;
        for (const request of engine.requests) expectMeant(request, witness);
        const done = engine.effects.map(({ requestId }) => requestId);
        expect(new Set(done).size).toBe(done.length);
      }),
      { numRuns: 500, seed: 20_261_120 },
    );
    // The steps are useful only when they often lead to a request.
    expect(sent).toBeGreaterThan(200);
    expect(onAlerts).toBeGreaterThan(20);
    expect(onSilences).toBeGreaterThan(5);
  });
});

function expectMeant(request: SeenRequest, witness: Witness): void {
  expect(reasonProblem(request.reason, request.act)).toBeUndefined();
  if (!isAlertAct(request.act) && request.act !== 'unsilence') expect(request.expectedRevision).toBeDefined();
  const meant = witness.meant.get(request.requestId ?? '');
  // A request that was refused for its revision is asked again under a new id; its dialog opened under the first.
  if (meant !== undefined) expect(request.subject).toBe(meant);
  else expect([...witness.meant.values()]).toContain(request.subject);
}
