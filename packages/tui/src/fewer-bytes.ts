const ESCAPE = '\u001b';
const NEXT_LINES = new RegExp(`(?:${ESCAPE}\\[E){2,}`, 'g');
const LOOKS = new RegExp(`(?:${ESCAPE}\\[[0-9;]*m){2,}`, 'g');

/** What one parameter of a look is about, and whether it takes the place of what was said of it before. */
type Trait = 'weight' | 'slant' | 'line' | 'inverse' | 'strike' | 'colour' | 'ground';

const TRAITS: ReadonlyMap<number, Trait> = new Map<number, Trait>([
  [1, 'weight'],
  [2, 'weight'],
  [22, 'weight'],
  [3, 'slant'],
  [23, 'slant'],
  [4, 'line'],
  [24, 'line'],
  [7, 'inverse'],
  [27, 'inverse'],
  [9, 'strike'],
  [29, 'strike'],
  [39, 'colour'],
  [49, 'ground'],
]);

/**
 * The same picture in fewer bytes, for slow lines: steps over unchanged lines become one step, and looks that follow
 * each other without a letter between them become one. What is not known is left as it is.
 */
export function fewerBytes(output: string): string {
  return output
    .replace(NEXT_LINES, (run) => `${ESCAPE}[${run.length / `${ESCAPE}[E`.length}E`)
    .replace(LOOKS, (run) => joined(run) ?? run);
}

/** One sequence that leaves the terminal in the same look as all of them; absent when one of them is not understood. */
function joined(run: string): string | undefined {
  const kept = new Map<Trait | 'reset', readonly number[]>();
  for (const sequence of run.slice(2, -1).split(`m${ESCAPE}[`)) {
    const parameters = sequence.split(';').map(Number);
    while (parameters.length > 0) {
      if (!keepNext(kept, parameters)) return undefined;
    }
  }
  return `${ESCAPE}[${[...kept.values()].flat().join(';')}m`;
}

/** Takes the next parameter, with those that belong to it; false when it is not understood. */
function keepNext(kept: Map<Trait | 'reset', readonly number[]>, parameters: number[]): boolean {
  const [first = 0, kind] = parameters;
  if (first === 0) {
    kept.clear();
    kept.set('reset', parameters.splice(0, 1));
    return true;
  }
  const trait = TRAITS.get(first) ?? colourTrait(first);
  if (trait === undefined) return false;
  if (first !== 38 && first !== 48) {
    const taken = parameters.splice(0, 1);
    // Bold and dim add up until both are taken away.
    kept.set(trait, trait === 'weight' && first !== 22 ? [...(kept.get(trait) ?? []), ...taken] : taken);
    return true;
  }
  const count = kind === 5 ? 3 : kind === 2 ? 5 : Number.POSITIVE_INFINITY;
  if (parameters.length < count) return false;
  kept.set(trait, parameters.splice(0, count));
  return true;
}

function colourTrait(parameter: number): Trait | undefined {
  if ((parameter >= 30 && parameter <= 38) || (parameter >= 90 && parameter <= 97)) return 'colour';
  const ground = (parameter >= 40 && parameter <= 48) || (parameter >= 100 && parameter <= 107);
  return ground ? 'ground' : undefined;
}
