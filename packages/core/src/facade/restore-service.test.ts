import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { backUp } from '../../test/machine-services.ts';
import { sourceTree } from '../../test/source-tree.ts';
import { RestoreService } from './restore-service.ts';

it('restores the newest verified backup, and drills it', async () => {
  using tree = sourceTree({ 'a.txt': 'one' });
  await backUp(tree);
  tree.write('a.txt', 'two');
  const { manifest } = await backUp(tree);
  const service = new RestoreService(tree.backups);
  const target = { kind: 'folder', folder: join(tree.folder, 'restored') } as const;
  expect(await service.restore({ target })).toMatchObject({ backupId: manifest.id, files: 1 });
  expect(readFileSync(join(target.folder, 'a.txt'), 'utf8')).toBe('two');
  const stateFolder = join(tree.folder, 'state');
  expect(await service.drill({ stateFolder })).toMatchObject({ outcome: 'passed', kind: 'stream' });
  await expect(service.restore({ target, set: 'none' })).rejects.toMatchObject({ code: 'INP-0842' });
});
